package org.porchlight.relay.webrtc.negotiation;

import com.code_intelligence.jazzer.junit.FuzzTest;
import java.nio.charset.StandardCharsets;

class NegotiationFuzzTest {
    @FuzzTest
    void anyTextIsAnsweredOrRefused(byte[] data) {
        NegotiationFuzz.check(new String(data, StandardCharsets.ISO_8859_1));
    }
}
