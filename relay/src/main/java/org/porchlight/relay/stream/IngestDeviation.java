package org.porchlight.relay.stream;

/** What a source did against the rules and the relay put right; counted per source for its diagnosis. */
public enum IngestDeviation {
    SSRC_CHANGED("The camera changes its SSRC while it plays. Harmless here; a firmware update may end it."),
    SEQUENCE_RESTARTED("The camera restarts its RTP sequence while it plays: look for encoder restarts in its log."),
    TIMESTAMP_JUMPED("The camera's RTP timestamps jump: set its clock by NTP and turn variable frame rate off."),
    TIMESTAMP_BACKWARDS("The camera's RTP timestamps run backwards: turn B-frames off or update its firmware."),
    PAYLOAD_TYPE_UNDECLARED("The camera sends another RTP payload type than its session description says."),
    STRAY_PAYLOAD_TYPE(
            "The camera mixes packets of a payload type that it did not declare into the track; they are left out."),
    RTCP_ON_RTP_CHANNEL("The camera sends RTCP on the RTP channel."),
    RTP_ON_RTCP_CHANNEL("The camera sends RTP on the RTCP channel."),
    NO_SENDER_REPORTS(
            "The camera sends no RTCP sender reports: its clock is unknown, times shown are those of arrival."),
    NO_KEYFRAME(
            "The camera sends no keyframe that a decoder could start with: set a keyframe interval of 1 to 4 seconds."),
    OVERSIZED_PACKET(
            "The camera sends RTP packets larger than a datagram, which are cut for viewers over UDP: lower its RTP packet size below 1,400 bytes."),
    MALFORMED_RTP("The camera sends packets that are not RTP.");

    private final String advice;

    IngestDeviation(String advice) {
        this.advice = advice;
    }

    /** What it means and which camera setting to change, in one or two sentences. */
    public String advice() {
        return advice;
    }
}
