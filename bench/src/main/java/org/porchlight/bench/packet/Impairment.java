package org.porchlight.bench.packet;

import java.util.random.RandomGenerator;

/**
 * What a bad network or a busy camera does to the packets of a frame: some are lost, some change places with their successor, and the frame
 * as a whole is late. Owner: one event loop.
 */
public final class Impairment {
    private final double loss;
    private final double reordering;
    private final long jitterNanos;
    private final RandomGenerator random;
    private int[] order = new int[64];

    /**
     * @param loss share of packets lost, 0 to 1
     * @param reordering share of packets that change places with the next one, 0 to 1
     * @param jitterNanos most that a frame is late
     */
    public Impairment(double loss, double reordering, long jitterNanos, RandomGenerator random) {
        this.loss = loss;
        this.reordering = reordering;
        this.jitterNanos = jitterNanos;
        this.random = random;
    }

    /** False when packets always leave whole frames in order; then a frame can be sent as one piece. */
    public boolean touchesPackets() {
        return loss > 0 || reordering > 0;
    }

    /** How late the next frame is. */
    public long nextDelayNanos() {
        return jitterNanos <= 0 ? 0 : random.nextLong(jitterNanos + 1);
    }

    /**
     * Decides on the packets of one frame.
     *
     * @param packets 0 or more
     * @return how many of them leave; which, in what order, tells {@link #packetAt}
     */
    public int deal(int packets) {
        if (order.length < packets) {
            order = new int[packets];
        }
        int count = 0;
        for (int i = 0; i < packets; i++) {
            if (random.nextDouble() >= loss) {
                order[count++] = i;
            }
        }
        for (int i = 0; i + 1 < count; i++) {
            if (random.nextDouble() < reordering) {
                int first = order[i];
                order[i] = order[i + 1];
                order[++i] = first;
            }
        }
        return count;
    }

    /** The packet to send at this place, valid until the next {@link #deal}. */
    public int packetAt(int place) {
        return order[place];
    }
}
