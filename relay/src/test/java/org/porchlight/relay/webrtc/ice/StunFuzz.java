package org.porchlight.relay.webrtc.ice;

import static org.assertj.core.api.Assertions.assertThat;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import java.net.InetSocketAddress;
import org.jspecify.annotations.Nullable;

/** What holds for any bytes that reach an agent: nothing unsigned is answered or moves anything, no answer is larger than its request. */
final class StunFuzz {
    static final IceCredentials LOCAL = new IceCredentials("evtj", StunVectors.PASSWORD);
    static final IceCredentials REMOTE = new IceCredentials("h6vY", "passwordpasswordpassword");

    private static final InetSocketAddress SOURCE = new InetSocketAddress("192.0.2.7", 4_711);
    /** XOR-MAPPED-ADDRESS, ERROR-CODE with its reason and the list of unknown attributes: what an answer may be longer by. */
    private static final int GROWTH = 52;

    private StunFuzz() {}

    /** Returns what the agent made of it; null when it did not parse. */
    static @Nullable CheckResult check(byte[] bytes) {
        StunMessage message = new StunMessage();
        ByteBuf buf = Unpooled.wrappedBuffer(bytes);
        if (message.parse(buf, 0, bytes.length) != StunMessage.Parsing.OK) {
            return null;
        }
        assertThat(message.username().length()).isLessThanOrEqualTo(513);
        assertThat(message.localUfrag().length()).isLessThanOrEqualTo(513);
        assertThat(message.errorCode()).isBetween(0, 699);
        message.mappedAddress();
        message.messageClass();
        StunWriter writer = new StunWriter();
        boolean[] selected = new boolean[1];
        IceLiteAgent agent = new IceLiteAgent(LOCAL, REMOTE, 0, new RecordingListener() {
            @Override
            public void onSelected(IcePath path) {
                selected[0] = true;
            }
        });
        CheckResult result = agent.receive(message, IceTransport.UDP, SOURCE, 1, writer);
        boolean signed = message.isSignedWith(IntegrityKey.of(LOCAL.password()));
        assertThat(result.isAnswered()).isEqualTo(writer.length() > 0);
        assertThat(writer.length()).isLessThanOrEqualTo(bytes.length + GROWTH);
        if (!signed) {
            assertThat(result.isAnswered()).isFalse();
            assertThat(agent.sendPath()).isNull();
        }
        assertThat(selected[0]).isEqualTo(result == CheckResult.SELECTED);
        return result;
    }
}
