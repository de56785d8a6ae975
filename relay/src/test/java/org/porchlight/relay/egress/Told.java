package org.porchlight.relay.egress;

import java.util.List;
import org.porchlight.relay.stream.TrackPosition;

/** What a viewer was told. */
final class Told implements ViewerListener {
    List<TrackPosition> first = List.of();
    String end = "";
    boolean abrupt;
    int ends;
    long firstKeyframeNanos = -1;

    @Override
    public void onStart(List<TrackPosition> positions) {
        first = positions;
    }

    @Override
    public void onFirstKeyframe(long nanos) {
        firstKeyframeNanos = nanos;
    }

    @Override
    public void onEnd(String reason, boolean cut) {
        end = reason;
        abrupt = cut;
        ends++;
    }
}
