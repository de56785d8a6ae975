package org.porchlight.relay.codec;

/** The payload formats Porchlight understands; everything else is {@link #OPAQUE} and passes untouched. */
public enum Codec {
    /** RFC 6184. */
    H264,
    /** RFC 7798. */
    H265,
    /** AV1 RTP payload specification, AOMedia. */
    AV1,
    /** RFC 7741. */
    VP8,
    /** RFC 9628. */
    VP9,
    /** RFC 2435. */
    MJPEG,
    /** RFC 3640 (mpeg4-generic) or RFC 6416 (MP4A-LATM). */
    AAC,
    /** RFC 7587. */
    OPUS,
    /** RFC 3551 section 4.5.14, mu-law. */
    PCMU,
    /** RFC 3551 section 4.5.14, A-law. */
    PCMA,
    /** RFC 3551 section 4.5.2; its RTP clock is 8,000 Hz by an old error. */
    G722,
    /** Linear PCM, L8, L16 or L24, RFC 3551 and RFC 3190. */
    LPCM,
    /** ONVIF Streaming Specification section 5.2.1, {@code vnd.onvif.metadata}. */
    ONVIF_METADATA,
    OPAQUE
}
