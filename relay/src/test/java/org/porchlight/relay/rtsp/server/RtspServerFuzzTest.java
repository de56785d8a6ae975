package org.porchlight.relay.rtsp.server;

import com.code_intelligence.jazzer.junit.FuzzTest;
import java.util.Random;

class RtspServerFuzzTest {
    @FuzzTest
    void aSessionTakesAnything(byte[] data) {
        ServerSessionMutationTest.check(data, new Random(data.length));
    }
}
