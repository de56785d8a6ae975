package org.porchlight.relay.webrtc.srtp;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

class SrtpFailureTest {

    @ParameterizedTest
    @EnumSource
    void isFoundByTheResultThatStandsForIt(SrtpFailure failure) {
        assertThat(failure.code()).isNegative();
        assertThat(SrtpFailure.of(failure.code())).isEqualTo(failure);
    }

    @ParameterizedTest
    @EnumSource
    void isCountedByItself(SrtpFailure failure) {
        FailureCounts counts = new FailureCounts();
        assertThat(counts.failed(failure)).isEqualTo(failure.code());
        for (SrtpFailure any : SrtpFailure.values()) {
            assertThat(counts.of(any)).isEqualTo(any == failure ? 1 : 0);
        }
    }
}
