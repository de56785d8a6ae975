package org.porchlight.relay.rtsp.netty;

import static org.assertj.core.api.Assertions.assertThat;

import io.netty.channel.embedded.EmbeddedChannel;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

class ConnectionTimerTest {
    private final EmbeddedChannel channel = new EmbeddedChannel();
    private final AtomicInteger fired = new AtomicInteger();
    private long nowNanos = Long.MAX_VALUE - 500;
    private ConnectionTimer timer;

    @BeforeEach
    void freeze() {
        channel.freezeTime();
        timer = new ConnectionTimer(channel.eventLoop(), () -> nowNanos, fired::incrementAndGet);
    }

    @AfterEach
    void close() {
        channel.finishAndReleaseAll();
    }

    private void pass(long nanos) {
        nowNanos += nanos;
        channel.advanceTimeBy(nanos, TimeUnit.NANOSECONDS);
        channel.runScheduledPendingTasks();
    }

    @Test
    void firesOnceAtItsDeadlineThoughItHasOverflowed() {
        timer.arm(nowNanos + 1000);
        pass(999);
        assertThat(fired).hasValue(0);
        pass(1);
        assertThat(fired).hasValue(1);
        pass(5000);
        assertThat(fired).hasValue(1);
    }

    @Test
    void comesForwardToAnEarlierDeadlineAndFiresAtTheOldOneWhenPutOff() {
        timer.arm(nowNanos + 1000);
        timer.arm(nowNanos + 100);
        timer.arm(nowNanos + 5000);
        pass(100);
        assertThat(fired).hasValue(1);
        timer.arm(nowNanos + 10);
        pass(10);
        assertThat(fired).hasValue(2);
    }

    @Test
    void neverFiresWithoutADeadlineOrWhenStopped() {
        timer.arm(Long.MAX_VALUE);
        timer.arm(nowNanos + 10);
        timer.stop();
        timer.arm(nowNanos + 10);
        pass(100);
        assertThat(fired).hasValue(0);
    }
}
