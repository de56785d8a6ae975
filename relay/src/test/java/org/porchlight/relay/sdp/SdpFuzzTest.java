package org.porchlight.relay.sdp;

import com.code_intelligence.jazzer.junit.FuzzTest;

class SdpFuzzTest {
    @FuzzTest
    void readsAnything(byte[] data) {
        SdpInvariants.check(data);
    }
}
