package org.porchlight.relay.codec;

import io.netty.buffer.ByteBuf;
import java.util.ArrayList;
import java.util.List;

/**
 * The parameter sets of one track by kind and id, at most {@link #MAX_SETS} of {@link #MAX_SET_BYTES} each. Trailing zero bytes belong to
 * the byte stream, not to the set, so they do not count when sets are compared. Owner: the loop of the track's source.
 */
final class ParameterSets {
    static final int MAX_SETS = 32;
    static final int MAX_SET_BYTES = 4096;

    /** What {@link #learn} found. */
    enum Outcome {
        SAME,
        NEW,
        CHANGED,
        TOO_LARGE,
        TOO_MANY
    }

    private final int[] kinds = new int[MAX_SETS];
    private final int[] ids = new int[MAX_SETS];
    private final byte[][] sets = new byte[MAX_SETS][0];
    private int count;

    /**
     * Compares a set with the one known under its id and remembers it when it is new. Allocates only then.
     *
     * @param buf borrowed; the NAL unit with its header at {@code [from, to)}
     * @param kind NAL unit type
     */
    Outcome learn(int kind, int id, ByteBuf buf, int from, int to) {
        int end = to;
        while (end > from + 1 && buf.getByte(end - 1) == 0) {
            end--;
        }
        int length = end - from;
        if (length > MAX_SET_BYTES) {
            return Outcome.TOO_LARGE;
        }
        int slot = 0;
        while (slot < count && (kinds[slot] != kind || ids[slot] != id)) {
            slot++;
        }
        if (slot == MAX_SETS) {
            return Outcome.TOO_MANY;
        }
        if (slot < count && isSame(sets[slot], buf, from, length)) {
            return Outcome.SAME;
        }
        byte[] copy = new byte[length];
        buf.getBytes(from, copy);
        kinds[slot] = kind;
        ids[slot] = id;
        sets[slot] = copy;
        if (slot < count) {
            return Outcome.CHANGED;
        }
        count++;
        return Outcome.NEW;
    }

    private static boolean isSame(byte[] set, ByteBuf buf, int from, int length) {
        if (set.length != length) {
            return false;
        }
        for (int i = 0; i < length; i++) {
            if (set[i] != buf.getByte(from + i)) {
                return false;
            }
        }
        return true;
    }

    /** The sets of one kind in the order in which their ids were first seen; lent, not to be changed. */
    List<byte[]> ofKind(int kind) {
        List<byte[]> list = new ArrayList<>();
        for (int i = 0; i < count; i++) {
            if (kinds[i] == kind) {
                list.add(sets[i]);
            }
        }
        return list;
    }
}
