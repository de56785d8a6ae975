package org.porchlight.relay.webrtc.session;

import static org.assertj.core.api.Assertions.assertThat;

import java.net.InetSocketAddress;
import java.security.SecureRandom;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Objects;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.porchlight.relay.webrtc.dtls.DtlsIdentity;
import org.porchlight.relay.webrtc.ice.IceCredentials;
import org.porchlight.relay.webrtc.ice.IcePath;
import org.porchlight.relay.webrtc.ice.IceTransport;

class WebRtcSessionTest {
    private static final DtlsIdentity IDENTITY =
            DtlsIdentity.generate(new SecureRandom(), Instant.EPOCH, Duration.ofDays(1));
    private static final InetSocketAddress RELAY = new InetSocketAddress("192.0.2.1", 8189);
    private static final InetSocketAddress WIFI = new InetSocketAddress("198.51.100.7", 40_000);
    private static final InetSocketAddress MOBILE = new InetSocketAddress("203.0.113.9", 50_000);
    private static final InetSocketAddress STRANGER = new InetSocketAddress("203.0.113.66", 6666);

    private final Random dice = new Random(11);
    private final IceCredentials local = IceCredentials.generate(dice);
    private final IceCredentials remote = IceCredentials.generate(dice);
    private final byte[] material = new byte[56];

    private VirtualNetwork network = new VirtualNetwork(1);
    private RelaySide relay;
    private TestPeer peer;

    WebRtcSessionTest() {
        dice.nextBytes(material);
        relay = newRelay();
        peer = newPeer();
    }

    private RelaySide newRelay() {
        SessionPlan plan = new SessionPlan(local, remote, IDENTITY, List.of(IDENTITY.fingerprint()));
        return new RelaySide(network, RELAY, plan, material);
    }

    private TestPeer newPeer() {
        return new TestPeer(network, WIFI, RELAY, remote, local, material);
    }

    private void on(VirtualNetwork other) {
        network = other;
        relay = newRelay();
        peer = newPeer();
    }

    private void run(long millis) {
        network.run(millis, relay, peer);
    }

    private void exchangeMedia(int packets) {
        for (int i = 0; i < packets; i++) {
            relay.sendMedia();
            peer.sendMedia();
            if (i % 10 == 0) {
                relay.sendReport();
                peer.sendReport();
            }
            run(5);
        }
        run(300);
    }

    @Test
    void connectsWithinThreeRoundTripsAndCarriesMediaBothWays() {
        run(200);
        assertThat(relay.session.isConnected()).isTrue();
        assertThat(relay.paths).containsExactly(new IcePath(IceTransport.UDP, WIFI));
        exchangeMedia(100);
        assertThat(peer.received).hasSize(100);
        assertThat(relay.received).hasSize(100);
        assertThat(peer.rtcpReceived).isEqualTo(10);
        assertThat(relay.rtcpReceived).isEqualTo(10);
        assertThat(peer.forged).isZero();
    }

    @ParameterizedTest
    @ValueSource(longs = {1, 2, 3, 4, 5, 6, 7, 8, 9, 10})
    void carriesWhatALinkThatLosesRepeatsAndReordersLeaves(long seed) {
        VirtualNetwork rough = new VirtualNetwork(seed);
        rough.loss = 0.2;
        rough.repetition = 0.1;
        rough.minDelayNanos = 5_000_000;
        rough.maxDelayNanos = 60_000_000;
        on(rough);
        run(3000);
        assertThat(relay.session.isConnected()).isTrue();
        assertThat(peer.connected).isTrue();
        exchangeMedia(1000);
        assertThat(peer.received).hasSizeBetween(750, 900);
        assertThat(relay.received).hasSizeBetween(750, 900);
        assertThat(relay.end).isNull();
    }

    @ParameterizedTest
    @ValueSource(longs = {21, 22, 23, 24})
    void garbageFromStrangersAndFromThePeersAddressHurtsNobodyAndGetsNoAnswer(long seed) {
        run(200);
        Random chance = new Random(seed);
        int sentBefore = network.sentFrom(RELAY);
        for (int i = 0; i < 3000; i++) {
            byte[] garbage = garbage(chance);
            relay.receive(garbage, STRANGER, network.nowNanos());
            if (garbage.length < 2 || garbage[0] < 20 || garbage[0] > 63) {
                relay.receive(garbage, WIFI, network.nowNanos());
            }
        }
        assertThat(network.sentFrom(RELAY)).isEqualTo(sentBefore);
        assertThat(relay.count(Reception.UNKNOWN_PATH)).isPositive();
        assertThat(relay.count(Reception.AUTH_FAILED)).isPositive();
        exchangeMedia(50);
        assertThat(relay.received).hasSize(50);
        assertThat(peer.received).hasSize(50);
    }

    private byte[] garbage(Random chance) {
        byte[] bytes = new byte[chance.nextInt(200)];
        chance.nextBytes(bytes);
        if (bytes.length > 12) {
            switch (chance.nextInt(4)) {
                case 0 -> bytes[0] = (byte) 0x80;
                case 1 -> {
                    bytes[0] = (byte) 0x80;
                    bytes[1] = (byte) 201;
                }
                case 2 -> bytes[0] = 0;
                default -> {
                    byte[] check = Objects.requireNonNull(peer.lastCheck()).clone();
                    // Not its fingerprint: without that it would be the peer's own check once more.
                    check[chance.nextInt(check.length - 8)] ^= (byte) (1 << chance.nextInt(8));
                    return check;
                }
            }
        }
        return bytes;
    }

    @Test
    void anOverheardCheckFromAnotherAddressMovesNothing() {
        run(200);
        int sentBefore = network.sentFrom(RELAY);
        relay.receive(Objects.requireNonNull(peer.lastCheck()), STRANGER, network.nowNanos());
        assertThat(relay.count(Reception.REPLAYED)).isEqualTo(1);
        assertThat(network.sentFrom(RELAY)).isEqualTo(sentBefore);
        assertThat(relay.session.sendPath()).isEqualTo(new IcePath(IceTransport.UDP, WIFI));
    }

    @Test
    void mediaAndHandshakeBeforeAValidCheckAreNotLookedAt() {
        relay.receive(new byte[] {22, 1}, WIFI, network.nowNanos());
        relay.receive(new byte[40], WIFI, network.nowNanos());
        byte[] rtp = new byte[60];
        rtp[0] = (byte) 0x80;
        relay.receive(rtp, WIFI, network.nowNanos());
        assertThat(relay.count(Reception.UNKNOWN_PATH)).isEqualTo(2);
        assertThat(network.sentFrom(RELAY)).isZero();
        assertThat(relay.session.isMovable()).isTrue();
    }

    @Test
    void mediaBeforeTheKeysAreDropped() {
        byte[] rtp = new byte[60];
        rtp[0] = (byte) 0x80;
        run(2);
        relay.receive(rtp, WIFI, network.nowNanos());
        assertThat(relay.count(Reception.NO_KEYS)).isEqualTo(1);
    }

    @Test
    void aPeerThatMovesIsFollowedWithoutANewHandshake() {
        run(200);
        exchangeMedia(20);
        peer.moveTo(MOBILE);
        run(200);
        assertThat(relay.paths)
                .containsExactly(new IcePath(IceTransport.UDP, WIFI), new IcePath(IceTransport.UDP, MOBILE));
        exchangeMedia(30);
        assertThat(peer.received).hasSize(50);
        assertThat(relay.received).hasSize(50);
    }

    @Test
    void aRestartKeepsTheMediaAndRetiresTheOldCredentials() {
        run(200);
        IceCredentials fresh = IceCredentials.generate(dice);
        relay.session.restart(fresh, remote);
        assertThat(relay.retired).isEmpty();
        exchangeMedia(10);
        peer.restart(fresh);
        run(200);
        assertThat(relay.retired).containsExactly(local.ufrag());
        exchangeMedia(10);
        assertThat(peer.received).hasSize(20);
    }

    @Test
    void aPeerThatVanishesIsGivenUpAfterThirtySeconds() {
        run(200);
        peer.silent = true;
        long before = network.nowNanos();
        run(29_000 - 2_500);
        assertThat(relay.end).isNull();
        run(5_000);
        assertThat(relay.end).isEqualTo(SessionEnd.CONSENT_EXPIRED);
        assertThat(relay.endNanos - before).isLessThanOrEqualTo(30_000_000_000L);
        assertThat(relay.linkClosed).isTrue();
        int sent = network.sentFrom(RELAY);
        relay.sendMedia();
        relay.sendReport();
        assertThat(network.sentFrom(RELAY)).isEqualTo(sent);
    }

    @Test
    void aPeerThatNeverComesIsGivenUp() {
        peer.silent = true;
        run(31_000);
        assertThat(relay.end).isEqualTo(SessionEnd.NEVER_CONNECTED);
        assertThat(network.sentFrom(RELAY)).isZero();
    }

    @Test
    void checksWithoutAHandshakeAreGivenUpAfterFifteenSeconds() {
        network.detach(WIFI);
        run(14_900);
        assertThat(relay.end).isNull();
        run(300);
        assertThat(relay.end).isEqualTo(SessionEnd.HANDSHAKE_TIMEOUT);
    }

    @Test
    void closingEndsItOnceAndTellsThePeer() {
        run(200);
        relay.session.close();
        relay.session.close();
        assertThat(relay.end).isEqualTo(SessionEnd.CLOSED);
        assertThat(relay.linkClosed).isTrue();
        assertThat(relay.session.sender()).isNull();
        assertThat(relay.session.nextDeadlineNanos()).isEqualTo(Long.MAX_VALUE);
        peer.sendMedia();
        run(10);
        assertThat(relay.count(Reception.ENDED)).isPositive();
    }
}
