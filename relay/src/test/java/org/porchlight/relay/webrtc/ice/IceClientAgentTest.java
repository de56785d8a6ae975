package org.porchlight.relay.webrtc.ice;

import static org.assertj.core.api.Assertions.assertThat;

import java.net.InetSocketAddress;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

class IceClientAgentTest {
    private static final long SECOND = 1_000_000_000L;
    private static final InetSocketAddress RELAY = new InetSocketAddress("192.0.2.1", 8_189);
    private static final InetSocketAddress NOBODY = new InetSocketAddress("192.0.2.99", 8_189);
    private static final InetSocketAddress HOME = new InetSocketAddress("198.51.100.1", 1_111);
    private static final InetSocketAddress STREET = new InetSocketAddress("203.0.113.1", 2_222);
    private static final IceCredentials A = new IceCredentials("AAAA", "passwordOfTheFirstAgent12");
    private static final IceCredentials B = new IceCredentials("BBBB", "passwordOfTheSecondAgent1");

    /** A lite agent as peer; paces nothing, sends nothing on its own. */
    private static final class Lite extends RecordingListener implements IcePeers.Peer {
        final IceLiteAgent agent = new IceLiteAgent(B, A, 0, this);

        @Override
        public CheckResult receive(StunMessage message, InetSocketAddress source, long nowNanos, StunWriter writer) {
            return agent.receive(message, IceTransport.UDP, source, nowNanos, writer);
        }

        @Override
        public @Nullable IcePath poll(long nowNanos, StunWriter writer) {
            agent.onDeadline(nowNanos);
            return null;
        }

        @Override
        public long nextDeadlineNanos() {
            return agent.nextDeadlineNanos();
        }
    }

    private static final class Client implements IcePeers.Peer, IceClientAgent.Listener {
        final List<String> told = new ArrayList<>();
        final IceClientAgent agent;

        Client(IceCredentials local, IceCredentials remote, long seed) {
            agent = new IceClientAgent(local, remote, new Random(seed), 0, this);
        }

        @Override
        public CheckResult receive(StunMessage message, InetSocketAddress source, long nowNanos, StunWriter writer) {
            return agent.receive(message, IceTransport.UDP, source, nowNanos, writer);
        }

        @Override
        public @Nullable IcePath poll(long nowNanos, StunWriter writer) {
            return agent.poll(nowNanos, writer);
        }

        @Override
        public long nextDeadlineNanos() {
            return agent.nextDeadlineNanos();
        }

        @Override
        public void onSelected(IcePath path) {
            told.add("selected " + path.remote().getPort());
        }

        @Override
        public void onExpired(boolean connected) {
            told.add("expired " + connected);
        }
    }

    @Test
    void connectsThroughLossAndStaysConnected() {
        for (int seed = 0; seed < 60; seed++) {
            // With more than 20 % each way, twelve checks in a row are lost now and then, and consent rightly ends.
            double loss = seed % 3 * 0.1;
            IcePeers network = new IcePeers(seed, loss);
            Lite relay = new Lite();
            Client client = new Client(A, B, seed);
            network.add(RELAY, relay);
            network.add(HOME, client);
            client.agent.addCandidate(IceTransport.UDP, NOBODY, 900, 0);
            client.agent.addCandidate(IceTransport.UDP, RELAY, 800, 0);
            network.run(25 * SECOND);
            assertThat(client.told).as("seed %d", seed).containsExactly("selected 8189");
            assertThat(relay.drain()).containsExactly("selected UDP 1111");
            network.run(600 * SECOND);
            assertThat(client.agent.isEnded()).as("seed %d", seed).isFalse();
            assertThat(relay.agent.isEnded()).as("seed %d", seed).isFalse();
            assertThat(network.answers()).as("about one check in 2.5 s").isBetween(170, 290);
        }
    }

    @Test
    void connectsAtOnceWhereNothingIsLost() {
        IcePeers network = new IcePeers(1, 0);
        Lite relay = new Lite();
        Client client = new Client(A, B, 1);
        network.add(RELAY, relay);
        network.add(HOME, client);
        client.agent.addCandidate(IceTransport.UDP, RELAY, 800, 0);
        network.run(SECOND / 2);
        assertThat(client.agent.selectedPath()).isEqualTo(new IcePath(IceTransport.UDP, RELAY));
        assertThat(client.agent.isValidPath(IceTransport.UDP, RELAY)).isTrue();
        assertThat(relay.agent.selectedPath()).isEqualTo(new IcePath(IceTransport.UDP, HOME));
        assertThat(network.answers()).isEqualTo(2);
    }

    @Test
    void theBetterOfTwoPathsIsNominated() {
        InetSocketAddress second = new InetSocketAddress("192.0.2.2", 9_000);
        for (int seed = 0; seed < 20; seed++) {
            IcePeers network = new IcePeers(seed, 0);
            Lite relay = new Lite();
            Client client = new Client(A, B, seed);
            network.add(RELAY, relay);
            network.add(second, relay);
            network.add(HOME, client);
            client.agent.addCandidate(IceTransport.UDP, RELAY, 100, 0);
            client.agent.addCandidate(IceTransport.UDP, second, 200, 0);
            network.run(SECOND);
            assertThat(client.told).containsExactly("selected 9000");
        }
    }

    @Test
    void aMoveToAnotherNetworkIsFollowed() {
        IcePeers network = new IcePeers(7, 0.1);
        Lite relay = new Lite();
        Client client = new Client(A, B, 7);
        network.add(RELAY, relay);
        int phone = network.add(HOME, client);
        client.agent.addCandidate(IceTransport.UDP, RELAY, 800, 0);
        network.run(10 * SECOND);
        relay.drain();
        network.move(phone, STREET);
        client.agent.onLocalAddressChanged(network.nowNanos);
        network.run(20 * SECOND);
        assertThat(relay.drain()).containsExactly("selected UDP 2222");
        assertThat(client.agent.isEnded()).isFalse();
    }

    @Test
    void bothSidesNoticeThatTheOtherIsGone() {
        IcePeers network = new IcePeers(9, 0);
        Lite relay = new Lite();
        Client client = new Client(A, B, 9);
        network.add(RELAY, relay);
        network.add(HOME, client);
        client.agent.addCandidate(IceTransport.UDP, RELAY, 800, 0);
        network.run(10 * SECOND);
        network.cut = true;
        network.run(23 * SECOND);
        assertThat(client.agent.isEnded()).isFalse();
        assertThat(relay.agent.isEnded()).isFalse();
        network.run(8 * SECOND);
        assertThat(client.told).containsExactly("selected 8189", "expired true");
        assertThat(relay.drain()).containsExactly("selected UDP 1111", "expired true");
        assertThat(client.agent.nextDeadlineNanos()).isEqualTo(Long.MAX_VALUE);
    }

    @Test
    void aClientThatNobodyAnswersGivesUp() {
        IcePeers network = new IcePeers(10, 0);
        Client client = new Client(A, B, 10);
        network.add(HOME, client);
        client.agent.addCandidate(IceTransport.UDP, NOBODY, 800, 0);
        network.run(31 * SECOND);
        assertThat(client.told).containsExactly("expired false");
        assertThat(client.agent.selectedPath()).isNull();
    }

    @Test
    void twoControllingAgentsSettleWhoNominates() {
        for (int seed = 0; seed < 40; seed++) {
            IcePeers network = new IcePeers(seed, seed % 2 * 0.2);
            Client first = new Client(A, B, seed);
            Client second = new Client(B, A, seed + 1_000);
            network.add(HOME, first);
            network.add(RELAY, second);
            first.agent.addCandidate(IceTransport.UDP, RELAY, 800, 0);
            second.agent.addCandidate(IceTransport.UDP, HOME, 800, 0);
            network.run(25 * SECOND);
            assertThat(first.told).as("seed %d", seed).containsExactly("selected 8189");
            assertThat(second.told).as("seed %d", seed).containsExactly("selected 1111");
            assertThat(first.agent.isControlling()).as("seed %d", seed).isNotEqualTo(second.agent.isControlling());
        }
    }

    @Test
    void candidatesAreTakenOnceAndUpToTheLimit() {
        Client client = new Client(A, B, 3);
        for (int i = 0; i < 100; i++) {
            client.agent.addCandidate(IceTransport.UDP, new InetSocketAddress("192.0.2.1", 5_000 + i / 2), i, 0);
        }
        StunWriter writer = new StunWriter();
        List<IcePath> asked = new ArrayList<>();
        for (long now = 0; now < SECOND; now += 10_000_000) {
            IcePath path = client.agent.poll(now, writer);
            if (path != null && !asked.contains(path)) {
                asked.add(path);
            }
        }
        assertThat(asked).hasSizeLessThanOrEqualTo(IceClientAgent.MAX_PAIRS).hasSizeGreaterThan(5);
    }

    @Test
    void answersThatAreNotSignedOrNotAskedForSelectNothing() {
        Client client = new Client(A, B, 4);
        client.agent.addCandidate(IceTransport.UDP, RELAY, 800, 0);
        StunWriter request = new StunWriter();
        assertThat(client.agent.poll(0, request)).isNotNull();
        StunMessage message = new StunMessage();
        StunVectors.parse(message, StunVectors.bytesOf(request));
        StunWriter answer = new StunWriter();
        answer.success(message, HOME, IntegrityKey.of("somebodyElsesPassword1234"));
        StunVectors.parse(message, StunVectors.bytesOf(answer));
        assertThat(client.agent.receive(message, IceTransport.UDP, RELAY, 1, request))
                .isEqualTo(CheckResult.UNAUTHENTICATED);
        assertThat(client.agent.receive(message, IceTransport.UDP, NOBODY, 1, request))
                .isEqualTo(CheckResult.IGNORED);
        StunVectors.parse(message, StunVectors.RESPONSE_IPV4);
        assertThat(client.agent.receive(message, IceTransport.UDP, RELAY, 1, request))
                .isEqualTo(CheckResult.IGNORED);
        assertThat(client.agent.isValidPath(IceTransport.UDP, RELAY)).isFalse();
    }
}
