package org.porchlight.relay.codec;

/** The scanner of each payload format. */
public final class PayloadScanners {
    private PayloadScanners() {}

    /**
     * A scanner that has seen nothing but the description.
     *
     * @param format as the session description has it; its fmtp may be missing, wrong or senseless
     */
    public static PayloadScanner forFormat(TrackFormat format) {
        return switch (format.codec()) {
            case H264 -> new H264Scanner(format);
            case H265 -> new H265Scanner(format);
            case AV1 -> new Av1Scanner(format);
            case VP8 -> new Vp8Scanner(format);
            case VP9 -> new Vp9Scanner(format);
            case MJPEG -> new MjpegScanner(format);
            case AAC -> new AacScanner(format);
            case ONVIF_METADATA -> new MetadataScanner(format);
            case OPUS, PCMU, PCMA, G722, LPCM, OPAQUE -> new WholePacketScanner(format);
        };
    }
}
