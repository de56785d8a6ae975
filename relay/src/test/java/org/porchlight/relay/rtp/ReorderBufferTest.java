package org.porchlight.relay.rtp;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.PooledByteBufAllocator;
import io.netty.buffer.Unpooled;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Random;
import java.util.Set;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.porchlight.relay.rtp.ReorderBuffer.Verdict;

class ReorderBufferTest {
    private static final long WAIT = 100;

    private final ReorderBuffer buffer = new ReorderBuffer(PooledByteBufAllocator.DEFAULT, 8, WAIT);
    private final ByteBuf src = Unpooled.buffer(4).writeInt(0);
    private final List<String> out = new ArrayList<>();

    @AfterEach
    void releaseWhatIsKept() {
        buffer.close();
        assertThat(buffer.size()).isZero();
    }

    private Verdict receive(int sequenceNumber, long now) {
        src.setInt(0, sequenceNumber);
        Verdict verdict = buffer.receive(sequenceNumber, src, 0, 4, now);
        if (verdict == Verdict.IN_ORDER) {
            out.add("" + sequenceNumber);
        }
        drain(now);
        return verdict;
    }

    private void drain(long now) {
        for (ByteBuf packet = buffer.poll(now); packet != null; packet = buffer.poll(now)) {
            String lost = buffer.lostBefore() > 0 ? "-" + buffer.lostBefore() + ":" : "";
            out.add((buffer.isRestart() ? "restart:" : "") + lost + packet.getInt(0));
            packet.release();
        }
    }

    @Test
    void keepsNothingWhilePacketsComeInOrder() {
        for (int i = 65_500; i < 66_000; i++) {
            assertThat(receive(i & 0xffff, 0)).isEqualTo(Verdict.IN_ORDER);
            assertThat(buffer.size()).isZero();
            assertThat(buffer.nextDeadlineNanos()).isEqualTo(Long.MAX_VALUE);
        }
    }

    @Test
    void swapsTwoPacketsOverTheWrap() {
        receive(65_534, 0);
        assertThat(receive(0, 1)).isEqualTo(Verdict.PARKED);
        assertThat(buffer.nextDeadlineNanos()).isEqualTo(101);
        assertThat(receive(65_535, 2)).isEqualTo(Verdict.IN_ORDER);
        assertThat(out).containsExactly("65534", "65535", "0");
    }

    @Test
    void givesAMissingPacketUpWhenThoseBehindHaveWaitedLongEnough() {
        receive(1, 0);
        receive(4, 10);
        receive(6, 20);
        drain(109);
        assertThat(out).containsExactly("1");
        drain(110);
        assertThat(out).containsExactly("1", "-2:4");
        drain(120);
        assertThat(out).containsExactly("1", "-2:4", "-1:6");
        assertThat(receive(5, 121)).isEqualTo(Verdict.LATE);
        assertThat(receive(5, 122)).isEqualTo(Verdict.DUPLICATE);
        assertThat(receive(4, 123)).isEqualTo(Verdict.DUPLICATE);
    }

    @Test
    void letsAFresherPacketGoWithAnOlderOneBehindIt() {
        receive(1, 0);
        receive(5, 10);
        receive(3, 90);
        drain(110);
        assertThat(out).containsExactly("1", "-1:3", "-1:5");
    }

    @Test
    void givesTheOldestGapUpWhenFull() {
        receive(0, 0);
        for (int i = 2; i <= 9; i++) {
            assertThat(receive(i, 0)).isEqualTo(Verdict.PARKED);
        }
        assertThat(out).containsExactly("0");
        receive(11, 0);
        assertThat(out).containsExactly("0", "-1:2", "3", "4", "5", "6", "7", "8", "9");
        assertThat(buffer.size()).isEqualTo(1);
    }

    @Test
    void tellsDuplicatesOfParkedPackets() {
        receive(0, 0);
        receive(2, 0);
        assertThat(receive(2, 0)).isEqualTo(Verdict.DUPLICATE);
        assertThat(buffer.size()).isEqualTo(1);
    }

    @Test
    void believesARestartWhenTheNextPacketContinuesItAndLosesNothing() {
        receive(10, 0);
        receive(12, 0);
        assertThat(receive(40_000, 1)).isEqualTo(Verdict.PROBATION);
        assertThat(receive(40_001, 1)).isEqualTo(Verdict.RESTART);
        assertThat(receive(40_002, 1)).isEqualTo(Verdict.IN_ORDER);
        assertThat(out).containsExactly("10", "-1:12", "restart:40000", "40001", "40002");
    }

    @Test
    void dropsASingleStrayPacket() {
        receive(10, 0);
        assertThat(receive(40_000, 0)).isEqualTo(Verdict.PROBATION);
        assertThat(receive(11, 0)).isEqualTo(Verdict.IN_ORDER);
        assertThat(receive(40_001, 0)).isEqualTo(Verdict.PROBATION);
        assertThat(receive(50_001, 0)).isEqualTo(Verdict.PROBATION);
        assertThat(receive(50_002, 0)).isEqualTo(Verdict.RESTART);
        assertThat(out).containsExactly("10", "11", "restart:50001", "50002");
    }

    @Test
    void afterARestartThePacketsOfTheOldSequenceAreFarAwayAgain() {
        receive(60_000, 0);
        receive(5_000, 0);
        receive(5_001, 0);
        assertThat(receive(4_990, 0)).isEqualTo(Verdict.LATE);
        assertThat(receive(60_001, 0)).isEqualTo(Verdict.PROBATION);
        assertThat(receive(5_002, 0)).isEqualTo(Verdict.IN_ORDER);
    }

    @Test
    void startsAnewAfterReset() {
        receive(10, 0);
        receive(12, 0);
        buffer.reset();
        assertThat(buffer.size()).isZero();
        assertThat(receive(4711, 0)).isEqualTo(Verdict.IN_ORDER);
        assertThat(receive(4710, 0)).isEqualTo(Verdict.LATE);
    }

    @Test
    void refusesToGrowWhenTheCallerDoesNotDrain() {
        receive(0, 0);
        for (int i = 2; i < 12; i++) {
            buffer.receive(i, src, 0, 4, 0);
        }
        assertThatThrownBy(() -> buffer.receive(13, src, 0, 4, 0)).isInstanceOf(IllegalStateException.class);
        drain(WAIT);
    }

    /** Whatever the network does within the bounds, each packet comes out once at most, in order, in time, and losses add up. */
    @Test
    void keepsItsPromisesOverARandomNetwork() {
        for (int seed = 0; seed < 50; seed++) {
            Random random = new Random(seed);
            int capacity = 1 + random.nextInt(64);
            ReorderBuffer reorder = new ReorderBuffer(PooledByteBufAllocator.DEFAULT, capacity, 50);
            List<long[]> network = randomNetwork(random);
            long firstNumber = network.get(0)[1];
            long next = firstNumber;
            Set<Long> handedIn = new HashSet<>();
            long now = 0;
            for (long[] arrival : network) {
                now = arrival[0];
                long number = arrival[1];
                src.setInt(0, (int) number);
                Verdict verdict = reorder.receive((int) number & 0xffff, src, 0, 4, now);
                boolean isNew = handedIn.add(number);
                if (verdict == Verdict.DUPLICATE) {
                    assertThat(isNew).as("seed %d number %d", seed, number).isFalse();
                } else if (verdict == Verdict.LATE) {
                    assertThat(number).isLessThan(next);
                } else if (verdict == Verdict.IN_ORDER) {
                    assertThat(number).isEqualTo(next);
                    next++;
                } else {
                    assertThat(verdict).isEqualTo(Verdict.PARKED);
                    assertThat(number).isGreaterThan(next);
                }
                next = drainAgainst(reorder, next, now);
                assertThat(reorder.size()).isLessThanOrEqualTo(capacity);
                assertThat(reorder.nextDeadlineNanos()).isGreaterThan(now);
            }
            drainAgainst(reorder, next, now + 50);
            assertThat(reorder.size()).isZero();
        }
    }

    private static long drainAgainst(ReorderBuffer reorder, long expected, long now) {
        long next = expected;
        for (ByteBuf packet = reorder.poll(now); packet != null; packet = reorder.poll(now)) {
            assertThat(reorder.isRestart()).isFalse();
            next += reorder.lostBefore();
            assertThat((long) packet.getInt(0)).isEqualTo(next);
            next++;
            packet.release();
        }
        return next;
    }

    /** Time and number of each arrival: some packets lost, some twice, some up to 30 places late. */
    private static List<long[]> randomNetwork(Random random) {
        List<long[]> arrivals = new ArrayList<>();
        long first = 60_000L + random.nextInt(6000);
        for (int i = 0; i < 1000; i++) {
            long sentAt = i * 3L;
            boolean kept = i == 0 || random.nextInt(20) > 0;
            int copies = !kept ? 0 : random.nextInt(25) == 0 ? 2 : 1;
            for (int copy = 0; copy < copies; copy++) {
                long delay = i > 0 && random.nextInt(6) == 0 ? random.nextInt(90) : 0;
                arrivals.add(new long[] {sentAt + delay, first + i});
            }
        }
        arrivals.sort((a, b) -> Long.compare(a[0], b[0]));
        return arrivals;
    }
}
