package org.porchlight.relay.webrtc.dtls;

import com.code_intelligence.jazzer.junit.FuzzTest;

/** Whatever a datagram holds, the screen's answer is that of a plain reading of its rule. */
class DtlsFuzzTest {

    @FuzzTest
    void recordScreen(byte[] datagram) {
        RecordScreenTest.accountsForEveryByte(datagram);
    }
}
