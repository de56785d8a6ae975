package org.porchlight.relay;

import static org.assertj.core.api.Assertions.assertThat;

import com.tngtech.archunit.core.domain.JavaClasses;
import com.tngtech.archunit.core.importer.ClassFileImporter;
import com.tngtech.archunit.lang.ArchRule;
import io.netty.buffer.ByteBuf;
import io.netty.channel.Channel;
import java.nio.channels.SocketChannel;
import java.time.Instant;
import java.util.concurrent.Executor;
import java.util.concurrent.ThreadLocalRandom;
import java.util.concurrent.locks.ReentrantLock;
import java.util.random.RandomGenerator;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** The rules find what they forbid, planted here, and leave alone what a core may do. */
class HouseRulesTest {

    private static final String HERE = "org.porchlight.relay";

    @ParameterizedTest
    @ValueSource(classes = {HoldsChannel.class, OpensSocket.class})
    void inputAndOutputIsFound(Class<?> planted) {
        assertThat(breaks(planted, HouseRules.doNoInputAndOutput(HERE))).isTrue();
    }

    @ParameterizedTest
    @ValueSource(classes = {ReadsNanoTime.class, ReadsWallClock.class, RollsDice.class})
    void clocksAndDiceAreFound(Class<?> planted) {
        assertThat(breaks(planted, HouseRules.readNoClockAndRollNoDice(HERE))).isTrue();
    }

    @ParameterizedTest
    @ValueSource(classes = {StartsThread.class, HandsOver.class, TakesLock.class})
    void threadsAndLocksAreFound(Class<?> planted) {
        assertThat(breaks(planted, HouseRules.startNoThread(HERE))).isTrue();
    }

    @ParameterizedTest
    @ValueSource(classes = {Calculates.class})
    void calculationsAreLeftAlone(Class<?> innocent) {
        assertThat(breaks(innocent, HouseRules.doNoInputAndOutput(HERE))).isFalse();
        assertThat(breaks(innocent, HouseRules.readNoClockAndRollNoDice(HERE))).isFalse();
        assertThat(breaks(innocent, HouseRules.startNoThread(HERE))).isFalse();
        assertThat(breaks(innocent, HouseRules.NAMES_SAY_WHAT_A_THING_IS)).isFalse();
    }

    private static boolean breaks(Class<?> type, ArchRule rule) {
        JavaClasses classes = new ClassFileImporter().importClasses(type);
        return rule.evaluate(classes).hasViolation();
    }

    record HoldsChannel(Channel channel) {}

    record OpensSocket(SocketChannel channel) {}

    static final class ReadsNanoTime {
        long now() {
            return System.nanoTime();
        }
    }

    static final class ReadsWallClock {
        @SuppressWarnings("JavaInstantGetSecondsGetNano")
        long now() {
            return Instant.now().getEpochSecond();
        }
    }

    static final class RollsDice {
        int roll() {
            return ThreadLocalRandom.current().nextInt(6);
        }
    }

    static final class StartsThread {
        Thread start(Runnable task) {
            return new Thread(task);
        }
    }

    static final class HandsOver {
        void handOver(Executor executor, Runnable task) {
            executor.execute(task);
        }
    }

    record TakesLock(ReentrantLock lock) {}

    static final class Calculates {
        int roll(RandomGenerator dice, ByteBuf buffer, long nowNanos) {
            return dice.nextInt(6) + buffer.readableBytes() + (int) nowNanos;
        }
    }
}
