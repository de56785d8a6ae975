package org.porchlight.relay.webrtc.whip;

import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.porchlight.relay.admission.StreamName;

/** What the path of a request names. A tilde cannot be part of a camera's name, so a session is never taken for a camera. */
sealed interface EdgePath {
    String WHIP = "whip";
    String WHEP = "whep";

    /** Somebody publishes (WHIP); else somebody watches (WHEP). */
    boolean publishes();

    /** Where offers go. */
    record Endpoint(boolean publishes, StreamName stream) implements EdgePath {}

    /** A session that an offer has made. */
    record Resource(boolean publishes, String id) implements EdgePath {}

    /** Where a viewer says what it wants of its session. */
    record Layer(String id) implements EdgePath {
        @Override
        public boolean publishes() {
            return false;
        }
    }

    /** The path of a session. */
    static String of(boolean publishes, String id) {
        return "/" + (publishes ? WHIP : WHEP) + "/~" + id;
    }

    /** What a path names; null: nothing of ours. */
    static @Nullable EdgePath parse(String path) {
        List<String> parts = new ArrayList<>(4);
        for (String part : path.split("/", -1)) {
            if (!part.isEmpty()) {
                parts.add(part);
            }
        }
        if (parts.size() < 2 || !(parts.get(0).equals(WHIP) || parts.get(0).equals(WHEP))) {
            return null;
        }
        boolean publishes = parts.get(0).equals(WHIP);
        String second = parts.get(1);
        if (second.startsWith("~")) {
            String id = second.substring(1);
            if (parts.size() == 2) {
                return new Resource(publishes, id);
            }
            boolean layer = parts.size() == 3 && !publishes && parts.get(2).equals("layer");
            return layer ? new Layer(id) : null;
        }
        StreamName stream = StreamName.parse(parts.subList(1, parts.size()));
        return stream == null ? null : new Endpoint(publishes, stream);
    }
}
