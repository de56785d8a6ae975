package org.porchlight.relay.webrtc.whip.vertx;

import io.vertx.core.buffer.Buffer;
import io.vertx.core.json.DecodeException;
import io.vertx.core.json.JsonObject;
import java.util.Optional;
import org.porchlight.relay.webrtc.whip.LayerChoice;

/**
 * Reads a viewer's wish: {@code {"rendition": "auto" | "main" | "sub", "width": 640, "height": 360, "paused": false}}, each of them left out
 * or not; what is not known is passed over.
 */
public final class LayerJson {
    private LayerJson() {}

    /** The wish; empty: it cannot be read. */
    public static Optional<LayerChoice> read(byte[] body) {
        try {
            JsonObject json = new JsonObject(Buffer.buffer(body));
            Object rendition = json.getValue("rendition", "auto");
            Object width = json.getValue("width", 0);
            Object height = json.getValue("height", 0);
            Object paused = json.getValue("paused", false);
            if (rendition instanceof String name
                    && width instanceof Number w
                    && height instanceof Number h
                    && paused instanceof Boolean pause
                    && isSide(w)
                    && isSide(h)) {
                return LayerChoice.Wanted.of(name)
                        .map(wanted -> new LayerChoice(wanted, w.intValue(), h.intValue(), pause));
            }
            return Optional.empty();
        } catch (DecodeException | ClassCastException e) {
            return Optional.empty();
        }
    }

    private static boolean isSide(Number number) {
        double value = number.doubleValue();
        return value >= 0 && value <= LayerChoice.MAX_SIDE;
    }
}
