package org.porchlight.relay.egress;

import java.util.EnumSet;
import java.util.List;

/**
 * The steps that a viewer takes who is behind again and again: drop to the next keyframe, do without disposable frames, then with keyframes
 * alone, then with the sub stream, then leave. The order is data: another protocol may put the sub stream before keyframes alone. Pure; time is
 * told. Owner: the viewer's loop.
 */
final class StalenessLadder {
    /** What the viewer gets after a drop. */
    enum Rung {
        ALL(Thinning.ALL),
        THINNED(Thinning.REFERENCE_FRAMES),
        KEYFRAMES_ONLY(Thinning.KEYFRAMES),
        /** The small rendition; until it is there, keyframes of the large one. */
        SUB_STREAM(Thinning.KEYFRAMES),
        DISCONNECTED(Thinning.KEYFRAMES);

        private final Thinning thinning;

        Rung(Thinning thinning) {
            this.thinning = thinning;
        }

        /** How much of the main stream it gets. */
        Thinning thinning() {
            return thinning;
        }
    }

    /** For a connection of the viewer's own, which alone is to blame. */
    static final List<Rung> TO_THE_END =
            List.of(Rung.ALL, Rung.THINNED, Rung.KEYFRAMES_ONLY, Rung.SUB_STREAM, Rung.DISCONNECTED);

    /** For a socket that many share. */
    static final List<Rung> NEVER_DISCONNECTED = List.of(Rung.ALL, Rung.THINNED, Rung.KEYFRAMES_ONLY, Rung.SUB_STREAM);

    /** For a path whose rate is estimated: a small whole picture is worth more than a large one that jumps. */
    static final List<Rung> BY_RATE = List.of(Rung.ALL, Rung.THINNED, Rung.SUB_STREAM, Rung.KEYFRAMES_ONLY);

    private final long windowNanos;
    private final int dropsPerRung;
    private final List<Rung> rungs;
    private final EnumSet<Rung> missing = EnumSet.noneOf(Rung.class);
    private int at;
    private int drops;
    private long windowStartNanos;
    private long lastChangeNanos;
    private long totalDrops;

    /** @param rungs from the best to the last */
    StalenessLadder(StalenessContract contract, List<Rung> rungs, long nowNanos) {
        this.rungs = rungs;
        windowNanos = contract.window().toNanos();
        dropsPerRung = contract.dropsPerRung();
        windowStartNanos = nowNanos;
        lastChangeNanos = nowNanos;
    }

    Rung rung() {
        return rungs.get(at);
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
        int lower = next(1);
        if (drops >= dropsPerRung && lower < rungs.size()) {
            at = lower;
            drops = 0;
            windowStartNanos = nowNanos;
        }
        return rung();
    }

    /** The path carries less than this rung takes: one down at once; true when there was one. */
    boolean lower(long nowNanos) {
        int lower = next(1);
        if (lower >= rungs.size()) {
            return false;
        }
        at = lower;
        drops = 0;
        windowStartNanos = nowNanos;
        lastChangeNanos = nowNanos;
        return true;
    }

    private int next(int step) {
        int to = at + step;
        while (to >= 0 && to < rungs.size() && missing.contains(rungs.get(to))) {
            to += step;
        }
        return to;
    }

    /**
     * A rung has turned out not to be there. Who stands on it goes back to the one before, and with the next drop to the one after; it is tried
     * again when the viewer has recovered meanwhile.
     */
    void skip(Rung rung, long nowNanos) {
        missing.add(rung);
        if (rung() == rung) {
            at = Math.max(0, next(-1));
            drops = dropsPerRung - 1;
            windowStartNanos = nowNanos;
            lastChangeNanos = nowNanos;
        }
    }

    /** Time passes; true when the viewer kept up long enough to climb one rung back. */
    boolean recover(long nowNanos) {
        if (at == 0 || nowNanos - lastChangeNanos <= windowNanos) {
            return false;
        }
        at = next(-1);
        missing.clear();
        drops = 0;
        lastChangeNanos = nowNanos;
        return true;
    }
}
