package org.porchlight.relay.webrtc.dtls;

import static org.assertj.core.api.Assertions.assertThat;
import static org.porchlight.relay.webrtc.dtls.DtlsPair.settings;
import static org.porchlight.relay.webrtc.dtls.DtlsPair.soon;

import io.netty.buffer.Unpooled;
import java.security.SecureRandom;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Random;
import java.util.Set;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class DtlsConnectionTest {
    private DtlsPair pair = new DtlsPair();

    @AfterEach
    void close() {
        pair.close();
    }

    private void with(DtlsSettings server, DtlsSettings client) {
        pair.close();
        pair = new DtlsPair(server, client);
    }

    private void assertConnected() {
        DtlsKeys atServer = soon(pair.server.keys);
        DtlsKeys atClient = soon(pair.client.keys);
        assertThat(atServer.protection()).isEqualTo(SrtpProtection.AEAD_AES_128_GCM);
        assertThat(atServer.keyingMaterial())
                .isEqualTo(atClient.keyingMaterial())
                .hasSize(56);
        assertThat(atServer.role()).isEqualTo(DtlsRole.SERVER);
        assertThat(atClient.role()).isEqualTo(DtlsRole.CLIENT);
    }

    @Test
    void bothSidesExportTheSameKeys() {
        pair.start();
        assertConnected();
    }

    @Test
    void keysAreNeverPrinted() {
        pair.start();
        assertThat(soon(pair.server.keys)).hasToString("AEAD_AES_128_GCM keys (hidden)");
    }

    @Test
    void aFlightIsPackedIntoAsFewDatagramsAsFit() {
        DtlsSettings patient =
                new DtlsSettings(4, 2, 8, Duration.ofSeconds(10), Duration.ofSeconds(5), 1200, Duration.ofDays(1));
        with(patient, patient);
        pair.start();
        assertConnected();
        pair.onLoop(() -> {
            assertThat(pair.client.sent.size()).isEqualTo(2);
            assertThat(pair.server.sent.size()).isEqualTo(2);
        });
    }

    @Test
    void aClientHelloInManyFragmentsConnects() {
        with(settings(Duration.ofSeconds(10), 256), settings(Duration.ofSeconds(10), 256));
        pair.start();
        assertConnected();
        pair.onLoop(
                () -> assertThat(pair.client.sent.stream().map(d -> d.length).toList())
                        .hasSizeGreaterThan(3)
                        .allSatisfy(length -> assertThat(length).isLessThanOrEqualTo(256)));
    }

    @ParameterizedTest
    @ValueSource(longs = {1, 2, 3, 4, 5, 6, 7, 8})
    void aLinkThatLosesRepeatsAndReordersOnlyDelaysIt(long seed) {
        with(settings(Duration.ofSeconds(10), 400), settings(Duration.ofSeconds(10), 400));
        Random dice = new Random(seed);
        List<DtlsPair.Side> late = new ArrayList<>();
        List<byte[]> held = new ArrayList<>();
        pair.link = (from, datagram) -> {
            List<byte[]> arriving = new ArrayList<>();
            int fate = dice.nextInt(10);
            if (fate == 8) {
                late.add(from);
                held.add(datagram);
            } else if (fate >= 2) {
                arriving.add(datagram);
            }
            if (fate == 9) {
                arriving.add(datagram);
            }
            if (!held.isEmpty() && late.get(0) == from && fate < 8) {
                late.remove(0);
                arriving.add(held.remove(0));
            }
            return arriving;
        };
        pair.start();
        assertConnected();
    }

    @Test
    void theLastFlightIsRepeatedWhenItWasLost() {
        pair.link =
                (from, datagram) -> from == pair.server && pair.server.sent.size() == 2 ? List.of() : List.of(datagram);
        pair.start();
        assertConnected();
        pair.onLoop(() -> assertThat(pair.server.sent.size()).isGreaterThan(2));
    }

    @Test
    void anotherCertificateThanTheOneOfTheDescriptionIsRefused() {
        DtlsIdentity other = DtlsIdentity.generate(new SecureRandom(), Instant.now(), Duration.ofDays(1));
        pair.start(
                List.of(other.fingerprint()),
                List.of(pair.serverEndpoint.identity().fingerprint()));
        assertThat(soon(pair.server.closed)).isEqualTo(DtlsFailure.FINGERPRINT_MISMATCH);
        assertThat(soon(pair.client.closed)).isEqualTo(DtlsFailure.PEER_ALERT);
        assertThat(pair.server.keys).isCompletedExceptionally();
    }

    @Test
    void oneMatchingFingerprintOfSeveralIsEnough() {
        DtlsIdentity other = DtlsIdentity.generate(new SecureRandom(), Instant.now(), Duration.ofDays(1));
        byte[] certificate = pair.clientEndpoint.identity().certificate();
        pair.start(
                List.of(other.fingerprint(), Fingerprint.of(Fingerprint.Hash.SHA_512, certificate)),
                List.of(Fingerprint.of(
                        Fingerprint.Hash.SHA_384, pair.serverEndpoint.identity().certificate())));
        assertConnected();
    }

    @Test
    void aSilentPeerTimesOut() {
        with(settings(Duration.ofMillis(300), 1200), settings(Duration.ofSeconds(10), 1200));
        pair.link = (from, datagram) -> from == pair.server ? List.of() : List.of(datagram);
        pair.start();
        assertThat(soon(pair.server.closed)).isEqualTo(DtlsFailure.TIMED_OUT);
        pair.onLoop(() -> pair.client.connection().close());
        assertThat(soon(pair.client.closed)).isEqualTo(DtlsFailure.CLOSED);
    }

    @Test
    void closingTellsThePeer() {
        pair.start();
        assertConnected();
        pair.onLoop(() -> pair.client.connection().close());
        assertThat(soon(pair.client.closed)).isEqualTo(DtlsFailure.CLOSED);
        assertThat(soon(pair.server.closed)).isEqualTo(DtlsFailure.PEER_CLOSED);
    }

    @Test
    void closingWhileShakingHandsEndsIt() {
        pair.link = (from, datagram) -> List.of();
        pair.start();
        pair.onLoop(() -> pair.client.connection().close());
        assertThat(soon(pair.client.closed)).isEqualTo(DtlsFailure.CLOSED);
    }

    @Test
    void garbageAfterTheHandshakeHurtsNobody() {
        pair.start();
        assertConnected();
        Random dice = new Random(7);
        pair.onLoop(() -> {
            for (int i = 0; i < 400; i++) {
                pair.arrive(pair.server, garbage(dice, pair.client.sent));
            }
        });
        awaitRoom();
        pair.onLoop(() -> pair.client.connection().close());
        assertThat(soon(pair.server.closed)).isEqualTo(DtlsFailure.PEER_CLOSED);
    }

    /** Until the server has read something of what was thrown at it, so that its queue takes the client's last word. */
    private void awaitRoom() {
        byte[] old = pair.client.sent.get(0);
        long before;
        do {
            before = discarded();
            pair.onLoop(() -> pair.arrive(pair.server, old));
        } while (discarded() != before);
    }

    private long discarded() {
        long[] count = new long[1];
        pair.onLoop(() -> count[0] = pair.server.connection().discardedDatagrams());
        return count[0];
    }

    /** A record of chance, or a flight of the client's with some bits turned, also in its protected part. */
    private static byte[] garbage(Random dice, List<byte[]> flights) {
        if (dice.nextBoolean()) {
            byte[] record = new byte[13 + dice.nextInt(100)];
            dice.nextBytes(record);
            record[0] = (byte) (20 + dice.nextInt(4));
            record[1] = (byte) 0xfe;
            record[2] = (byte) 0xfd;
            record[3] = 0;
            record[4] = (byte) dice.nextInt(2);
            record[11] = 0;
            record[12] = (byte) (record.length - 13);
            return record;
        }
        byte[] flight = flights.get(dice.nextInt(flights.size())).clone();
        for (int i = 0; i < 1 + dice.nextInt(3); i++) {
            flight[dice.nextInt(flight.length)] ^= (byte) (1 << dice.nextInt(8));
        }
        return flight;
    }

    @Test
    void moreThanTheQueueHoldsIsRefusedClearly() {
        with(
                new DtlsSettings(1, 1, 1, Duration.ofSeconds(10), DtlsPair.RESEND, 1200, Duration.ofDays(1)),
                settings(Duration.ofSeconds(10), 1200));
        DtlsSetup setup = new DtlsSetup(
                DtlsRole.CLIENT,
                pair.serverEndpoint.identity(),
                List.of(pair.serverEndpoint.identity().fingerprint()));
        List<DtlsPair.Side> sides = new ArrayList<>();
        pair.link = (from, datagram) -> List.of();
        for (int i = 0; i < 3; i++) {
            DtlsPair.Side side = new DtlsPair.Side(pair);
            side.peer = side;
            sides.add(side);
            pair.onLoop(() -> side.connection = pair.serverEndpoint.open(setup, pair.loop, side));
        }
        assertThat(soon(sides.get(2).closed)).isEqualTo(DtlsFailure.OVERLOADED);
        pair.onLoop(() -> sides.get(1).connection().close());
        assertThat(soon(sides.get(1).closed)).isEqualTo(DtlsFailure.CLOSED);
        assertThat(sides.get(0).closed).isNotDone();
        pair.onLoop(() -> sides.get(0).connection().close());
        assertThat(soon(sides.get(0).closed)).isEqualTo(DtlsFailure.CLOSED);
    }

    @Test
    void whatIsNoSequenceOfRecordsIsDiscarded() {
        pair.link = (from, datagram) -> List.of();
        pair.start();
        pair.onLoop(() -> {
            pair.client.connection().receive(Unpooled.wrappedBuffer(new byte[2049]));
            pair.client.connection().receive(Unpooled.wrappedBuffer(new byte[2000]));
            pair.client.connection().receive(Unpooled.EMPTY_BUFFER);
            assertThat(pair.client.connection().discardedDatagrams()).isEqualTo(3);
        });
    }

    @Test
    void hundredHandshakesAtOnceAllEndWithTheirOwnKeys() {
        Set<String> keys = new HashSet<>();
        pair.close();
        DtlsSettings many =
                new DtlsSettings(16, 2, 200, Duration.ofSeconds(20), Duration.ofSeconds(2), 1200, Duration.ofDays(1));
        pair = new DtlsPair(many, many);
        List<DtlsPair.Side> servers = new ArrayList<>();
        for (int i = 0; i < 100; i++) {
            servers.add(begin());
        }
        for (DtlsPair.Side side : servers) {
            keys.add(java.util.Arrays.toString(soon(side.keys).keyingMaterial()));
        }
        assertThat(keys).hasSize(100);
    }

    /** One more client and server on the pair's endpoints and loop. */
    private DtlsPair.Side begin() {
        DtlsPair.Side server = new DtlsPair.Side(pair);
        DtlsPair.Side client = new DtlsPair.Side(pair);
        server.peer = client;
        client.peer = server;
        pair.onLoop(() -> {
            server.connection = pair.serverEndpoint.open(
                    new DtlsSetup(
                            DtlsRole.SERVER,
                            pair.serverEndpoint.identity(),
                            List.of(pair.clientEndpoint.identity().fingerprint())),
                    pair.loop,
                    server);
            client.connection = pair.clientEndpoint.open(
                    new DtlsSetup(
                            DtlsRole.CLIENT,
                            pair.clientEndpoint.identity(),
                            List.of(pair.serverEndpoint.identity().fingerprint())),
                    pair.loop,
                    client);
        });
        return server;
    }
}
