package org.porchlight.relay.webrtc.srtp;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.Test;

class CipherChoiceTest {

    @Test
    void takesTheProviderWithTheBestRound() {
        // Two names of one provider; the clock makes the rounds of the first slow and of the second fast.
        long[] steps = {0, 500_000, 0, 100_000, 0};
        AtomicLong now = new AtomicLong();
        AtomicLong calls = new AtomicLong();
        CipherProvider jdk = CipherProvider.jdk();

        CipherChoice choice = CipherChoice.fastest(
                List.of(jdk, jdk), () -> now.addAndGet(steps[(int) (calls.getAndIncrement() % steps.length)] + 20_000));

        assertThat(choice.figures()).hasSize(2);
        assertThat(choice.figures().get(0).nanosPerPacket())
                .isLessThanOrEqualTo(choice.figures().get(1).nanosPerPacket());
        assertThat(choice.provider()).isSameAs(choice.figures().get(0).provider());
    }

    @Test
    void staysWithinItsBudgetOfTime() {
        AtomicLong now = new AtomicLong();
        CipherChoice.fastest(List.of(CipherProvider.jdk()), () -> now.addAndGet(1_000_000));
        assertThat(now.get()).isLessThan(110_000_000);
    }

    @Test
    void choosesSomethingThatWorksOnThisMachine() {
        CipherChoice choice = CipherChoice.measure(System::nanoTime);
        assertThat(CipherChoice.passesSelfTest(choice.provider())).isTrue();
        assertThat(choice.provider().name()).isNotBlank();
    }
}
