package org.porchlight.relay.server;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.Arrays;
import org.junit.jupiter.api.Test;
import org.porchlight.relay.rtsp.client.TransportChoice;

class PulledCamerasTest {
    @Test
    void aTransportThatIsNamedIsTheOnlyOne() {
        assertThat(PulledCameras.choiceOf(TransportPreference.TCP)).isEqualTo(TransportChoice.TCP);
        assertThat(PulledCameras.choiceOf(TransportPreference.UDP)).isEqualTo(TransportChoice.UDP);
    }

    @Test
    void everyPreferenceHasAChoiceOfItsOwn() {
        assertThat(Arrays.stream(TransportPreference.values()).map(PulledCameras::choiceOf))
                .containsExactlyInAnyOrder(TransportChoice.values());
    }
}
