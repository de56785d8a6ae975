package org.porchlight.relay.rtsp.netty;

import org.jspecify.annotations.Nullable;
import org.porchlight.relay.admission.Rendition;
import org.porchlight.relay.stream.Stream;

/** The cameras of the configuration, as the RTSP server asks for them. Thread-safe; answers from memory. */
public interface ServedCameras {
    /** The stream to watch under this name; null: there is no such camera or rendition. */
    @Nullable
    Stream toWatch(String camera, Rendition rendition);

    /** The stream to publish to; null: nobody may publish under this name. */
    @Nullable
    Publication toPublish(String camera, Rendition rendition);

    /**
     * A stream that takes a publisher.
     *
     * @param replace whether a second publisher takes over from the first
     */
    record Publication(Stream stream, boolean replace) {}
}
