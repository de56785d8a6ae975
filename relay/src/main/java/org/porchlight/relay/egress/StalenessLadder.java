package org.porchlight.relay.egress;

/**
 * The steps that a viewer takes who is behind again and again: drop to the next keyframe, do without disposable frames, then with keyframes
 * alone, then leave. Pure; time is told. Owner: the viewer's loop.
 */
@SuppressWarnings("EnumOrdinal") // the order of the rungs is what the ladder is about
final class StalenessLadder {
    /** What the viewer gets after a drop. */
    enum Rung {
        ALL(Thinning.ALL),
        THINNED(Thinning.REFERENCE_FRAMES),
        KEYFRAMES_ONLY(Thinning.KEYFRAMES),
        DISCONNECTED(Thinning.KEYFRAMES);

        private final Thinning thinning;

        Rung(Thinning thinning) {
            this.thinning = thinning;
        }

        Thinning thinning() {
            return thinning;
        }
    }

    private static final Rung[] RUNGS = Rung.values();

    private final long windowNanos;
    private final int dropsPerRung;
    private final int lowest;
    private int rung;
    private int drops;
    private long windowStartNanos;
    private long lastChangeNanos;
    private long totalDrops;

    /** @param lowest the rung below which it does not go */
    StalenessLadder(StalenessContract contract, Rung lowest, long nowNanos) {
        this.lowest = lowest.ordinal();
        windowNanos = contract.window().toNanos();
        dropsPerRung = contract.dropsPerRung();
        windowStartNanos = nowNanos;
        lastChangeNanos = nowNanos;
    }

    Rung rung() {
        return RUNGS[rung];
    }

    long totalDrops() {
        return totalDrops;
    }

    /** The viewer was dropped to the next keyframe; returns the rung on which it stands now. */
    Rung onDrop(long nowNanos) {
        totalDrops++;
        if (nowNanos - windowStartNanos > windowNanos) {
            windowStartNanos = nowNanos;
            drops = 0;
        }
        drops++;
        lastChangeNanos = nowNanos;
        if (drops >= dropsPerRung && rung < lowest) {
            rung++;
            drops = 0;
            windowStartNanos = nowNanos;
        }
        return rung();
    }

    /** Time passes; true when the viewer kept up long enough to climb one rung back. */
    boolean recover(long nowNanos) {
        if (rung == 0 || nowNanos - lastChangeNanos <= windowNanos) {
            return false;
        }
        rung--;
        drops = 0;
        lastChangeNanos = nowNanos;
        return true;
    }
}
