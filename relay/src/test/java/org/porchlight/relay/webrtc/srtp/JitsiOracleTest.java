package org.porchlight.relay.webrtc.srtp;

import static org.assertj.core.api.Assertions.assertThat;

import java.security.GeneralSecurityException;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.List;
import java.util.Random;
import java.util.SplittableRandom;
import java.util.logging.Level;
import org.jitsi.srtp.SrtcpCryptoContext;
import org.jitsi.srtp.SrtpContextFactory;
import org.jitsi.srtp.SrtpCryptoContext;
import org.jitsi.srtp.SrtpErrorStatus;
import org.jitsi.srtp.SrtpPolicy;
import org.jitsi.utils.ByteArrayBuffer;
import org.jitsi.utils.logging2.LoggerImpl;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** Another implementation opens what we protect and the other way round, over wraps of the sequence number, out of order. */
class JitsiOracleTest {
    private static final int SSRC = Fixtures.SSRC;
    private static final int FIRST_SEQUENCE_NUMBER = 30_000;

    @ParameterizedTest
    @MethodSource("org.porchlight.relay.webrtc.srtp.Fixtures#providersAndProfiles")
    void opensWhatWeSend(CipherProvider provider, SrtpProfile profile) throws GeneralSecurityException {
        SplittableRandom random = new SplittableRandom(3);
        try (SrtpSender sender = new SrtpSender(Fixtures.key(profile), provider)) {
            SrtpCryptoContext oracle = factory(false, profile).deriveContext(SSRC, 0);
            List<byte[]> sent = new ArrayList<>();
            List<byte[]> wire = new ArrayList<>();
            for (byte[] packet : packets(random)) {
                sent.add(packet);
                wire.add(Fixtures.protect(sender, packet));
            }
            for (int at : arrivalOrder(sent.size())) {
                Packet packet = new Packet(wire.get(at));
                assertThat(oracle.reverseTransformPacket(packet, false)).isEqualTo(SrtpErrorStatus.OK);
                assertThat(packet.bytes()).isEqualTo(sent.get(at));
            }
        }
    }

    @ParameterizedTest
    @MethodSource("org.porchlight.relay.webrtc.srtp.Fixtures#providersAndProfiles")
    void isOpenedByUs(CipherProvider provider, SrtpProfile profile) throws GeneralSecurityException {
        SplittableRandom random = new SplittableRandom(4);
        try (SrtpReceiver receiver = new SrtpReceiver(Fixtures.key(profile), provider)) {
            SrtpCryptoContext oracle = factory(true, profile).deriveContext(SSRC, 0);
            List<byte[]> sent = packets(random);
            List<byte[]> wire = new ArrayList<>();
            for (byte[] plain : sent) {
                Packet packet = new Packet(plain);
                assertThat(oracle.transformPacket(packet)).isEqualTo(SrtpErrorStatus.OK);
                wire.add(packet.bytes());
            }
            for (int at : arrivalOrder(sent.size())) {
                assertThat(Fixtures.unprotect(receiver, wire.get(at))).isEqualTo(sent.get(at));
                assertThat(Fixtures.unprotect(receiver, wire.get(at))).isEqualTo(SrtpFailure.REPLAYED);
            }
        }
    }

    @ParameterizedTest
    @MethodSource("org.porchlight.relay.webrtc.srtp.Fixtures#providersAndProfiles")
    void agreesOnRtcpBothWays(CipherProvider provider, SrtpProfile profile) throws GeneralSecurityException {
        SplittableRandom random = new SplittableRandom(5);
        MasterKey key = Fixtures.key(profile);
        try (SrtpSender sender = new SrtpSender(key, provider);
                SrtpReceiver receiver = new SrtpReceiver(key, provider)) {
            SrtcpCryptoContext opening = factory(false, profile).deriveControlContext(SSRC);
            SrtcpCryptoContext protecting = factory(true, profile).deriveControlContext(SSRC);
            for (int i = 0; i < 50; i++) {
                byte[] report = Fixtures.rtcp(SSRC, Fixtures.random(random, 20));
                Packet ours = new Packet(Fixtures.protectRtcp(sender, report));
                assertThat(opening.reverseTransformPacket(ours)).isEqualTo(SrtpErrorStatus.OK);
                assertThat(ours.bytes()).isEqualTo(report);

                Packet theirs = new Packet(report);
                assertThat(protecting.transformPacket(theirs)).isEqualTo(SrtpErrorStatus.OK);
                assertThat(Fixtures.unprotectRtcp(receiver, theirs.bytes())).isEqualTo(report);
            }
        }
    }

    /** Packets of all sizes with CSRCs and extensions at times, with losses between them, over two wraps. */
    private static List<byte[]> packets(SplittableRandom random) {
        List<byte[]> packets = new ArrayList<>();
        int number = FIRST_SEQUENCE_NUMBER;
        for (int i = 0; i < 300; i++) {
            // Losses only between the groups that arrivalOrder shuffles, which stay within anybody's replay window.
            number += 1 + (i % 4 == 1 ? random.nextInt(4_000) : 0);
            byte[] payload = Fixtures.random(random, random.nextInt(1_200));
            byte[] packet = Fixtures.rtp(SSRC, number, payload);
            packets.add(random.nextInt(4) == 0 ? withExtension(packet) : packet);
        }
        assertThat(number).isGreaterThan(2 * 65_536);
        return packets;
    }

    private static byte[] withExtension(byte[] packet) {
        byte[] extended = new byte[packet.length + 12];
        System.arraycopy(packet, 0, extended, 0, Fixtures.HEADER);
        System.arraycopy(packet, Fixtures.HEADER, extended, Fixtures.HEADER + 12, packet.length - Fixtures.HEADER);
        extended[0] |= 0x10;
        System.arraycopy(Fixtures.bytes("bede0002 22aabbcc 31dd0000"), 0, extended, Fixtures.HEADER, 12);
        return extended;
    }

    /** Neighbours change places, a few steps far; the first packet comes first, as it starts the rollover counter. */
    private static List<Integer> arrivalOrder(int size) {
        List<Integer> order = new ArrayList<>();
        for (int i = 0; i < size; i++) {
            order.add(i);
        }
        for (int i = 1; i + 4 <= size; i += 4) {
            Collections.shuffle(order.subList(i, i + 4), new Random(i));
        }
        return order;
    }

    private static SrtpContextFactory factory(boolean sender, SrtpProfile profile) {
        SrtpPolicy policy = profile == SrtpProfile.AES128_CM_HMAC_SHA1_80
                ? new SrtpPolicy(SrtpPolicy.AESCM_ENCRYPTION, 16, SrtpPolicy.HMACSHA1_AUTHENTICATION, 20, 10, 14)
                : new SrtpPolicy(
                        SrtpPolicy.AESGCM_ENCRYPTION, profile.keyLength(), SrtpPolicy.NULL_AUTHENTICATION, 0, 16, 12);
        MasterKey key = Fixtures.key(profile);
        return new SrtpContextFactory(
                sender, key.keyView(), key.saltView(), policy, policy, new LoggerImpl("oracle", Level.OFF));
    }

    private static final class Packet implements ByteArrayBuffer {
        private final byte[] buffer = new byte[2_048];
        private int length;

        Packet(byte[] bytes) {
            System.arraycopy(bytes, 0, buffer, 0, bytes.length);
            length = bytes.length;
        }

        byte[] bytes() {
            return Arrays.copyOf(buffer, length);
        }

        @Override
        public byte[] getBuffer() {
            return buffer;
        }

        @Override
        public int getOffset() {
            return 0;
        }

        @Override
        public int getLength() {
            return length;
        }

        @Override
        public void setLength(int newLength) {
            length = newLength;
        }

        @Override
        public void setOffset(int offset) {
            assertThat(offset).isZero();
        }

        @Override
        public boolean isInvalid() {
            return false;
        }

        @Override
        public void readRegionToBuff(int offset, int count, byte[] out) {
            System.arraycopy(buffer, offset, out, 0, count);
        }

        @Override
        public void grow(int count) {
            assertThat(length + count).isLessThanOrEqualTo(buffer.length);
        }

        @Override
        public void append(byte[] data, int count) {
            System.arraycopy(data, 0, buffer, length, count);
            length += count;
        }

        @Override
        public void shrink(int count) {
            length -= count;
        }
    }
}
