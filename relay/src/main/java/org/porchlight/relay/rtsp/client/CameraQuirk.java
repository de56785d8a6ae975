package org.porchlight.relay.rtsp.client;

/** A rule that a camera breaks and that was forgiven, with a sentence for whoever set the camera up. */
public enum CameraQuirk {
    // Session description.
    SDP_FLAWED(
            "The session description has formal errors; they do no harm here, but other receivers may refuse it: look for newer firmware."),
    SDP_FORMAT_GUESSED(
            "The session description does not say how a track is encoded; the encoding was guessed. Set the codec explicitly (H.264 or H.265) instead of automatic."),
    SDP_CLOCK_WRONG(
            "The session description names an RTP clock that its codec does not have; the codec's own is used."),
    SDP_PAYLOAD_TYPE_MISMATCH(
            "rtpmap and m-line of the session description name different payload types; look for newer firmware."),
    CONTROL_MISSING("Tracks carry no control URL; usual names were tried."),
    CONTROL_URL_OTHER_HOST(
            "URLs in the session description name another host or port than the camera's; set its external address or switch its NAT option off."),
    CONTROL_URL_UNREADABLE(
            "A URL in the session description or its Content-Base cannot be read; the request URL is used."),

    // RTSP messages.
    CSEQ_MISSING("Answers carry no CSeq; look for newer firmware."),
    CSEQ_WRONG("Answers carry a wrong CSeq; look for newer firmware."),
    SESSION_MISSING("SETUP is answered without session id; look for newer firmware."),
    SESSION_CHANGED("The session id changes between tracks; the newest is used."),
    OPTIONS_REFUSED("OPTIONS is refused or not answered; it is left out."),
    GARBAGE("Stray bytes stand between interleaved frames; switch the transport to UDP or look for newer firmware."),
    REQUESTS_FROM_CAMERA("The camera sends requests of its own; they are answered."),
    TRACK_REFUSED("The camera refuses to set up an audio or metadata track that it describes; that track is left out."),
    RANGE_REFUSED("PLAY with a Range is refused; it is sent without."),
    PLAY_PER_TRACK("The camera plays each track on its own request; it does not know aggregate control."),

    // Authentication.
    AUTHENTICATION_REALM_CHANGES("The realm changes from request to request."),
    AUTHENTICATION_CLOSES("The camera closes the connection when it asks for credentials."),
    BASIC_IN_CLEAR(
            "The password travels readable over the network (Basic without TLS); switch the camera to Digest authentication or to RTSPS."),
    NONCE_NOT_REUSED("Each request needs a new challenge; every request is sent twice."),

    // Transport.
    TRANSPORT_MISSING("SETUP is answered without Transport; what was asked for is assumed."),
    TRANSPORT_REFUSED("The camera refuses the transport that is asked for first (461)."),
    TRANSPORT_PINNED(
            "The camera does not deliver by the only transport that its entry here allows: set its transport to auto or auto-udp, or enable that transport at the camera."),
    TRANSPORT_NOT_AS_ASKED("The camera answers SETUP with another transport than asked for."),
    INTERLEAVED_CHANNELS(
            "Packets come on other interleaved channels than agreed; they were matched by payload type or SSRC."),
    RTCP_ON_RTP_CHANNEL("RTCP comes on the channel of RTP."),
    RTP_ON_RTCP_CHANNEL("RTP comes on the channel of RTCP."),
    UDP_OTHER_PORT("Packets come from another port than the camera announced; that port was accepted."),
    UDP_OTHER_HOST("Packets come from another address than the camera's, as its Transport header announced."),
    UDP_SILENT(
            "Nothing comes over UDP: open the firewall for UDP from the camera, or set its transport to auto or tcp here."),
    KERNEL_DROPS(
            "This machine's kernel dropped datagrams of the camera because its socket's buffer was full: raise net.core.rmem_max to 4 MiB or more, or set the camera's transport to auto or tcp."),
    DATA_BEFORE_PLAY("Media comes before PLAY is answered."),

    KEYFRAME_REQUESTS_IGNORED(
            "The camera does not answer requests for a keyframe, so they are left out; viewers wait for its own. Set a keyframe interval of 1 to 4 seconds."),

    // Keepalive.
    KEEPALIVE_GET_PARAMETER_REFUSED("GET_PARAMETER does not keep the session alive."),
    KEEPALIVE_OPTIONS_REFUSED("OPTIONS does not keep the session alive."),
    KEEPALIVE_SET_PARAMETER_REFUSED("SET_PARAMETER does not keep the session alive."),
    SESSION_LOST(
            "The camera forgot the session (454) while it was in use; check its session time-out and its limit of simultaneous streams."),

    // Tunnel and TLS.
    TLS_NOT_VERIFIED("The camera's certificate is not verified, as configured; pin its fingerprint instead.");

    private final String advice;

    CameraQuirk(String advice) {
        this.advice = advice;
    }

    /** What it means and what to change, one or two sentences. */
    public String advice() {
        return advice;
    }
}
