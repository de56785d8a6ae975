package org.porchlight.relay.rtsp.netty;

import org.porchlight.relay.metrics.Counter;
import org.porchlight.relay.metrics.LoopCounters;
import org.porchlight.relay.rtsp.client.CameraMemory;
import org.porchlight.relay.rtsp.client.CameraQuirk;
import org.porchlight.relay.rtsp.client.MediaFigures;

/** Carries what one connection to a camera has counted over to the counters of its loop, now and then. Owner: the loop. */
final class CameraCounts {
    private final LoopCounters counters;
    private final KernelDrops drops;
    private final CameraMemory memory;
    private MediaFigures counted = MediaFigures.NONE;
    private long countedDrops;
    private boolean portsSeen;
    private long portsSinceNanos;

    CameraCounts(LoopCounters counters, KernelDrops drops, CameraMemory memory) {
        this.counters = counters;
        this.drops = drops;
        this.memory = memory;
    }

    /** Counts what has been added since the call before. */
    void count(MediaFigures now) {
        counters.add(Counter.GARBAGE_BYTES, now.garbageBytes() - counted.garbageBytes());
        counters.add(Counter.GARBAGE_RUNS, now.garbageRuns() - counted.garbageRuns());
        counters.add(Counter.DISCARDED_CHANNEL, now.unroutedFrames() - counted.unroutedFrames());
        counters.add(Counter.DISCARDED_SENDER, now.strangerDatagrams() - counted.strangerDatagrams());
        counted = now;
    }

    /** Counts what the kernel has dropped at our ports, as far as it is known by now. */
    void countDrops(int[] ports, long nowNanos) {
        if (ports.length == 0) {
            return;
        }
        if (!portsSeen) {
            portsSeen = true;
            portsSinceNanos = nowNanos;
        }
        drops.look(nowNanos);
        long dropped = drops.at(ports, portsSinceNanos);
        if (dropped > countedDrops) {
            counters.add(Counter.KERNEL_DROPPED_DATAGRAMS, dropped - countedDrops);
            countedDrops = dropped;
            memory.note(CameraQuirk.KERNEL_DROPS);
        }
    }
}
