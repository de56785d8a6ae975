package org.porchlight.relay.webrtc.srtp;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.porchlight.relay.webrtc.srtp.Fixtures.HEADER;
import static org.porchlight.relay.webrtc.srtp.Fixtures.SSRC;
import static org.porchlight.relay.webrtc.srtp.Fixtures.direct;
import static org.porchlight.relay.webrtc.srtp.Fixtures.protect;
import static org.porchlight.relay.webrtc.srtp.Fixtures.protectRtcp;
import static org.porchlight.relay.webrtc.srtp.Fixtures.rtp;
import static org.porchlight.relay.webrtc.srtp.Fixtures.unprotect;
import static org.porchlight.relay.webrtc.srtp.Fixtures.unprotectRtcp;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufUtil;
import io.netty.buffer.Unpooled;
import io.netty.util.IllegalReferenceCountException;
import java.util.SplittableRandom;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** One sender and one receiver, with every provider and profile. */
class SrtpSessionTest {
    private static final String ALL = "org.porchlight.relay.webrtc.srtp.Fixtures#providersAndProfiles";
    private static final byte[] PAYLOAD = "a payload of some length, not a whole number of blocks"
            .getBytes(java.nio.charset.StandardCharsets.US_ASCII);

    @ParameterizedTest
    @MethodSource(ALL)
    void encryptsPrefixAndSharedPayloadStraightIntoThePacket(CipherProvider provider, SrtpProfile profile) {
        MasterKey key = Fixtures.key(profile);
        SplittableRandom random = new SplittableRandom(2);
        ByteBuf shared = Fixtures.directCopyOf(Fixtures.random(random, 3_000), 0);
        try (SrtpSender sender = new SrtpSender(key, provider);
                SrtpReceiver receiver = new SrtpReceiver(key, provider)) {
            for (int i = 0; i < 100; i++) {
                int prefix = random.nextInt(5);
                int length = random.nextInt(1_200);
                int from = random.nextInt(1_800);
                int at = random.nextInt(40);
                ByteBuf out = direct(at + HEADER + prefix + length + SrtpProfile.MAX_RTP_OVERHEAD);
                byte[] front = rtp(SSRC, i, Fixtures.random(random, prefix));
                out.setBytes(at, front);

                int total = sender.protectRtp(out, at, HEADER, prefix, shared.asReadOnly(), from, length);

                assertThat(total).isEqualTo(HEADER + prefix + length + profile.rtpOverhead());
                assertThat(ByteBufUtil.getBytes(out, at, HEADER)).startsWith(java.util.Arrays.copyOf(front, HEADER));
                assertThat(receiver.unprotectRtp(out, at, total)).isEqualTo(HEADER + prefix + length);
                assertThat(ByteBufUtil.getBytes(out, at, front.length)).isEqualTo(front);
                assertThat(ByteBufUtil.equals(out, at + front.length, shared, from, length))
                        .isTrue();
            }
        }
    }

    @ParameterizedTest
    @MethodSource(ALL)
    void givesTheSameBytesWhereverTheBuffersLie(CipherProvider provider, SrtpProfile profile) {
        MasterKey key = Fixtures.key(profile);
        byte[] packet = rtp(SSRC, 9, PAYLOAD);
        byte[] expected;
        try (SrtpSender sender = new SrtpSender(key, CipherProvider.jdk())) {
            expected = protect(sender, packet);
        }
        for (boolean directOut : new boolean[] {true, false}) {
            for (boolean directPayload : new boolean[] {true, false}) {
                ByteBuf out = directOut ? direct(expected.length) : Unpooled.buffer(expected.length);
                ByteBuf payload = directPayload ? Fixtures.directCopyOf(PAYLOAD, 0) : Unpooled.wrappedBuffer(PAYLOAD);
                out.setBytes(0, packet, 0, HEADER);
                try (SrtpSender sender = new SrtpSender(key, provider);
                        SrtpReceiver receiver = new SrtpReceiver(key, provider)) {
                    int length = sender.protectRtp(out, 0, HEADER, 0, payload, 0, PAYLOAD.length);
                    assertThat(ByteBufUtil.getBytes(out, 0, length)).isEqualTo(expected);
                    assertThat(receiver.unprotectRtp(out, 0, length)).isEqualTo(packet.length);
                    assertThat(ByteBufUtil.getBytes(out, 0, packet.length)).isEqualTo(packet);
                }
            }
        }
    }

    @ParameterizedTest
    @MethodSource(ALL)
    void refusesAnyPacketWithOneBitChanged(CipherProvider provider, SrtpProfile profile) {
        MasterKey key = Fixtures.key(profile);
        try (SrtpSender sender = new SrtpSender(key, provider);
                SrtpReceiver receiver = new SrtpReceiver(key, provider)) {
            byte[] rtp = protect(sender, rtp(SSRC, 1, PAYLOAD));
            byte[] rtcp = protectRtcp(sender, Fixtures.rtcp(SSRC, new byte[20]));
            for (int bit = 0; bit < rtp.length * 8; bit++) {
                assertThat(unprotect(receiver, flipped(rtp, bit)))
                        .as("RTP bit %s", bit)
                        .isIn(SrtpFailure.AUTH_FAILED, SrtpFailure.MALFORMED);
            }
            for (int bit = 0; bit < rtcp.length * 8; bit++) {
                assertThat(unprotectRtcp(receiver, flipped(rtcp, bit)))
                        .as("RTCP bit %s", bit)
                        .isIn(SrtpFailure.AUTH_FAILED, SrtpFailure.MALFORMED, SrtpFailure.NOT_ENCRYPTED);
            }
            // None of the forgeries has left a trace: the true packets still come first.
            assertThat(unprotect(receiver, rtp)).isEqualTo(rtp(SSRC, 1, PAYLOAD));
            assertThat(unprotectRtcp(receiver, rtcp)).isEqualTo(Fixtures.rtcp(SSRC, new byte[20]));
            assertThat(receiver.failures(SrtpFailure.AUTH_FAILED)).isPositive();
        }
    }

    private static byte[] flipped(byte[] packet, int bit) {
        byte[] copy = packet.clone();
        copy[bit / 8] ^= (byte) (1 << bit % 8);
        return copy;
    }

    @ParameterizedTest
    @MethodSource(ALL)
    void forgedSequenceNumbersMoveNoRolloverCounter(CipherProvider provider, SrtpProfile profile) {
        MasterKey key = Fixtures.key(profile);
        try (SrtpSender sender = new SrtpSender(key, provider);
                SrtpReceiver receiver = new SrtpReceiver(key, provider)) {
            assertThat(unprotect(receiver, protect(sender, rtp(SSRC, 10, PAYLOAD))))
                    .isEqualTo(rtp(SSRC, 10, PAYLOAD));
            for (int forged = 0; forged < 65_536; forged += 500) {
                assertThat(unprotect(receiver, rtp(SSRC, forged, new byte[40]))).isInstanceOf(SrtpFailure.class);
            }
            assertThat(unprotect(receiver, protect(sender, rtp(SSRC, 11, PAYLOAD))))
                    .isEqualTo(rtp(SSRC, 11, PAYLOAD));
        }
    }

    @ParameterizedTest
    @MethodSource(ALL)
    void refusesWhatComesTwiceOrTooLate(CipherProvider provider, SrtpProfile profile) {
        MasterKey key = Fixtures.key(profile);
        try (SrtpSender sender = new SrtpSender(key, provider);
                SrtpReceiver receiver = new SrtpReceiver(key, provider)) {
            byte[] early = protect(sender, rtp(SSRC, 1, PAYLOAD));
            byte[] second = protect(sender, rtp(SSRC, 2, PAYLOAD));
            byte[] far = protect(sender, rtp(SSRC, 2 + ReplayWindow.SIZE, PAYLOAD));
            assertThat(unprotect(receiver, second)).isInstanceOf(byte[].class);
            assertThat(unprotect(receiver, second)).isEqualTo(SrtpFailure.REPLAYED);
            assertThat(unprotect(receiver, far)).isInstanceOf(byte[].class);
            assertThat(unprotect(receiver, early)).isEqualTo(SrtpFailure.TOO_OLD);

            byte[] report = protectRtcp(sender, Fixtures.rtcp(SSRC, new byte[20]));
            assertThat(unprotectRtcp(receiver, report)).isInstanceOf(byte[].class);
            assertThat(unprotectRtcp(receiver, report)).isEqualTo(SrtpFailure.REPLAYED);
            assertThat(receiver.failures(SrtpFailure.REPLAYED)).isEqualTo(2);
        }
    }

    @ParameterizedTest
    @MethodSource(ALL)
    void goesOnOverManyWrapsOfTheSequenceNumber(CipherProvider provider, SrtpProfile profile) {
        MasterKey key = Fixtures.key(profile);
        try (SrtpSender sender = new SrtpSender(key, provider);
                SrtpReceiver receiver = new SrtpReceiver(key, provider)) {
            for (int number = 0; number < 5 * 65_536; number += 30_000) {
                byte[] packet = rtp(SSRC, number, PAYLOAD);
                assertThat(unprotect(receiver, protect(sender, packet))).isEqualTo(packet);
            }
        }
    }

    @ParameterizedTest
    @MethodSource(ALL)
    void repeatsAPacketOnlyAsItWas(CipherProvider provider, SrtpProfile profile) {
        try (SrtpSender sender = new SrtpSender(Fixtures.key(profile), provider)) {
            byte[] first = protect(sender, rtp(SSRC, 65_535, PAYLOAD));
            // Once at once and once over the wrap.
            assertThat(protect(sender, rtp(SSRC, 65_535, PAYLOAD))).isEqualTo(first);
            protect(sender, rtp(SSRC, 0, PAYLOAD));
            assertThat(protect(sender, rtp(SSRC, 65_535, PAYLOAD))).isEqualTo(first);

            byte[] other = rtp(SSRC, 65_535, PAYLOAD);
            other[1] ^= (byte) 0x80;
            ByteBuf out = Fixtures.directCopyOf(other, SrtpProfile.MAX_RTP_OVERHEAD);
            int result = sender.protectRtp(out, 0, HEADER, PAYLOAD.length, Unpooled.EMPTY_BUFFER, 0, 0);
            assertThat(SrtpFailure.of(result)).isEqualTo(SrtpFailure.REPEATED_DIFFERENTLY);
            assertThat(ByteBufUtil.getBytes(out, 0, other.length)).containsOnly(0);
            assertThat(sender.failures(SrtpFailure.REPEATED_DIFFERENTLY)).isOne();
        }
    }

    @ParameterizedTest
    @MethodSource(ALL)
    void refusesToRepeatWhatItNoLongerRemembers(CipherProvider provider, SrtpProfile profile) {
        try (SrtpSender sender = new SrtpSender(Fixtures.key(profile), provider)) {
            protect(sender, rtp(SSRC, 0, PAYLOAD));
            protect(sender, rtp(SSRC, SendWindow.SIZE, PAYLOAD));
            assertThat(resultFor(sender, rtp(SSRC, 0, PAYLOAD))).isEqualTo(SrtpFailure.TOO_OLD);
            // Before its first packet there is nothing either.
            assertThat(resultFor(sender, rtp(SSRC, 65_000, PAYLOAD))).isEqualTo(SrtpFailure.TOO_OLD);
        }
    }

    private static SrtpFailure resultFor(SrtpSender sender, byte[] packet) {
        ByteBuf out = Fixtures.directCopyOf(packet, SrtpProfile.MAX_RTP_OVERHEAD);
        return SrtpFailure.of(sender.protectRtp(out, 0, HEADER, packet.length - HEADER, Unpooled.EMPTY_BUFFER, 0, 0));
    }

    @ParameterizedTest
    @MethodSource(ALL)
    void keepsSsrcsApartAndBounded(CipherProvider provider, SrtpProfile profile) {
        MasterKey key = Fixtures.key(profile);
        try (SrtpSender sender = new SrtpSender(key, provider);
                SrtpReceiver receiver = new SrtpReceiver(key, provider)) {
            for (int round = 0; round < 3; round++) {
                for (int ssrc = 0; ssrc < SrtpSender.MAX_SSRCS; ssrc++) {
                    byte[] packet = rtp(ssrc, 100 * ssrc + round, PAYLOAD);
                    assertThat(unprotect(receiver, protect(sender, packet))).isEqualTo(packet);
                    byte[] report = Fixtures.rtcp(ssrc, new byte[20]);
                    assertThat(unprotectRtcp(receiver, protectRtcp(sender, report)))
                            .isEqualTo(report);
                }
            }
            assertThat(resultFor(sender, rtp(SrtpSender.MAX_SSRCS, 1, PAYLOAD))).isEqualTo(SrtpFailure.TOO_MANY_SSRCS);
            try (SrtpSender another = new SrtpSender(key, provider)) {
                assertThat(unprotect(receiver, protect(another, rtp(SrtpSender.MAX_SSRCS, 1, PAYLOAD))))
                        .isEqualTo(SrtpFailure.TOO_MANY_SSRCS);
                assertThat(unprotectRtcp(
                                receiver, protectRtcp(another, Fixtures.rtcp(SrtpSender.MAX_SSRCS, new byte[20]))))
                        .isEqualTo(SrtpFailure.TOO_MANY_SSRCS);
            }
        }
    }

    @ParameterizedTest
    @MethodSource(ALL)
    void stopsWhenTheKeyIsUsedUp(CipherProvider provider, SrtpProfile profile) {
        MasterKey key = Fixtures.key(profile);
        long last = (1L << 31) - 1;
        try (SrtpSender sender = new SrtpSender(
                        profile,
                        provider.cipher(key, PacketKind.RTP, true),
                        provider.cipher(key, PacketKind.RTCP, true),
                        last);
                SrtpReceiver receiver = new SrtpReceiver(key, provider)) {
            byte[] report = Fixtures.rtcp(SSRC, new byte[20]);
            assertThat(unprotectRtcp(receiver, protectRtcp(sender, report))).isEqualTo(report);
            ByteBuf out = Fixtures.directCopyOf(report, SrtpProfile.MAX_RTCP_OVERHEAD);
            assertThat(SrtpFailure.of(sender.protectRtcp(out, 0, report.length)))
                    .isEqualTo(SrtpFailure.KEY_EXHAUSTED);
        }
    }

    @ParameterizedTest
    @MethodSource(ALL)
    void opensPacketsWithNothingToEncrypt(CipherProvider provider, SrtpProfile profile) {
        MasterKey key = Fixtures.key(profile);
        try (SrtpSender sender = new SrtpSender(key, provider);
                SrtpReceiver receiver = new SrtpReceiver(key, provider)) {
            byte[] packet = rtp(SSRC, 1, new byte[0]);
            byte[] report = Fixtures.bytes("80c90001 12345678");
            assertThat(unprotect(receiver, protect(sender, packet))).isEqualTo(packet);
            assertThat(unprotectRtcp(receiver, protectRtcp(sender, report))).isEqualTo(report);
        }
    }

    @ParameterizedTest
    @MethodSource(ALL)
    void refusesTruncatedPacketsWhatevertheirLength(CipherProvider provider, SrtpProfile profile) {
        MasterKey key = Fixtures.key(profile);
        try (SrtpSender sender = new SrtpSender(key, provider);
                SrtpReceiver receiver = new SrtpReceiver(key, provider)) {
            byte[] rtp = protect(sender, rtp(SSRC, 1, PAYLOAD));
            byte[] rtcp = protectRtcp(sender, Fixtures.rtcp(SSRC, new byte[20]));
            for (int length = 0; length < rtp.length; length++) {
                assertThat(unprotect(receiver, java.util.Arrays.copyOf(rtp, length)))
                        .isIn(SrtpFailure.TOO_SHORT, SrtpFailure.AUTH_FAILED);
            }
            for (int length = 0; length < rtcp.length; length++) {
                assertThat(unprotectRtcp(receiver, java.util.Arrays.copyOf(rtcp, length)))
                        .isIn(SrtpFailure.TOO_SHORT, SrtpFailure.AUTH_FAILED, SrtpFailure.NOT_ENCRYPTED);
            }
        }
    }

    @ParameterizedTest
    @MethodSource(ALL)
    void touchesNothingOutsideTheBuffersItIsGiven(CipherProvider provider, SrtpProfile profile) {
        MasterKey key = Fixtures.key(profile);
        try (SrtpSender sender = new SrtpSender(key, provider);
                SrtpReceiver receiver = new SrtpReceiver(key, provider)) {
            ByteBuf tight = direct(HEADER + 100 + profile.rtpOverhead() - 1).setByte(0, 0x80);
            ByteBuf payload = direct(100);
            assertThatThrownBy(() -> sender.protectRtp(tight, 0, HEADER, 0, payload, 0, 100))
                    .isInstanceOf(IndexOutOfBoundsException.class);
            assertThatThrownBy(() -> sender.protectRtp(tight, 0, HEADER, 0, payload, 51, 50))
                    .isInstanceOf(IndexOutOfBoundsException.class);
            assertThatThrownBy(() -> sender.protectRtp(tight, 0, HEADER, -1, payload, 0, 50))
                    .isInstanceOf(IndexOutOfBoundsException.class);
            assertThatThrownBy(() -> sender.protectRtcp(tight, 0, tight.capacity()))
                    .isInstanceOf(IndexOutOfBoundsException.class);
            assertThatThrownBy(() -> receiver.unprotectRtp(tight, 1, tight.capacity()))
                    .isInstanceOf(IndexOutOfBoundsException.class);
            assertThatThrownBy(() -> receiver.unprotectRtcp(tight, 1, tight.capacity()))
                    .isInstanceOf(IndexOutOfBoundsException.class);
            ByteBuf released = Unpooled.directBuffer(200, 200);
            released.release();
            assertThatThrownBy(() -> sender.protectRtp(direct(200), 0, HEADER, 0, released, 0, 50))
                    .isInstanceOf(IllegalReferenceCountException.class);
        }
    }

    @ParameterizedTest
    @MethodSource(ALL)
    void endsWithItsClosing(CipherProvider provider, SrtpProfile profile) {
        MasterKey key = Fixtures.key(profile);
        SrtpSender sender = new SrtpSender(key, provider);
        SrtpReceiver receiver = new SrtpReceiver(key, provider);
        byte[] packet = protect(sender, rtp(SSRC, 1, PAYLOAD));
        sender.close();
        sender.close();
        receiver.close();
        receiver.close();
        assertThatThrownBy(() -> protect(sender, rtp(SSRC, 2, PAYLOAD))).isInstanceOf(IllegalStateException.class);
        assertThatThrownBy(() -> unprotect(receiver, packet)).isInstanceOf(IllegalStateException.class);
    }
}
