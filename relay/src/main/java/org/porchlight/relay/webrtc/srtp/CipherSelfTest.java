package org.porchlight.relay.webrtc.srtp;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufUtil;
import io.netty.buffer.Unpooled;
import java.nio.ByteBuffer;
import java.util.Arrays;
import java.util.Optional;

/** Holds a provider against the JDK's before it is trusted with anybody's video. */
final class CipherSelfTest {
    private static final int HEADER = 12;
    private static final int[] PAYLOADS = {0, 1, 15, 16, 17, 1_188};

    private CipherSelfTest() {}

    /** What a provider does otherwise than the JDK; empty: nothing. */
    static Optional<String> difference(SrtpProfile profile, CipherProvider provider) {
        byte[] key = new byte[profile.keyLength()];
        byte[] salt = new byte[profile.saltLength()];
        for (int i = 0; i < key.length; i++) {
            key[i] = (byte) (7 * i + 1);
        }
        Arrays.fill(salt, (byte) 0x5a);
        MasterKey master = new MasterKey(profile, key, salt);
        try (SrtpSender reference = new SrtpSender(master, CipherProvider.jdk());
                SrtpSender sender = new SrtpSender(master, provider);
                SrtpReceiver receiver = new SrtpReceiver(master, provider)) {
            for (int i = 0; i < PAYLOADS.length; i++) {
                ByteBuf expected = packet(profile, i);
                ByteBuf actual = packet(profile, i);
                reference.protectRtp(expected, 0, HEADER, PAYLOADS[i], Unpooled.EMPTY_BUFFER, 0, 0);
                int length = sender.protectRtp(actual, 0, HEADER, PAYLOADS[i], Unpooled.EMPTY_BUFFER, 0, 0);
                if (!ByteBufUtil.equals(expected, 0, actual, 0, expected.capacity())) {
                    return Optional.of("another SRTP packet");
                }
                if (receiver.unprotectRtp(actual, 0, length) < 0) {
                    return Optional.of("does not open its own SRTP packet");
                }
                expected.setByte(HEADER, expected.getByte(HEADER) ^ 1);
                expected.setShort(2, 1_000 + i);
                if (receiver.unprotectRtp(expected, 0, length) >= 0) {
                    return Optional.of("opens an altered SRTP packet");
                }
            }
            return Optional.empty();
        } catch (IllegalStateException e) {
            return Optional.of(String.valueOf(e.getMessage()));
        }
    }

    private static ByteBuf packet(SrtpProfile profile, int number) {
        ByteBuf packet =
                Unpooled.wrappedBuffer(ByteBuffer.allocateDirect(HEADER + PAYLOADS[number] + profile.rtpOverhead()));
        packet.setByte(0, 0x80);
        packet.setShort(2, number);
        for (int i = 0; i < PAYLOADS[number]; i++) {
            packet.setByte(HEADER + i, i);
        }
        return packet;
    }
}
