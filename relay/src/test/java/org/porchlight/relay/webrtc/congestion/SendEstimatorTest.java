package org.porchlight.relay.webrtc.congestion;

import static org.assertj.core.api.Assertions.assertThat;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import org.junit.jupiter.api.Test;

class SendEstimatorTest {
    private static final long MEGA = 1_000_000;

    /** Sends what the estimate allows, as an encoder that follows it would. */
    private static long following(long estimate) {
        return estimate == 0 ? MEGA : Math.min(estimate, 20 * MEGA);
    }

    @Test
    void findsTheCapacityAndStaysThereWithAShortQueue() {
        SimulatedPath path = new SimulatedPath();
        path.run(60, SendEstimatorTest::following);
        path.worstQueueNanos = 0;
        long least = Long.MAX_VALUE;
        for (int i = 0; i < 60; i++) {
            path.run(1, SendEstimatorTest::following);
            least = Math.min(least, path.estimate());
            assertThat(path.estimate()).as("second %s", i).isLessThan(5_200_000);
        }
        assertThat(least).isGreaterThan(2_800_000);
        assertThat(path.worstQueueNanos).isLessThan(250 * MEGA);
    }

    @Test
    void followsADropWithinSecondsAndARecovery() {
        SimulatedPath path = new SimulatedPath();
        path.run(60, SendEstimatorTest::following);
        path.capacity = MEGA;
        path.run(4, SendEstimatorTest::following);
        assertThat(path.estimate()).isBetween(400_000L, 1_150_000L);
        path.run(30, SendEstimatorTest::following);
        assertThat(path.estimate()).isBetween(600_000L, 1_300_000L);
        path.capacity = 4 * MEGA;
        path.run(45, SendEstimatorTest::following);
        assertThat(path.estimate()).isGreaterThan(3 * MEGA);
    }

    @Test
    void risesAboveWhatACameraMakesSoThatABetterPictureMayBeTried() {
        SimulatedPath path = new SimulatedPath();
        path.capacity = 20 * MEGA;
        path.run(60, estimate -> 600_000);
        assertThat(path.estimate()).isGreaterThan(4 * MEGA);
    }

    @Test
    void leavesASteadyStreamAloneWhenItFits() {
        SimulatedPath path = new SimulatedPath();
        path.capacity = 10 * MEGA;
        path.jitterNanos = 8 * MEGA;
        path.run(5, estimate -> 2 * MEGA);
        for (int i = 0; i < 120; i++) {
            path.run(1, estimate -> 2 * MEGA);
            assertThat(path.estimate()).as("second %s", i).isGreaterThan(2_200_000);
        }
    }

    @Test
    void takesLightLossForRadioAndHeavyLossForCongestion() {
        SimulatedPath path = new SimulatedPath();
        path.capacity = 10 * MEGA;
        path.lossFraction = 0.03;
        path.run(30, estimate -> 2 * MEGA);
        assertThat(path.estimate()).isGreaterThan(2_500_000);
        assertThat(path.estimator.fractionLost()).isBetween(0.005, 0.08);
        path.lossFraction = 0.3;
        path.run(10, estimate -> 2 * MEGA);
        assertThat(path.estimate()).isLessThan(MEGA);
    }

    /** As a viewer's ladder does: down when too much, up when the estimate has room for the better picture and a quarter. */
    @Test
    void seldomLetsAPictureBeTriedThatThePathDoesNotCarry() {
        SimulatedPath path = new SimulatedPath();
        path.capacity = 1_500_000;
        boolean[] main = {true};
        int[] tries = {0};
        int triesByHalf = 0;
        for (int second = 0; second < 600; second++) {
            path.run(1, estimate -> main[0] ? 2 * MEGA : 600_000);
            if (main[0] && path.estimate() < 1_900_000) {
                main[0] = false;
            } else if (!main[0] && path.estimate() > 2_500_000) {
                main[0] = true;
                tries[0]++;
            }
            if (second == 300) {
                triesByHalf = tries[0];
            }
        }
        assertThat(tries[0]).isLessThanOrEqualTo(10);
        assertThat(tries[0] - triesByHalf).isLessThanOrEqualTo(3);
        path.capacity = 6 * MEGA;
        path.run(150, estimate -> 600_000);
        assertThat(path.estimate()).as("a better path is found at last").isGreaterThan(2_500_000);
    }

    @Test
    void survivesAJumpOfTheReceiversClockAndItsWrap() {
        SimulatedPath path = new SimulatedPath();
        path.run(30, estimate -> 2 * MEGA);
        long before = path.estimate();
        path.clockMicros += 100_000_000;
        path.run(5, estimate -> 2 * MEGA);
        assertThat(path.estimate()).isGreaterThanOrEqualTo(before);

        SimulatedPath wrapping = new SimulatedPath();
        wrapping.clockMicros = TransportFeedback.WRAP_MICROS - 10_000_000;
        wrapping.run(5, estimate -> 2 * MEGA);
        before = wrapping.estimate();
        wrapping.run(15, estimate -> 2 * MEGA);
        assertThat(wrapping.estimate()).isGreaterThan(before);
    }

    @Test
    void knowsNothingWithoutFeedbackAndTakesRembThen() {
        SendEstimator estimator = new SendEstimator(100_000, 20 * MEGA, 0);
        assertThat(estimator.bitsPerSecond(0)).isZero();
        estimator.onRemb(1_700_000, 0);
        assertThat(estimator.bitsPerSecond(1)).isEqualTo(1_700_000);
        estimator.onRemb(Long.MAX_VALUE, 2);
        assertThat(estimator.bitsPerSecond(3)).isEqualTo(20 * MEGA);
        assertThat(estimator.bitsPerSecond(20_000 * MEGA)).isZero();
    }

    @Test
    void prefersFeedbackToRembWhileItComes() {
        SimulatedPath path = new SimulatedPath();
        path.run(10, estimate -> 2 * MEGA);
        path.estimator.onRemb(300_000, 10_000 * MEGA);
        assertThat(path.estimator.bitsPerSecond(10_000 * MEGA)).isGreaterThan(300_000);
        assertThat(path.estimator.bitsPerSecond(17_000 * MEGA)).isEqualTo(300_000);
    }

    @Test
    void countsWhatItCannotRead() {
        SendEstimator estimator = new SendEstimator(100_000, 20 * MEGA, 0);
        ByteBuf feedback = Unpooled.buffer().writeInt(5).writeInt(0);
        estimator.onTransportFeedback(feedback, 0, 8, 0);
        assertThat(estimator.malformedFeedback()).isOne();
    }
}
