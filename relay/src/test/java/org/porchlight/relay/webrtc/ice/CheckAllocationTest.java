package org.porchlight.relay.webrtc.ice;

import static org.assertj.core.api.Assertions.assertThat;

import com.sun.management.ThreadMXBean;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import java.lang.management.ManagementFactory;
import java.net.InetSocketAddress;
import org.junit.jupiter.api.Test;

/** Checks come every few seconds from every viewer: each costs the copies that the platform's HMAC and addresses make, and no more. */
class CheckAllocationTest {
    private static final int CHECKS = 5_000;

    @Test
    void aCheckAndItsAnswerAllocateNextToNothing() {
        IceCredentials local = new IceCredentials("LOCAL", "localPasswordOfTheRelay1");
        InetSocketAddress viewer = new InetSocketAddress("192.0.2.1", 1_001);
        IceLiteAgent agent = new IceLiteAgent(local, local, 0, new RecordingListener());
        StunMessage message = new StunMessage();
        StunWriter request = new StunWriter();
        StunWriter answer = new StunWriter();
        // On the heap: the leak detector of tests would allocate for every access to others.
        ByteBuf out = Unpooled.buffer(128);
        ByteBuf in = Unpooled.buffer(256);
        request.request(
                new StunWriter.TransactionId(1, 2),
                "LOCAL:PEER",
                new StunWriter.Check(true, 3, 4, true),
                IntegrityKey.of(local.password()));
        request.writeTo(in);
        ThreadMXBean threads = (ThreadMXBean) ManagementFactory.getThreadMXBean();
        long before = 0;
        for (int i = 0; i < 2 * CHECKS; i++) {
            if (i == CHECKS) {
                before = threads.getCurrentThreadAllocatedBytes();
            }
            assertAnswered(agent, message, in, viewer, answer);
            out.clear();
            answer.writeTo(out);
        }
        double bytes = (double) (threads.getCurrentThreadAllocatedBytes() - before) / CHECKS;
        assertThat(bytes).isLessThan(200);
    }

    private static void assertAnswered(
            IceLiteAgent agent, StunMessage message, ByteBuf in, InetSocketAddress viewer, StunWriter answer) {
        StunMessage.Parsing parsing = message.parse(in, 0, in.readableBytes());
        CheckResult result = agent.receive(message, IceTransport.UDP, viewer, 1, answer);
        if (parsing != StunMessage.Parsing.OK || !result.isAnswered()) {
            throw new AssertionError(parsing + " " + result);
        }
    }
}
