package org.porchlight.bench.camera;

import java.util.LinkedHashMap;
import java.util.Map;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.LongAdder;

/** What the fleet did, all loops together. Any thread may add; the reporter reads. */
public final class FleetCounters {
    public final AtomicInteger sessions = new AtomicInteger();
    public final LongAdder sessionsStarted = new LongAdder();
    public final LongAdder frames = new LongAdder();
    public final LongAdder packets = new LongAdder();
    public final LongAdder bytes = new LongAdder();
    /** The far side took nothing (TCP), from there to the next keyframe. */
    public final LongAdder framesLeftOutBlocked = new LongAdder();
    /** This machine could not keep the pace: the figures of the run are worth nothing. */
    public final LongAdder framesLeftOutLate = new LongAdder();

    public final LongAdder packetsLostOnPurpose = new LongAdder();
    public final LongAdder reboots = new LongAdder();
    public final LongAdder requestsRefused = new LongAdder();
    public final LongAdder connectFailures = new LongAdder();
    public final LongAdder sendFailures = new LongAdder();

    void onFrame(int framePackets, int frameBytes) {
        frames.increment();
        packets.add(framePackets);
        bytes.add(frameBytes);
    }

    /** Name and value of each counter, in order. */
    public Map<String, Object> snapshot() {
        Map<String, Object> values = new LinkedHashMap<>();
        values.put("sessions", sessions.get());
        values.put("sessionsStarted", sessionsStarted.sum());
        values.put("frames", frames.sum());
        values.put("packets", packets.sum());
        values.put("bytes", bytes.sum());
        values.put("framesLeftOutBlocked", framesLeftOutBlocked.sum());
        values.put("framesLeftOutLate", framesLeftOutLate.sum());
        values.put("packetsLostOnPurpose", packetsLostOnPurpose.sum());
        values.put("reboots", reboots.sum());
        values.put("requestsRefused", requestsRefused.sum());
        values.put("connectFailures", connectFailures.sum());
        values.put("sendFailures", sendFailures.sum());
        return values;
    }
}
