package org.porchlight.relay.rtsp.client;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import java.util.Random;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;

class ReconnectPolicyTest {
    private static final long SECOND = TimeUnit.SECONDS.toNanos(1);

    private final ReconnectPolicy policy = new ReconnectPolicy(ReconnectPolicy.Settings.DEFAULT, new Random(1));

    @Test
    void doublesFromOneSecondToAMinuteAndStaysThere() {
        long bound = SECOND;
        for (int attempt = 0; attempt < 200; attempt++) {
            assertThat(policy.onFailure(0)).isBetween(bound / 2, bound);
            bound = Math.min(60 * SECOND, bound * 2);
        }
    }

    @Test
    void startsOverOnlyAfterAStableTime() {
        for (int i = 0; i < 5; i++) {
            policy.onFailure(29 * SECOND);
        }
        assertThat(policy.attempts()).isEqualTo(5);
        assertThat(policy.onFailure(30 * SECOND)).isBetween(SECOND / 2, SECOND);
        assertThat(policy.attempts()).isEqualTo(1);
    }

    @Test
    void spreadsCamerasThatFailTogether() {
        long earliest = Long.MAX_VALUE;
        long latest = 0;
        for (int camera = 0; camera < 1_000; camera++) {
            ReconnectPolicy one = new ReconnectPolicy(ReconnectPolicy.Settings.DEFAULT, new Random(camera));
            for (int i = 0; i < 6; i++) {
                one.onFailure(0);
            }
            long delay = one.onFailure(0);
            earliest = Math.min(earliest, delay);
            latest = Math.max(latest, delay);
        }
        assertThat(latest - earliest).isGreaterThan(25 * SECOND);
    }

    @Test
    void refusesSenselessSettings() {
        assertThatIllegalArgumentException().isThrownBy(() -> new ReconnectPolicy.Settings(0, 1, 1));
        assertThatIllegalArgumentException().isThrownBy(() -> new ReconnectPolicy.Settings(2, 1, 1));
    }
}
