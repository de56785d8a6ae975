package org.porchlight.relay.webrtc.netty;

import static org.assertj.core.api.Assertions.assertThat;

import java.net.InetSocketAddress;
import org.junit.jupiter.api.Test;

class StunGaugeTest {
    private static final InetSocketAddress FLOODER = new InetSocketAddress("192.0.2.1", 1000);

    private final StunGauge gauge = new StunGauge(99);

    @Test
    void admitsSixtyInASecondAndAgainInTheNext() {
        for (int second = 0; second < 3; second++) {
            long start = Long.MAX_VALUE - 1_000_000_000L + second * 1_000_000_000L;
            int admitted = 0;
            for (int i = 0; i < 1000; i++) {
                admitted += gauge.admits(FLOODER, start + i * 999_000L) ? 1 : 0;
            }
            assertThat(admitted).isEqualTo(StunGauge.PER_INTERVAL);
        }
    }

    @Test
    void aFloodFromOneAddressLeavesTheOthersAlone() {
        for (int i = 0; i < 1000; i++) {
            gauge.admits(FLOODER, 0);
        }
        int admitted = 0;
        for (int port = 2000; port < 3000; port++) {
            admitted += gauge.admits(new InetSocketAddress("192.0.2.2", port), 1) ? 1 : 0;
        }
        assertThat(admitted).isGreaterThan(990);
    }
}
