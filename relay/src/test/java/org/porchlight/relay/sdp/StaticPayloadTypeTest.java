package org.porchlight.relay.sdp;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;

class StaticPayloadTypeTest {
    @Test
    void knowsTheTablesOfRfc3551() {
        assertThat(StaticPayloadType.of(8)).contains(StaticPayloadType.PCMA);
        assertThat(StaticPayloadType.of(9).orElseThrow().rtpMap().clockRate()).isEqualTo(8_000);
        assertThat(StaticPayloadType.of(10).orElseThrow().rtpMap()).isEqualTo(new RtpMap(10, "L16", 44_100, 2));
        assertThat(StaticPayloadType.of(26).orElseThrow().rtpMap().encodingName())
                .isEqualTo("JPEG");
    }

    @Test
    void knowsNothingElse() {
        for (int type : new int[] {-1, 1, 2, 19, 24, 35, 72, 96, 127, 128, Integer.MAX_VALUE}) {
            assertThat(StaticPayloadType.of(type)).isEmpty();
        }
    }
}
