package org.porchlight.relay.webrtc.srtp;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufUtil;
import io.netty.buffer.Unpooled;
import java.nio.ByteBuffer;
import java.util.HexFormat;
import java.util.SplittableRandom;
import java.util.stream.Stream;
import org.junit.jupiter.params.provider.Arguments;
import org.porchlight.relay.rtp.RtpHeader;

/** Keys and packets for the tests of this package. */
final class Fixtures {
    static final int SSRC = 0x1234_5678;
    static final int HEADER = 12;

    private Fixtures() {}

    /** Every provider of this JDK: the JDK's, and libcrypto from 22 on. */
    static Stream<CipherProvider> providers() {
        return Stream.concat(Stream.of(CipherProvider.jdk()), CipherProvider.libcrypto().stream());
    }

    /** Every provider with every profile. */
    static Stream<Arguments> providersAndProfiles() {
        return providers()
                .flatMap(provider -> Stream.of(SrtpProfile.values())
                        .map(profile -> Arguments.argumentSet(provider.name() + " " + profile, provider, profile)));
    }

    static byte[] bytes(String hex) {
        return HexFormat.of().parseHex(hex.replaceAll("\\s", ""));
    }

    static String hex(ByteBuf buf, int index, int length) {
        return ByteBufUtil.hexDump(buf, index, length);
    }

    static byte[] random(SplittableRandom random, int length) {
        byte[] bytes = new byte[length];
        random.nextBytes(bytes);
        return bytes;
    }

    static MasterKey key(SrtpProfile profile, long seed) {
        SplittableRandom random = new SplittableRandom(seed);
        return new MasterKey(profile, random(random, profile.keyLength()), random(random, profile.saltLength()));
    }

    static MasterKey key(SrtpProfile profile) {
        return key(profile, 1);
    }

    /** Direct memory of the collector's: nothing to release. */
    static ByteBuf direct(int bytes) {
        return Unpooled.wrappedBuffer(ByteBuffer.allocateDirect(bytes));
    }

    static ByteBuf directCopyOf(byte[] bytes, int room) {
        return direct(bytes.length + room).setBytes(0, bytes);
    }

    /** A packet with a plain header and this payload. */
    static byte[] rtp(int ssrc, int sequenceNumber, byte[] payload) {
        return ByteBuffer.allocate(HEADER + payload.length)
                .putShort((short) 0x8060)
                .putShort((short) sequenceNumber)
                .putInt(sequenceNumber * 3_000)
                .putInt(ssrc)
                .put(payload)
                .array();
    }

    /** A sender report without report blocks. */
    static byte[] rtcp(int ssrc, byte[] twentyBytes) {
        return ByteBuffer.allocate(28)
                .putInt(0x80c8_0006)
                .putInt(ssrc)
                .put(twentyBytes)
                .array();
    }

    /** Protects a packet as a whole, with CSRCs and extension as its header says; the result is exactly as long as it is. */
    static byte[] protect(SrtpSender sender, byte[] packet) {
        ByteBuf out = direct(packet.length + SrtpProfile.MAX_RTP_OVERHEAD);
        ByteBuf plain = directCopyOf(packet, 0);
        long layout = RtpHeader.parse(plain, 0, packet.length);
        int header = RtpHeader.payloadOffset(layout);
        out.setBytes(0, packet, 0, header);
        int length = sender.protectRtp(out, 0, header, 0, plain, header, packet.length - header);
        if (length < 0) {
            throw new AssertionError(SrtpFailure.of(length));
        }
        return ByteBufUtil.getBytes(out, 0, length);
    }

    static byte[] protectRtcp(SrtpSender sender, byte[] packet) {
        ByteBuf out = directCopyOf(packet, SrtpProfile.MAX_RTCP_OVERHEAD);
        return ByteBufUtil.getBytes(out, 0, sender.protectRtcp(out, 0, packet.length));
    }

    /** What came out, or the failure's name. */
    static Object unprotect(SrtpReceiver receiver, byte[] packet) {
        ByteBuf buf = directCopyOf(packet, 0);
        int length = receiver.unprotectRtp(buf, 0, packet.length);
        return length < 0 ? SrtpFailure.of(length) : ByteBufUtil.getBytes(buf, 0, length);
    }

    static Object unprotectRtcp(SrtpReceiver receiver, byte[] packet) {
        ByteBuf buf = directCopyOf(packet, 0);
        int length = receiver.unprotectRtcp(buf, 0, packet.length);
        return length < 0 ? SrtpFailure.of(length) : ByteBufUtil.getBytes(buf, 0, length);
    }
}
