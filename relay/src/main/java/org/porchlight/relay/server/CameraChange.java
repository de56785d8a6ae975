package org.porchlight.relay.server;

import java.util.EnumSet;
import java.util.Set;

/** What a new configuration means for one camera name. */
public sealed interface CameraChange {

    /** Nothing: do not touch it. */
    record Unchanged() implements CameraChange {}

    /** It may be used from now on. */
    record Added(CameraConfiguration after) implements CameraChange {}

    /** Its source is closed and its viewers and publisher end. */
    record Removed(CameraConfiguration before) implements CameraChange {}

    /**
     * It stays.
     *
     * @param aspects what differs, not empty
     */
    record Changed(CameraConfiguration before, CameraConfiguration after, Set<Aspect> aspects) implements CameraChange {
        public Changed {
            aspects = Set.copyOf(aspects);
        }

        static CameraChange between(CameraConfiguration before, CameraConfiguration after) {
            EnumSet<Aspect> aspects = EnumSet.noneOf(Aspect.class);
            for (Aspect aspect : Aspect.values()) {
                if (!aspect.valueIn(before).equals(aspect.valueIn(after))) {
                    aspects.add(aspect);
                }
            }
            return aspects.isEmpty() ? new Unchanged() : new Changed(before, after, aspects);
        }
    }

    /** A part of a camera's configuration that can change on its own. */
    enum Aspect {
        /** Who may watch: sessions are decided again. */
        VISIBILITY,
        /** The main source is closed and opened anew; viewers stay. */
        MAIN,
        /** The sub source is closed and opened anew; viewers stay. */
        SUB,
        /** When the source is connected. */
        ACTIVATION,
        /** Who may publish: off ends the publisher, another policy counts for the next. */
        PUBLISH,
        /** The bit rate at which a source is cut off. */
        MAX_BITS_PER_SECOND;

        Object valueIn(CameraConfiguration camera) {
            return switch (this) {
                case VISIBILITY -> camera.visibility();
                case MAIN -> camera.main();
                case SUB -> camera.sub();
                case ACTIVATION -> camera.activation();
                case PUBLISH -> camera.publish();
                case MAX_BITS_PER_SECOND -> camera.maxBitsPerSecond();
            };
        }
    }
}
