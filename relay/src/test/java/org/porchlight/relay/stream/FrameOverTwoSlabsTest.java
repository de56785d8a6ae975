package org.porchlight.relay.stream;

import static org.assertj.core.api.Assertions.assertThat;

import io.netty.util.concurrent.EventExecutor;
import io.netty.util.concurrent.ImmediateEventExecutor;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.porchlight.relay.buffer.SlabCursor;
import org.porchlight.relay.buffer.SlabPool;
import org.porchlight.relay.metrics.LoopCounters;

class FrameOverTwoSlabsTest {
    private final List<String> told = new ArrayList<>();

    private final class Telling implements LoopEgress {
        @Override
        public void onJoin(Subscriber subscriber, GopSnapshot snapshot) {
            snapshot.close();
        }

        @Override
        public void onLeave(Subscriber subscriber) {}

        @Override
        public void onBatch(MediaBatch batch) {
            told.add("batch " + batch.arrivalNanos());
        }

        @Override
        public void onGap() {}

        @Override
        public void onEndOfBatches() {
            told.add("write");
        }

        @Override
        public void onEnd(String reason) {}
    }

    private static final Subscriber VIEWER = new Subscriber() {
        @Override
        public EventExecutor executor() {
            return ImmediateEventExecutor.INSTANCE;
        }

        @Override
        public void onRefused(String reason) {}
    };

    @Test
    void viewersWriteBothPartsOfAFrameTogether() {
        SlabCursor slabs = new SlabCursor(new SlabPool(1), SlabPool.MIN_SLAB_BYTES);
        LoopCounters counters = new LoopCounters("test");
        LoopFanOut fanOut = new LoopFanOut(ImmediateEventExecutor.INSTANCE, new Telling(), counters);
        fanOut.join(VIEWER, new GopSnapshot(List.of(), 0, true, TestHub.video(), List.of()));
        told.clear();
        publish(slabs, fanOut, counters, 1, true);
        publish(slabs, fanOut, counters, 2, false);
        publish(slabs, fanOut, counters, 3, false);
        slabs.close();
        assertThat(told).containsExactly("batch 1", "batch 2", "write", "batch 3", "write");
    }

    private static void publish(SlabCursor slabs, LoopFanOut fanOut, LoopCounters counters, int number, boolean more) {
        MediaBatch batch = TestHub.batch(slabs, number, List.of(new TestHub.Packet(0, new byte[40], MediaBatch.VIDEO)));
        fanOut.batch(batch, counters, more);
        batch.release();
    }
}
