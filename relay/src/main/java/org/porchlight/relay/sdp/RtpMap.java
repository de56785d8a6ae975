package org.porchlight.relay.sdp;

import java.util.Optional;

/**
 * An {@code a=rtpmap} attribute (RFC 8866 section 6.6).
 *
 * @param payloadType 0 to 127
 * @param encodingName as written, for example {@code H264}
 * @param clockRate Hz; 0: not given or senseless
 * @param channels audio channels, 1 when not given
 */
public record RtpMap(int payloadType, String encodingName, int clockRate, int channels) {
    private static final int MAX_CHANNELS = 64;
    private static final int MAX_CLOCK_RATE = 10_000_000;

    /**
     * Reads the value of the attribute. Blanks anywhere and a missing clock are forgiven.
     *
     * @param value for example {@code 96 H264/90000}
     * @return empty when there is no payload type or no name
     */
    public static Optional<RtpMap> parse(String value) {
        String text = value.strip();
        int end = 0;
        while (end < text.length() && isDigit(text.charAt(end))) {
            end++;
        }
        int payloadType = SdpNumbers.parse(text.substring(0, end), 127);
        String[] parts = text.substring(end).strip().split("/", 4);
        String name = parts[0].strip();
        if (payloadType < 0 || name.isEmpty()) {
            return Optional.empty();
        }
        int clockRate = parts.length > 1 ? SdpNumbers.parse(parts[1].strip(), MAX_CLOCK_RATE) : 0;
        int channels = parts.length > 2 ? SdpNumbers.parse(parts[2].strip(), MAX_CHANNELS) : 1;
        return Optional.of(new RtpMap(payloadType, name, Math.max(0, clockRate), Math.max(1, channels)));
    }

    /** The attribute that says this. The channel count is written only when it is not 1. */
    public Attribute toAttribute() {
        String tail = channels > 1 ? "/" + channels : "";
        return new Attribute("rtpmap", payloadType + " " + encodingName + "/" + clockRate + tail);
    }

    private static boolean isDigit(char c) {
        return c >= '0' && c <= '9';
    }
}
