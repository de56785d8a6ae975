package org.porchlight.relay.webrtc.whip;

import java.util.Locale;
import java.util.Optional;
import org.porchlight.relay.egress.TileChoice;

/**
 * Which picture a viewer wants.
 *
 * @param rendition {@link Wanted#AUTO}: by tile size and by what its path carries
 * @param width of the tile on the screen, device pixels, 0 to {@link #MAX_SIDE}; 0: not told
 * @param height likewise
 * @param paused nothing for now; the session stays
 */
public record LayerChoice(Wanted rendition, int width, int height, boolean paused) {
    public static final int MAX_SIDE = 16_384;

    /** A rendition, or the relay's choice. */
    public enum Wanted {
        AUTO,
        MAIN,
        SUB;

        /** By its name in JSON, lower case. */
        public static Optional<Wanted> of(String name) {
            for (Wanted wanted : values()) {
                if (wanted.name().toLowerCase(Locale.ROOT).equals(name)) {
                    return Optional.of(wanted);
                }
            }
            return Optional.empty();
        }
    }

    /** What this means for the viewer's sender. */
    public TileChoice tile() {
        if (paused) {
            return TileChoice.PAUSED;
        }
        return switch (rendition) {
            case AUTO -> TileChoice.AUTO;
            case MAIN -> TileChoice.MAIN;
            case SUB -> TileChoice.SUB;
        };
    }

    /** @throws IllegalArgumentException for sides that no screen has */
    public LayerChoice {
        if (width < 0 || width > MAX_SIDE || height < 0 || height > MAX_SIDE) {
            throw new IllegalArgumentException("a tile of " + width + " x " + height);
        }
    }
}
