package org.porchlight.relay.metrics;

/**
 * Every counter of the relay, declared once. A constant is one time series: those that share a name differ in the value of one tag, which
 * names a reason, a rung or a scope and never grows with viewers or cameras. Loops count into {@link LoopCounters}.
 */
public enum Counter {
    // What comes in.
    RECEIVED_PACKETS("received_packets_total", "RTP packets taken from cameras and publishers"),
    RECEIVED_BYTES(
            "received_bytes_total", "Bytes of RTP packets taken from cameras and publishers, RTP header included"),
    RECEIVED_FRAMES("received_frames_total", "Video frames (access units) completed by their last packet"),
    RECEIVED_KEYFRAMES("received_keyframes_total", "Video frames with which a decoder can start"),
    LOST_PACKETS("lost_packets_total", "Sequence numbers that never came, after reordering had waited for them"),
    REORDERED_PACKETS("reordered_packets_total", "RTP packets that came late and were put back in order"),
    MALFORMED_PAYLOADS(
            "malformed_payloads_total", "RTP packets relayed although their payload is damaged or senseless"),
    DISCARDED_DUPLICATE("discarded_packets_total", "reason", "duplicate", Text.DISCARDED),
    DISCARDED_LATE("discarded_packets_total", "reason", "late", Text.DISCARDED),
    DISCARDED_TOO_SHORT("discarded_packets_total", "reason", "too_short", Text.DISCARDED),
    DISCARDED_VERSION("discarded_packets_total", "reason", "version", Text.DISCARDED),
    DISCARDED_MALFORMED("discarded_packets_total", "reason", "malformed", Text.DISCARDED),
    DISCARDED_TOO_LARGE("discarded_packets_total", "reason", "too_large", Text.DISCARDED),
    DISCARDED_PAYLOAD_TYPE("discarded_packets_total", "reason", "payload_type", Text.DISCARDED),
    DISCARDED_CHANNEL("discarded_packets_total", "reason", "channel", Text.DISCARDED),
    KERNEL_DROPPED_DATAGRAMS(
            "kernel_dropped_datagrams_total",
            "Datagrams of cameras that the kernel dropped because their socket's buffer was full"),
    DISCARDED_SENDER("discarded_packets_total", "reason", "sender", Text.DISCARDED),
    CONTINUED_SSRC("source_continued_total", "cause", "ssrc", Text.CONTINUED),
    CONTINUED_SEQUENCE("source_continued_total", "cause", "sequence", Text.CONTINUED),
    CONTINUED_TIMESTAMP("source_continued_total", "cause", "timestamp", Text.CONTINUED),
    CONTINUED_SOURCE("source_continued_total", "cause", "source", Text.CONTINUED),
    GARBAGE_BYTES("interleaved_garbage_bytes_total", "Bytes skipped between interleaved frames to find the next one"),
    GARBAGE_RUNS("interleaved_resyncs_total", "Times that framing was lost between interleaved frames and found again"),
    RTCP_RECEIVED("rtcp_received_total", "RTCP compound packets received"),
    RTCP_SENT("rtcp_sent_total", "RTCP compound packets sent"),
    RTCP_MALFORMED("rtcp_malformed_total", "RTCP packets received that do not follow RFC 3550 section 6"),

    // Sources.
    SOURCE_CONNECTS("source_connects_total", "Attempts to connect to a camera"),
    SOURCE_RECONNECTS("source_reconnects_total", "Attempts to connect to a camera that follow the loss of it"),
    SOURCE_PLAYING("source_playing_total", "Cameras that began to play"),
    SOURCE_FAILED_UNREACHABLE("source_failures_total", "reason", "unreachable", Text.SOURCE_FAILED),
    SOURCE_FAILED_TLS("source_failures_total", "reason", "tls", Text.SOURCE_FAILED),
    SOURCE_FAILED_CREDENTIALS("source_failures_total", "reason", "credentials", Text.SOURCE_FAILED),
    SOURCE_FAILED_REFUSED("source_failures_total", "reason", "refused", Text.SOURCE_FAILED),
    SOURCE_FAILED_PROTOCOL("source_failures_total", "reason", "protocol", Text.SOURCE_FAILED),
    SOURCE_FAILED_TIMEOUT("source_failures_total", "reason", "timeout", Text.SOURCE_FAILED),
    SOURCE_FAILED_CLOSED("source_failures_total", "reason", "closed", Text.SOURCE_FAILED),
    SOURCE_FAILED_FLOOD("source_failures_total", "reason", "flood", Text.SOURCE_FAILED),
    SOURCE_TCP_FALLBACKS("source_tcp_fallbacks_total", "Cameras taken over TCP because nothing came over UDP"),
    PUBLISHERS_OPENED("publishers_opened_total", "Publishers that began to record"),
    PUBLISHERS_REPLACED("publishers_closed_total", "reason", "replaced", Text.PUBLISHER_CLOSED),
    PUBLISHERS_TEARDOWN("publishers_closed_total", "reason", "teardown", Text.PUBLISHER_CLOSED),
    PUBLISHERS_DISCONNECTED("publishers_closed_total", "reason", "disconnected", Text.PUBLISHER_CLOSED),
    PUBLISHERS_TIMEOUT("publishers_closed_total", "reason", "timeout", Text.PUBLISHER_CLOSED),
    PUBLISHERS_CUT("publishers_closed_total", "reason", "cut", Text.PUBLISHER_CLOSED),
    PUBLISHERS_FLOOD("publishers_closed_total", "reason", "flood", Text.PUBLISHER_CLOSED),
    PUBLISHERS_ERROR("publishers_closed_total", "reason", "error", Text.PUBLISHER_CLOSED),
    PUBLISHERS_SHUTDOWN("publishers_closed_total", "reason", "shutdown", Text.PUBLISHER_CLOSED),

    // What goes out.
    SENT_PACKETS("sent_packets_total", "RTP packets handed to the kernel for viewers"),
    SENT_BYTES("sent_bytes_total", "Bytes of RTP packets and their framing handed to the kernel for viewers"),
    SENT_WRITES("sent_writes_total", "Writes of media to viewers' sockets, about one system call each"),
    VIEWERS_OPENED("viewers_opened_total", "Viewers that began to play"),
    VIEWERS_TEARDOWN("viewers_closed_total", "reason", "teardown", Text.VIEWER_CLOSED),
    VIEWERS_DISCONNECTED("viewers_closed_total", "reason", "disconnected", Text.VIEWER_CLOSED),
    VIEWERS_TIMEOUT("viewers_closed_total", "reason", "timeout", Text.VIEWER_CLOSED),
    VIEWERS_TOO_SLOW("viewers_closed_total", "reason", "too_slow", Text.VIEWER_CLOSED),
    VIEWERS_CUT("viewers_closed_total", "reason", "cut", Text.VIEWER_CLOSED),
    VIEWERS_LEASE_EXPIRED("viewers_closed_total", "reason", "lease_expired", Text.VIEWER_CLOSED),
    VIEWERS_SOURCE_GONE("viewers_closed_total", "reason", "source_gone", Text.VIEWER_CLOSED),
    VIEWERS_ERROR("viewers_closed_total", "reason", "error", Text.VIEWER_CLOSED),
    VIEWERS_SHUTDOWN("viewers_closed_total", "reason", "shutdown", Text.VIEWER_CLOSED),
    STALE_TO_KEYFRAME("viewer_staleness_total", "rung", "to_keyframe", Text.STALE),
    STALE_THINNED("viewer_staleness_total", "rung", "thinned", Text.STALE),
    STALE_KEYFRAMES_ONLY("viewer_staleness_total", "rung", "keyframes_only", Text.STALE),
    STALE_SUB_STREAM("viewer_staleness_total", "rung", "sub_stream", Text.STALE),
    STALE_DISCONNECTED("viewer_staleness_total", "rung", "disconnected", Text.STALE),
    STALE_RECOVERED("viewer_staleness_total", "rung", "recovered", Text.STALE),
    VIEWER_DROPPED_PACKETS("viewer_dropped_packets_total", "RTP packets not sent to a viewer because it was behind"),
    VIEWER_DROPPED_BYTES(
            "viewer_dropped_bytes_total", "Bytes of RTP packets not sent to a viewer because it was behind"),
    RETRANSMITTED_PACKETS("retransmitted_packets_total", "RTP packets sent again because a viewer asked for them"),
    RETRANSMISSIONS_WITHHELD(
            "retransmissions_withheld_total",
            "RTP packets that a viewer asked for again and that were too old, or too many at once"),
    KEYFRAMES_REQUESTED("keyframe_requests_total", "answer", "source", Text.KEYFRAME_REQUEST),
    KEYFRAMES_FROM_CACHE("keyframe_requests_total", "answer", "cache", Text.KEYFRAME_REQUEST),
    KEYFRAMES_WITHHELD("keyframe_requests_total", "answer", "withheld", Text.KEYFRAME_REQUEST),

    // WebRTC's port.
    WEBRTC_OPENED("webrtc_sessions_opened_total", "WebRTC sessions opened, connected or not"),
    WEBRTC_CLOSED_NEVER_CONNECTED("webrtc_sessions_closed_total", "reason", "never_connected", Text.WEBRTC_CLOSED),
    WEBRTC_CLOSED_HANDSHAKE("webrtc_sessions_closed_total", "reason", "handshake", Text.WEBRTC_CLOSED),
    WEBRTC_CLOSED_OVERLOADED("webrtc_sessions_closed_total", "reason", "overloaded", Text.WEBRTC_CLOSED),
    WEBRTC_CLOSED_CONSENT("webrtc_sessions_closed_total", "reason", "vanished", Text.WEBRTC_CLOSED),
    WEBRTC_CLOSED_PEER("webrtc_sessions_closed_total", "reason", "peer", Text.WEBRTC_CLOSED),
    WEBRTC_CLOSED_US("webrtc_sessions_closed_total", "reason", "relay", Text.WEBRTC_CLOSED),
    WEBRTC_RECEIVED("webrtc_received_packets_total", "Packets on WebRTC's port that a session took, media or not"),
    WEBRTC_DISCARDED_UNKNOWN("webrtc_discarded_packets_total", "reason", "unknown", Text.WEBRTC_DISCARDED),
    WEBRTC_DISCARDED_MALFORMED("webrtc_discarded_packets_total", "reason", "malformed", Text.WEBRTC_DISCARDED),
    WEBRTC_DISCARDED_UNAUTHENTICATED(
            "webrtc_discarded_packets_total", "reason", "unauthenticated", Text.WEBRTC_DISCARDED),
    WEBRTC_DISCARDED_REPLAYED("webrtc_discarded_packets_total", "reason", "replayed", Text.WEBRTC_DISCARDED),
    WEBRTC_DISCARDED_EARLY("webrtc_discarded_packets_total", "reason", "before_keys", Text.WEBRTC_DISCARDED),
    WEBRTC_DISCARDED_RATE("webrtc_discarded_packets_total", "reason", "rate", Text.WEBRTC_DISCARDED),
    WEBRTC_DISCARDED_BUSY("webrtc_discarded_packets_total", "reason", "busy", Text.WEBRTC_DISCARDED),
    WEBRTC_SOCKET_ERRORS("webrtc_socket_errors_total", "Errors that the network reported on WebRTC's port"),

    // Inside.
    BATCHES("batches_total", "Batches of packets that streams published"),
    HANDOVERS("handovers_total", "Batches handed from one event loop to another"),
    FAN_OUT_OVERFLOWS("fan_out_overflows_total", "Batches that found the queue between two event loops full"),
    GOP_CACHE_SHRUNK(
            "gop_cache_shrunk_total", "Cached GOPs cut down to their keyframe to stay within the memory budget"),
    LOOP_STALLS("loop_stalls_total", "Times that an event loop was late by more than the stall threshold"),

    // At the door.
    CONNECTIONS_ACCEPTED("connections_accepted_total", "Connections accepted on the media listeners"),
    CONNECTIONS_REFUSED_LIMIT("connections_refused_total", "reason", "limit", Text.CONNECTION_REFUSED),
    CONNECTIONS_REFUSED_ADDRESS_LIMIT("connections_refused_total", "reason", "address_limit", Text.CONNECTION_REFUSED),
    CONNECTIONS_REFUSED_TLS("connections_refused_total", "reason", "tls", Text.CONNECTION_REFUSED),
    CONNECTIONS_REFUSED_SILENT("connections_refused_total", "reason", "silent", Text.CONNECTION_REFUSED),
    REQUESTS_RECEIVED("rtsp_requests_total", "RTSP requests received"),
    REQUESTS_MALFORMED("rtsp_requests_refused_total", "reason", "malformed", Text.REQUEST_REFUSED),
    REQUESTS_TOO_LARGE("rtsp_requests_refused_total", "reason", "too_large", Text.REQUEST_REFUSED),
    REQUESTS_WRONG_STATE("rtsp_requests_refused_total", "reason", "wrong_state", Text.REQUEST_REFUSED),
    REQUESTS_UNSUPPORTED("rtsp_requests_refused_total", "reason", "unsupported", Text.REQUEST_REFUSED),
    WHIP_REQUESTS("whip_requests_total", "WHIP and WHEP requests received"),
    WHIP_MALFORMED("whip_requests_refused_total", "reason", "malformed", Text.WHIP_REFUSED),
    WHIP_TOO_LARGE("whip_requests_refused_total", "reason", "too_large", Text.WHIP_REFUSED),
    WHIP_UNSUPPORTED("whip_requests_refused_total", "reason", "unsupported", Text.WHIP_REFUSED),
    ADMISSION_PERMIT("admission_answers_total", "code", "permit", Text.ADMISSION),
    ADMISSION_AUTHENTICATION_REQUIRED("admission_answers_total", "code", "authentication_required", Text.ADMISSION),
    ADMISSION_FORBIDDEN("admission_answers_total", "code", "forbidden", Text.ADMISSION),
    ADMISSION_NOT_FOUND("admission_answers_total", "code", "not_found", Text.ADMISSION),
    ADMISSION_QUOTA("admission_answers_total", "code", "quota", Text.ADMISSION),
    ADMISSION_UNAVAILABLE("admission_answers_total", "code", "unavailable", Text.ADMISSION),
    CUTS_SESSION("cuts_total", "scope", "session", Text.CUT),
    CUTS_CAMERA("cuts_total", "scope", "camera", Text.CUT),
    CUTS_PERSON("cuts_total", "scope", "person", Text.CUT),
    CUTS_PROGRAMME("cuts_total", "scope", "programme", Text.CUT),
    CUTS_EPOCH("cuts_total", "scope", "epoch", Text.CUT),
    CUT_SESSIONS("cut_sessions_total", "Sessions ended by cuts");

    /** Descriptions that several constants share; a nested class, because constants are made before the enum's own static fields. */
    private static final class Text {
        static final String DISCARDED = "RTP packets received and not relayed, by reason";
        static final String CONTINUED = "Breaks of a source that viewers were carried across, by what broke";
        static final String SOURCE_FAILED = "Connections to cameras that failed or were lost, by reason";
        static final String PUBLISHER_CLOSED = "Publishers that ended, by reason";
        static final String VIEWER_CLOSED = "Viewers that ended, by reason";
        static final String STALE = "Steps of the staleness ladder taken by viewers that were behind, by rung";
        static final String KEYFRAME_REQUEST = "Keyframes that viewers asked for, by who answered";
        static final String CONNECTION_REFUSED =
                "Connections to the media listeners that were closed before their first request";
        static final String REQUEST_REFUSED = "RTSP requests refused for bad manners, by reason";
        static final String WHIP_REFUSED = "WHIP and WHEP requests refused for bad manners, by reason";
        static final String ADMISSION = "Answers of admission, by code";
        static final String WEBRTC_CLOSED = "WebRTC sessions that ended, by reason";
        static final String WEBRTC_DISCARDED = "Packets on WebRTC's port that no session took, by reason";
        static final String CUT = "Cuts carried out, by scope";
    }

    private final String meterName;
    private final String tagKey;
    private final String tagValue;
    private final String description;

    Counter(String name, String description) {
        this(name, "", "", description);
    }

    Counter(String name, String tagKey, String tagValue, String description) {
        this.meterName = "porchlight_" + name;
        this.tagKey = tagKey;
        this.tagValue = tagValue;
        this.description = description;
    }

    /** Full name of the meter; ends in {@code _total}, with the unit before it where it is not a number of things. */
    public String meterName() {
        return meterName;
    }

    /** Key of its only tag; empty: none. */
    public String tagKey() {
        return tagKey;
    }

    /** Value of its only tag; empty: none. */
    public String tagValue() {
        return tagValue;
    }

    /** What is counted, in one line. */
    public String description() {
        return description;
    }
}
