package org.porchlight.relay.webrtc.ice;

import com.code_intelligence.jazzer.junit.FuzzTest;

class StunFuzzTest {
    @FuzzTest
    void agentsTakeAnything(byte[] data) {
        StunFuzz.check(data);
    }
}
