package org.porchlight.relay.metrics;

import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;

/**
 * What one event loop has counted. Owner: that loop, the only one that writes; any thread may read and sees a value that is at most a moment
 * old, never a torn one. A write is a plain read and an opaque store: no lock, no fence, no allocation.
 */
@SuppressWarnings("EnumOrdinal") // the ordinal is an index that lives no longer than the process
public final class LoopCounters {
    private static final VarHandle CELL = MethodHandles.arrayElementVarHandle(long[].class);
    /** Keeps the cells of two loops on different cache lines wherever the arrays lie: 128 bytes on each side. */
    private static final int PADDING = 16;

    private static final int LEVELS_AT = PADDING + Counter.values().length;

    private final long[] cells = new long[LEVELS_AT + Level.values().length + PADDING];
    private final String loop;

    /** @param loop name of the event loop, for diagnosis */
    public LoopCounters(String loop) {
        this.loop = loop;
    }

    /** Name of the event loop that counts here. */
    public String loop() {
        return loop;
    }

    /** Counts one; owner only. */
    public void increment(Counter counter) {
        addCell(PADDING + counter.ordinal(), 1);
    }

    /**
     * Counts several at once; owner only.
     *
     * @param amount 0 or more
     */
    public void add(Counter counter, long amount) {
        assert amount >= 0 : "counters only rise";
        addCell(PADDING + counter.ordinal(), amount);
    }

    /** Raises or lowers this loop's share of a level; owner only. */
    public void adjust(Level level, long delta) {
        addCell(LEVELS_AT + level.ordinal(), delta);
    }

    /** Sets this loop's share of a level; owner only. */
    public void set(Level level, long value) {
        CELL.setOpaque(cells, LEVELS_AT + level.ordinal(), value);
    }

    /** What this loop has counted so far; any thread. */
    public long value(Counter counter) {
        return (long) CELL.getOpaque(cells, PADDING + counter.ordinal());
    }

    /** This loop's share of a level; any thread. */
    public long value(Level level) {
        return (long) CELL.getOpaque(cells, LEVELS_AT + level.ordinal());
    }

    private void addCell(int index, long delta) {
        CELL.setOpaque(cells, index, cells[index] + delta);
    }
}
