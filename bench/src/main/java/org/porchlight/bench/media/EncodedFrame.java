package org.porchlight.bench.media;

import java.util.List;

/**
 * One access unit as an encoder made it.
 *
 * @param nalUnits NAL units in order, without start codes; parameter sets of a keyframe first. Not to be changed.
 * @param keyframe decodable without any frame before it
 */
public record EncodedFrame(List<byte[]> nalUnits, boolean keyframe) {

    public EncodedFrame {
        nalUnits = List.copyOf(nalUnits);
    }

    public int bytes() {
        int sum = 0;
        for (byte[] unit : nalUnits) {
            sum += unit.length;
        }
        return sum;
    }
}
