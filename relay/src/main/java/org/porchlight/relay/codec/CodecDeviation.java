package org.porchlight.relay.codec;

/** A way in which a camera departs from its payload format and which the relay tolerates, with what to change in the camera. */
public enum CodecDeviation {
    /** The marker bit is set before the last packet of a frame. */
    MARKER_WITHIN_FRAME("Update the camera's firmware: it sets the RTP marker before a frame is complete."),
    /** The marker bit is set on parameter sets or SEI ahead of the picture. */
    MARKER_ON_PARAMETER_SETS("Nothing needs to change; a firmware update may stop the RTP marker on parameter sets."),
    /** A frame ended without the marker bit. */
    MARKER_MISSING(
            "Update the camera's firmware: without the RTP marker each frame is known to be complete only when the next begins."),
    /** A new picture has the timestamp of the one before. */
    TIMESTAMP_REPEATED(
            "Set the camera to progressive video, or update its firmware: two pictures share one RTP timestamp."),
    /** A packet without any payload. */
    EMPTY_PAYLOAD("Update the camera's firmware: it sends RTP packets without content."),
    /** A fragment that no start fragment came before, though no packet is missing. */
    FRAGMENT_WITHOUT_START(
            "Update the camera's firmware, or lower the bit rate: it leaves out the first fragment of a picture."),
    /** The next unit began before the end fragment came, though no packet is missing. */
    FRAGMENT_WITHOUT_END(
            "Update the camera's firmware, or lower the bit rate: it leaves out the last fragment of a picture."),
    /** One fragment says that it is the first and the last. */
    FRAGMENT_START_AND_END("Nothing needs to change; the camera fragments units that fit one packet."),
    /** Annex B start codes inside an RTP payload. */
    START_CODE_IN_PAYLOAD(
            "Choose another stream profile or firmware: the camera puts byte stream start codes into RTP."),
    /** A unit type or header that the payload format does not have. */
    RESERVED_TYPE("Turn off vendor extensions such as smart codecs: the camera sends units of a reserved type."),
    /** Lengths inside the payload reach beyond it, or mandatory bits are wrong. */
    DAMAGED_PAYLOAD("Use TCP or check the network: payloads arrive damaged."),
    /** A parameter set that cannot be read, or is larger than any sensible one. */
    PARAMETER_SET_UNREADABLE("Reset the camera's video settings: its parameter sets cannot be read."),
    /** More different parameter sets than are kept. */
    TOO_MANY_PARAMETER_SETS("Reset the camera's video settings: it changes its parameter sets without end."),
    /** The session description has no parameter sets; those in the stream were used. */
    PARAMETER_SETS_NOT_DESCRIBED(
            "Nothing needs to change; the first picture comes sooner when the camera describes its parameter sets."),
    /** The session description's parameter sets are not those in the stream. */
    PARAMETER_SETS_DIFFER("Nothing needs to change; a restart of the camera may bring its description up to date."),
    /** The session description does not allow the fragments or aggregates that are sent. */
    PACKETIZATION_MODE_WRONG("Nothing needs to change; the description given to viewers is put right."),
    /** Fragments of the description could not be read. */
    DESCRIPTION_UNREADABLE("Update the camera's firmware: the format parameters of its description cannot be read."),
    /** The payload descriptor says of predicted pictures that they are none. */
    PREDICTION_NOT_DESCRIBED(
            "Update the camera's firmware: its VP9 descriptors call every picture independent of those before."),
    /** No keyframes, only a gradual refresh. */
    INTRA_REFRESH(
            "Turn off intra refresh, or set an I-frame interval of 1 to 2 seconds: viewers see grey until the refresh is through."),
    /** Keyframes that are not IDR pictures. */
    KEYFRAME_NOT_IDR("Turn off open GOP in the encoder: some players start only at IDR pictures."),
    /** Pictures in another order than shown. */
    BIDIRECTIONAL_FRAMES(
            "Turn off B-frames (choose Baseline or Main without B): they add delay and stutter in browsers.");

    private final String advice;

    CodecDeviation(String advice) {
        this.advice = advice;
    }

    /** One sentence: which setting of the camera to change. */
    public String advice() {
        return advice;
    }
}
