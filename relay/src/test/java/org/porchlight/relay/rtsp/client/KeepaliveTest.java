package org.porchlight.relay.rtsp.client;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;

class KeepaliveTest {
    private static final long SECOND = 1_000_000_000L;

    private final CameraMemory memory = new CameraMemory(
            RtspUrl.parse("rtsp://192.0.2.7/").orElseThrow().url(), null, TransportChoice.AUTO, () -> "c");
    private final Keepalive keepalive = new Keepalive(memory, 25 * SECOND);

    @Test
    void nothingIsDueBeforeTheCameraPlays() {
        assertThat(keepalive.dueNanos()).isEqualTo(Long.MAX_VALUE);
    }

    @Test
    void keepsAliveWellWithinTheCamerasTimeOutAndTheBound() {
        keepalive.begin(15, 100 * SECOND);
        assertThat(keepalive.dueNanos()).isEqualTo(110 * SECOND);
        keepalive.begin(60, 100 * SECOND);
        assertThat(keepalive.dueNanos()).isEqualTo(125 * SECOND);
        keepalive.begin(1, 100 * SECOND);
        assertThat(keepalive.dueNanos()).isEqualTo(101 * SECOND);
    }

    @Test
    void triesTheNextMethodAtOnceWhenOneIsRefused() {
        memory.onMethodsAnnounced("OPTIONS, GET_PARAMETER");
        keepalive.begin(60, 0);
        assertThat(keepalive.next(25 * SECOND)).isEqualTo(KeepaliveMethod.GET_PARAMETER);
        keepalive.onRefused();
        assertThat(keepalive.dueNanos()).isLessThanOrEqualTo(25 * SECOND);
        assertThat(keepalive.next(25 * SECOND)).isEqualTo(KeepaliveMethod.OPTIONS);
        assertThat(memory.quirks()).containsExactly(CameraQuirk.KEEPALIVE_GET_PARAMETER_REFUSED);
    }

    @Test
    void endsUpWithoutAnyMethodAndWithoutHurry() {
        keepalive.begin(60, 0);
        for (int i = 0; i < KeepaliveMethod.values().length; i++) {
            assertThat(keepalive.next(25 * SECOND)).isNotNull();
            keepalive.onSilence(25 * SECOND);
        }
        assertThat(keepalive.next(25 * SECOND)).isNull();
        assertThat(keepalive.dueNanos()).isEqualTo(50 * SECOND);
    }

    @Test
    void aCloseAtTheTimeOutOrOnTheKeepaliveIsItsFaultAndNoOtherIs() {
        keepalive.begin(60, 0);
        KeepaliveMethod used = keepalive.next(25 * SECOND);
        keepalive.onConnectionLost("", 30 * SECOND);
        assertThat(memory.quirks()).isEmpty();
        keepalive.onConnectionLost("", 61 * SECOND);
        assertThat(memory.keepalive()).isNotEqualTo(used);
        KeepaliveMethod second = keepalive.next(70 * SECOND);
        keepalive.onConnectionLost(String.valueOf(second), 90 * SECOND);
        assertThat(memory.keepalive()).isNotEqualTo(second);
    }
}
