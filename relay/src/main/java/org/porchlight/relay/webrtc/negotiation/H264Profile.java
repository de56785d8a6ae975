package org.porchlight.relay.webrtc.negotiation;

import java.util.List;
import org.porchlight.relay.codec.FormatParameters;

/**
 * Families of H.264 profiles as {@code profile-level-id} names them (RFC 6184 section 8.1, table 5).
 *
 * <p>Browsers decode Baseline to High with one and the same decoder, whichever of them they list, and many list no more than Constrained
 * Baseline. So a camera's Main or High goes out under the nearest family that is offered. What they cannot be expected to decode (10 bits,
 * 4:2:2, 4:4:4, Extended) needs the very profile in the offer.
 */
enum H264Profile {
    CONSTRAINED_BASELINE,
    BASELINE,
    MAIN,
    CONSTRAINED_HIGH,
    HIGH,
    /** No or senseless profile-level-id: cameras that leave it out send Main or High most often. */
    UNKNOWN,
    EXTENDED,
    HIGH_10,
    HIGH_422,
    HIGH_444;

    private static final List<H264Profile> FROM_BELOW =
            List.of(CONSTRAINED_BASELINE, BASELINE, MAIN, CONSTRAINED_HIGH, HIGH, HIGH_444);
    private static final List<H264Profile> FROM_MAIN =
            List.of(MAIN, HIGH, CONSTRAINED_HIGH, CONSTRAINED_BASELINE, BASELINE, HIGH_444);
    private static final List<H264Profile> FROM_ABOVE =
            List.of(HIGH, CONSTRAINED_HIGH, MAIN, CONSTRAINED_BASELINE, BASELINE, HIGH_444);

    /** The profile of format parameters. Without profile-level-id an offer means Baseline; a camera's says nothing. */
    static H264Profile of(FormatParameters parameters) {
        String text = parameters.value("profile-level-id");
        if (text == null || text.length() != 6 || !text.chars().allMatch(c -> Character.digit(c, 16) >= 0)) {
            return UNKNOWN;
        }
        int profile = Integer.parseInt(text.substring(0, 2), 16);
        int constraints = Integer.parseInt(text.substring(2, 4), 16);
        boolean set0 = (constraints & 0x80) != 0;
        boolean set1 = (constraints & 0x40) != 0;
        return switch (profile) {
            case 66 -> set1 ? CONSTRAINED_BASELINE : BASELINE;
            case 77 -> set0 ? CONSTRAINED_BASELINE : MAIN;
            case 88 -> set0 && set1 ? CONSTRAINED_BASELINE : EXTENDED;
            case 100 -> (constraints & 0x0C) == 0x0C ? CONSTRAINED_HIGH : HIGH;
            case 110 -> HIGH_10;
            case 122 -> HIGH_422;
            case 244 -> HIGH_444;
            default -> UNKNOWN;
        };
    }

    /** How well an offered family serves this one: 0 is perfect, more is worse, -1 does not. */
    int rankOf(H264Profile offered) {
        H264Profile other = offered == UNKNOWN ? BASELINE : offered;
        return switch (this) {
            case CONSTRAINED_BASELINE, BASELINE -> this == other ? 0 : worse(FROM_BELOW.indexOf(other));
            case MAIN -> FROM_MAIN.indexOf(other);
            case CONSTRAINED_HIGH -> this == other ? 0 : worse(FROM_ABOVE.indexOf(other));
            case HIGH, UNKNOWN -> FROM_ABOVE.indexOf(other);
            case EXTENDED, HIGH_10, HIGH_422, HIGH_444 -> this == other ? 0 : -1;
        };
    }

    private static int worse(int index) {
        return index < 0 ? -1 : index + 1;
    }
}
