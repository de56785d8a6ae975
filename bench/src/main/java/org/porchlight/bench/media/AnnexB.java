package org.porchlight.bench.media;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/** Splits a byte stream of ITU-T H.264 or H.265 annex B into NAL units. */
public final class AnnexB {

    private AnnexB() {}

    /** NAL units of {@code stream} in order, without start codes and trailing zero bytes. */
    public static List<byte[]> nalUnits(byte[] stream) {
        List<byte[]> units = new ArrayList<>();
        int start = -1;
        int i = 0;
        while (i + 2 < stream.length) {
            if (stream[i] == 0 && stream[i + 1] == 0 && stream[i + 2] == 1) {
                addUnit(units, stream, start, i);
                start = i + 3;
                i = start;
            } else {
                i++;
            }
        }
        addUnit(units, stream, start, stream.length);
        return units;
    }

    private static void addUnit(List<byte[]> units, byte[] stream, int start, int end) {
        if (start < 0) {
            return;
        }
        int last = end;
        while (last > start && stream[last - 1] == 0) {
            last--;
        }
        if (last > start) {
            units.add(Arrays.copyOfRange(stream, start, last));
        }
    }
}
