package org.porchlight.bench.media;

/** Turns pictures into access units, one for each. Owner: one thread. */
public interface VideoEncoder extends AutoCloseable {

    /**
     * Encodes the picture as it is now.
     *
     * @param keyframe asks for a keyframe; one also comes by itself at the start of each GOP
     */
    EncodedFrame encode(TestPicture picture, boolean keyframe);

    @Override
    void close();
}
