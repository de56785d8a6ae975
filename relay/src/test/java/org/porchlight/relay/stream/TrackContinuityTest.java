package org.porchlight.relay.stream;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.Random;
import org.junit.jupiter.api.Test;

class TrackContinuityTest {
    private static final int CLOCK = 90_000;
    private static final int SSRC = 0xabcdef;
    private static final long FRAME = 40_000_000L;

    private TrackContinuity track = new TrackContinuity(CLOCK, SSRC, 65_534, -1000);
    private long now = 5_000_000_000L;

    private int accept(int sequence, int timestamp, int ssrc) {
        assertThat(track.accept(sequence & 0xffff, timestamp, ssrc, false, now)).isTrue();
        return track.sequenceNumber();
    }

    @Test
    void beginsWhereItIsTold() {
        assertThat(accept(100, 77, 1)).isEqualTo(65_534);
        assertThat(track.timestamp()).isEqualTo(-1000);
        assertThat(track.nextSequenceNumber()).isEqualTo(65_535);
    }

    @Test
    void lossStaysLossOverTheWrap() {
        accept(65_530, 0, 1);
        assertThat(accept(65_534, 0, 1)).isEqualTo(65_538 & 0xffff);
        assertThat(track.missing()).isEqualTo(3);
        assertThat(accept(65_536, 0, 1)).isEqualTo(65_540 & 0xffff);
        assertThat(track.missing()).isEqualTo(1);
        assertThat(track.isBroken()).isFalse();
    }

    @Test
    void aNewSourceGoesOnByTheTimeThatHasPassed() {
        accept(1, 500, 1);
        int last = track.timestamp();
        now += 30_000_000_000L;
        track = TrackContinuity.after(track);
        assertThat(accept(40_000, 123_456, 9)).isEqualTo(65_535);
        assertThat(track.timestamp() - last).isEqualTo(30 * CLOCK);
        assertThat(track.missing()).isZero();
        assertThat(track.ssrc()).isEqualTo(SSRC);
    }

    @Test
    void anotherSsrcWithTheSameSequenceIsANewLabel() {
        accept(1, 500, 1);
        assertThat(accept(3, 500, 2)).isEqualTo(0);
        assertThat(track.isSsrcChanged()).isTrue();
        assertThat(track.isBroken()).isFalse();
        assertThat(track.missing()).isEqualTo(1);
    }

    @Test
    void anotherSsrcWithAnotherSequenceIsABreak() {
        accept(1, 500, 1);
        now += FRAME;
        assertThat(accept(30_000, 7_000_000, 2)).isEqualTo(65_535);
        assertThat(track.isBroken()).isTrue();
        assertThat(track.isTimestampJumped()).isTrue();
        assertThat(track.timestamp()).isEqualTo(-1000 + 3600);
    }

    @Test
    void stragglersKeepTheirNumbersAndMoveNothing() {
        accept(10, 0, 1);
        accept(13, 0, 1);
        assertThat(accept(11, 0, 1)).isEqualTo(65_535);
        assertThat(track.nextSequenceNumber()).isEqualTo(65_538 & 0xffff);
        assertThat(accept(14, 0, 1)).isEqualTo(65_538 & 0xffff);
        assertThat(track.missing()).isZero();
    }

    @Test
    void packetsBackInARowAreARestart() {
        accept(10, 0, 1);
        accept(0, 0, 1);
        accept(1, 0, 1);
        assertThat(track.isBroken()).isFalse();
        assertThat(accept(2, 0, 1)).isEqualTo(65_535);
        assertThat(track.isBroken()).isTrue();
        assertThat(track.isSequenceRestarted()).isTrue();
    }

    @Test
    void farBackIsARestartAtOnce() {
        accept(5000, 0, 1);
        assertThat(accept(0, 0, 1)).isEqualTo(65_535);
        assertThat(track.isSequenceRestarted()).isTrue();
    }

    @Test
    void theSamePacketAgainIsLeftOut() {
        accept(10, 0, 1);
        assertThat(track.accept(10, 0, 1, false, now)).isFalse();
        assertThat(accept(11, 0, 1)).isEqualTo(65_535);
    }

    @Test
    void aWithdrawnPacketLeavesNoTrace() {
        for (int i = 0; i < 50; i++) {
            accept(i, i * 3600, 1);
            track.withdraw();
            now += FRAME;
        }
        assertThat(track.isStarted()).isFalse();
        assertThat(track.isInSource()).isFalse();
        assertThat(accept(50, 0, 1)).isEqualTo(65_534);
        assertThat(track.timestamp()).isEqualTo(-1000);
        now += FRAME;
        accept(4000, 100, 1);
        track.withdraw();
        now += FRAME;
        assertThat(accept(4001, 3700, 1)).isEqualTo(65_535);
        assertThat(track.timestamp()).isEqualTo(-1000 + 2 * 3600);
    }

    @Test
    void aJumpOfTheTimelineIsRebasedByArrival() {
        accept(1, 0, 1);
        now += FRAME;
        accept(2, 10 * CLOCK, 1);
        assertThat(track.isTimestampJumped()).isTrue();
        assertThat(track.timestamp()).isEqualTo(-1000 + 3600);
        now += FRAME;
        accept(3, 10 * CLOCK - 2 * CLOCK, 1);
        assertThat(track.isTimestampJumped()).isTrue();
        assertThat(track.timestamp()).isEqualTo(-1000 + 7200);
        assertThat(track.isBroken()).isFalse();
    }

    @Test
    void reorderedFramesAreNoJump() {
        accept(1, 0, 1);
        now += FRAME;
        accept(2, 3 * 3600, 1);
        now += FRAME;
        accept(3, 3600, 1);
        assertThat(track.isTimestampBackwards()).isTrue();
        assertThat(track.isTimestampJumped()).isFalse();
        assertThat(track.timestamp()).isEqualTo(-1000 + 3600);
    }

    @Test
    void aStalledSourceMayCatchUpOrGoOn() {
        accept(1, 0, 1);
        now += 8_000_000_000L;
        accept(2, 3600, 1);
        assertThat(track.isTimestampJumped()).isFalse();
        // It threw away what it could not send: eight seconds ahead at once, but not ahead of real time.
        accept(3, 8 * CLOCK, 1);
        assertThat(track.isTimestampJumped()).isFalse();
        accept(4, 14 * CLOCK, 1);
        assertThat(track.isTimestampJumped()).isTrue();
    }

    @Test
    void randomHistoriesGiveOneSequenceAndOneTimeline() {
        for (int seed = 0; seed < 300; seed++) {
            randomHistory(new Random(seed));
        }
    }

    /** Loss is the only hole in the sequence; the timeline never falls back by more than a second, nor runs away from the arrival clock. */
    private void randomHistory(Random random) {
        track = new TrackContinuity(CLOCK, SSRC, random.nextInt() & 0xffff, random.nextInt());
        int sequence = random.nextInt() & 0xffff;
        int timestamp = random.nextInt();
        int ssrc = random.nextInt();
        int expected = -1;
        int highestTicks = 0;
        int begin = 0;
        long beginNanos = now;
        for (int i = 0; i < 400; i++) {
            int lost = 0;
            long gap = FRAME;
            switch (random.nextInt(20)) {
                case 0 -> {
                    sequence = sequence + 4000 + random.nextInt(40_000);
                    ssrc++;
                }
                case 1 -> timestamp += 6 * CLOCK + random.nextInt(1 << 29);
                case 2 -> timestamp -= CLOCK + 3700 + random.nextInt(1 << 29);
                case 3 -> {
                    track = TrackContinuity.after(track);
                    gap = random.nextInt(60) * 1_000_000_000L;
                    sequence = random.nextInt();
                    timestamp = random.nextInt();
                    ssrc = random.nextInt();
                }
                case 4 -> {
                    lost = track.isInSource() ? 1 + random.nextInt(50) : 0;
                    sequence += lost;
                }
                case 5 -> ssrc++;
                default -> {}
            }
            now += gap;
            assertThat(track.accept(sequence & 0xffff, timestamp, ssrc, false, now))
                    .isTrue();
            if (i > 0) {
                assertThat(track.sequenceNumber()).as("step %d", i).isEqualTo(expected + lost & 0xffff);
                assertThat(track.missing()).isEqualTo(lost);
                int ticks = track.timestamp() - begin;
                assertThat(ticks).as("timeline").isGreaterThan(highestTicks - CLOCK - 1);
                highestTicks = Math.max(highestTicks, ticks);
                long off = ticks * 1_000_000_000L / CLOCK - (now - beginNanos);
                assertThat(Math.abs(off)).as("off the arrival clock").isLessThan(1_000_000_000L);
            } else {
                begin = track.timestamp();
                beginNanos = now;
            }
            expected = track.nextSequenceNumber();
            sequence++;
            timestamp += 3600;
        }
    }
}
