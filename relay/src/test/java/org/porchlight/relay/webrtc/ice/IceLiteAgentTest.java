package org.porchlight.relay.webrtc.ice;

import static org.assertj.core.api.Assertions.assertThat;

import java.net.InetSocketAddress;
import org.junit.jupiter.api.Test;
import org.porchlight.relay.webrtc.ice.StunWriter.Check;
import org.porchlight.relay.webrtc.ice.StunWriter.TransactionId;

class IceLiteAgentTest {
    private static final long SECOND = 1_000_000_000L;
    private static final IceCredentials LOCAL = new IceCredentials("LOCAL", "localPasswordOfTheRelay1");
    private static final IceCredentials REMOTE = new IceCredentials("REMO", "remotePasswordOfThePeer1");
    private static final InetSocketAddress WIFI = new InetSocketAddress("192.0.2.1", 1_001);
    private static final InetSocketAddress MOBILE = new InetSocketAddress("198.51.100.2", 2_002);

    private final RecordingListener listener = new RecordingListener();
    private final IceLiteAgent agent = new IceLiteAgent(LOCAL, REMOTE, 0, listener);
    private final StunMessage message = new StunMessage();
    private final StunWriter writer = new StunWriter();
    private final StunWriter answer = new StunWriter();
    private long transaction = 1;

    private static Check check(boolean nominating) {
        return new Check(true, 7, 1_000, nominating);
    }

    private CheckResult check(InetSocketAddress from, boolean nominating, long nowNanos) {
        return check(LOCAL, check(nominating), from, nowNanos);
    }

    private CheckResult check(IceCredentials credentials, Check check, InetSocketAddress from, long nowNanos) {
        writer.request(
                new TransactionId(1, transaction++),
                credentials.ufrag() + ":REMO",
                check,
                IntegrityKey.of(credentials.password()));
        return receiveWritten(from, nowNanos);
    }

    private CheckResult receiveWritten(InetSocketAddress from, long nowNanos) {
        assertThat(StunVectors.parse(message, StunVectors.bytesOf(writer))).isEqualTo(StunMessage.Parsing.OK);
        CheckResult result = agent.receive(message, IceTransport.UDP, from, nowNanos, answer);
        assertThat(result.isAnswered()).isEqualTo(answer.length() > 0);
        return result;
    }

    private int errorOfAnswer() {
        assertThat(StunVectors.parse(message, StunVectors.bytesOf(answer))).isEqualTo(StunMessage.Parsing.OK);
        assertThat(message.isSignedWith(IntegrityKey.of(LOCAL.password()))).isTrue();
        return message.errorCode();
    }

    @Test
    void answersAValidCheckWithTheAddressItSaw() {
        assertThat(check(WIFI, false, 1)).isEqualTo(CheckResult.VALID);
        assertThat(errorOfAnswer()).isZero();
        assertThat(message.mappedAddress()).isEqualTo(WIFI);
        assertThat(message.transactionLow()).isEqualTo(1);
        assertThat(agent.isValidPath(IceTransport.UDP, WIFI)).isTrue();
        assertThat(agent.isValidPath(IceTransport.TCP, WIFI)).isFalse();
        assertThat(agent.isValidPath(IceTransport.UDP, MOBILE)).isFalse();
        assertThat(agent.sendPath()).isEqualTo(new IcePath(IceTransport.UDP, WIFI));
        assertThat(agent.selectedPath()).isNull();
        assertThat(listener.told).isEmpty();
    }

    @Test
    void beforeNominationTheHandshakeGoesWhereThePriorityIsHighest() {
        check(LOCAL, new Check(true, 7, 500, false), WIFI, 1);
        check(LOCAL, new Check(true, 7, 900, false), MOBILE, 2);
        assertThat(agent.sendPath()).isEqualTo(new IcePath(IceTransport.UDP, MOBILE));
    }

    @Test
    void followsTheNominationToANewAddressAndBack() {
        assertThat(check(WIFI, true, 1)).isEqualTo(CheckResult.SELECTED);
        assertThat(check(WIFI, true, 2)).isEqualTo(CheckResult.VALID);
        assertThat(check(MOBILE, false, 3)).isEqualTo(CheckResult.VALID);
        assertThat(agent.selectedPath()).isEqualTo(new IcePath(IceTransport.UDP, WIFI));
        assertThat(check(MOBILE, true, 4)).isEqualTo(CheckResult.SELECTED);
        assertThat(agent.sendPath()).isEqualTo(new IcePath(IceTransport.UDP, MOBILE));
        assertThat(check(WIFI, true, 5)).isEqualTo(CheckResult.SELECTED);
        assertThat(listener.drain()).containsExactly("selected UDP 1001", "selected UDP 2002", "selected UDP 1001");
    }

    @Test
    void anOverheardCheckSentAgainFromElsewhereMovesNothing() {
        assertThat(check(WIFI, true, 1)).isEqualTo(CheckResult.SELECTED);
        assertThat(receiveWritten(WIFI, 2)).as("a retransmission").isEqualTo(CheckResult.VALID);
        assertThat(receiveWritten(MOBILE, 3)).isEqualTo(CheckResult.REPLAYED);
        assertThat(agent.isValidPath(IceTransport.UDP, MOBILE)).isFalse();
        assertThat(agent.selectedPath()).isEqualTo(new IcePath(IceTransport.UDP, WIFI));
        check(MOBILE, false, 4);
        check(WIFI, true, 5);
        assertThat(receiveWritten(MOBILE, 6))
                .as("from a known path that is not selected")
                .isEqualTo(CheckResult.REPLAYED);
        assertThat(agent.selectedPath()).isEqualTo(new IcePath(IceTransport.UDP, WIFI));
    }

    @Test
    void whoDoesNotKnowThePasswordGetsNoAnswer() {
        IceCredentials guessed = new IceCredentials(LOCAL.ufrag(), "anotherPasswordAltogether");
        assertThat(check(guessed, check(true), WIFI, 1)).isEqualTo(CheckResult.UNAUTHENTICATED);
        IceCredentials stranger = new IceCredentials("LOCA", LOCAL.password());
        assertThat(check(stranger, check(true), WIFI, 1)).isEqualTo(CheckResult.WRONG_USER);
        assertThat(agent.sendPath()).isNull();
        assertThat(agent.lastLifeSignNanos()).isZero();
        assertThat(listener.told).isEmpty();
    }

    @Test
    void aPeerThatClaimsOurRoleIsToldToTakeTheOther() {
        assertThat(check(LOCAL, new Check(false, 7, 1_000, true), WIFI, 1)).isEqualTo(CheckResult.ROLE_CONFLICT);
        assertThat(errorOfAnswer()).isEqualTo(487);
        assertThat(agent.sendPath()).isNull();
    }

    @Test
    void responsesAndIndicationsAreIgnored() {
        writer.indication(new TransactionId(1, 2));
        assertThat(receiveWritten(WIFI, 1)).isEqualTo(CheckResult.IGNORED);
        check(WIFI, true, 1);
        answer.writeTo(io.netty.buffer.Unpooled.buffer());
        assertThat(StunVectors.parse(message, StunVectors.bytesOf(answer))).isEqualTo(StunMessage.Parsing.OK);
        assertThat(agent.receive(message, IceTransport.UDP, WIFI, 2, answer)).isEqualTo(CheckResult.IGNORED);
        assertThat(answer.length()).isZero();
    }

    @Test
    void consentRunsOutThirtySecondsAfterTheLastCheck() {
        check(WIFI, true, 5 * SECOND);
        check(WIFI, false, 9 * SECOND);
        assertThat(agent.nextDeadlineNanos()).isEqualTo(39 * SECOND);
        agent.onDeadline(39 * SECOND - 1);
        assertThat(agent.isEnded()).isFalse();
        agent.onDeadline(39 * SECOND);
        assertThat(agent.isEnded()).isTrue();
        assertThat(listener.drain()).containsExactly("selected UDP 1001", "expired true");
        assertThat(agent.nextDeadlineNanos()).isEqualTo(Long.MAX_VALUE);
        assertThat(agent.sendPath()).isNull();
        assertThat(check(WIFI, true, 40 * SECOND)).isEqualTo(CheckResult.ENDED);
        agent.onDeadline(90 * SECOND);
        assertThat(listener.told).isEmpty();
    }

    @Test
    void aPeerThatNeverComesExpiresToo() {
        assertThat(agent.nextDeadlineNanos()).isEqualTo(30 * SECOND);
        agent.onDeadline(30 * SECOND);
        assertThat(listener.drain()).containsExactly("expired false");
    }

    @Test
    void aSilentSelectedPathGivesWayToOneThatLives() {
        check(WIFI, true, SECOND);
        check(MOBILE, false, 20 * SECOND);
        check(MOBILE, false, 30 * SECOND);
        assertThat(agent.nextDeadlineNanos()).isEqualTo(31 * SECOND);
        agent.onDeadline(31 * SECOND);
        assertThat(agent.isEnded()).isFalse();
        assertThat(agent.selectedPath()).isEqualTo(new IcePath(IceTransport.UDP, MOBILE));
        assertThat(agent.isValidPath(IceTransport.UDP, WIFI)).isFalse();
        assertThat(agent.nextDeadlineNanos()).isEqualTo(60 * SECOND);
        assertThat(listener.drain()).containsExactly("selected UDP 1001", "selected UDP 2002");
    }

    @Test
    void timesMayLieOnBothSidesOfTheLongsEnd() {
        long start = Long.MAX_VALUE - SECOND;
        IceLiteAgent late = new IceLiteAgent(LOCAL, REMOTE, start, listener);
        late.onDeadline(start + 29 * SECOND);
        assertThat(late.isEnded()).isFalse();
        late.onDeadline(start + 30 * SECOND);
        assertThat(late.isEnded()).isTrue();
    }

    @Test
    void aClosedConnectionIsNoPathAnyMore() {
        check(WIFI, true, 1);
        check(MOBILE, false, 2);
        agent.onPathClosed(IceTransport.TCP, WIFI);
        assertThat(agent.selectedPath()).isEqualTo(new IcePath(IceTransport.UDP, WIFI));
        agent.onPathClosed(IceTransport.UDP, WIFI);
        assertThat(agent.selectedPath()).isEqualTo(new IcePath(IceTransport.UDP, MOBILE));
        agent.onPathClosed(IceTransport.UDP, MOBILE);
        assertThat(agent.sendPath()).isNull();
        assertThat(agent.nextDeadlineNanos()).as("the peer may return").isEqualTo(2 + 30 * SECOND);
        assertThat(check(MOBILE, true, 10 * SECOND)).isEqualTo(CheckResult.SELECTED);
    }

    @Test
    void remembersAFewPathsAndNeverForgetsTheSelectedOne() {
        check(WIFI, true, 1);
        for (int i = 0; i < 100; i++) {
            check(new InetSocketAddress("203.0.113.9", 3_000 + i), false, 2 + i);
        }
        assertThat(agent.isValidPath(IceTransport.UDP, WIFI)).isTrue();
        assertThat(agent.selectedPath()).isEqualTo(new IcePath(IceTransport.UDP, WIFI));
        int known = 0;
        for (int i = 0; i < 100; i++) {
            known += agent.isValidPath(IceTransport.UDP, new InetSocketAddress("203.0.113.9", 3_000 + i)) ? 1 : 0;
        }
        assertThat(known).isEqualTo(ValidPaths.MAX - 1);
        assertThat(agent.isValidPath(IceTransport.UDP, new InetSocketAddress("203.0.113.9", 3_099)))
                .isTrue();
    }

    @Test
    void oldCredentialsServeUntilTheNewOnesAreNominated() {
        IceCredentials next = new IceCredentials("NEXT", "nextPasswordOfTheRelay12");
        IceCredentials nextRemote = new IceCredentials("REM2", "remotePasswordOfThePeer2");
        check(WIFI, true, 1);
        agent.restart(next, nextRemote);
        assertThat(agent.localCredentials()).isEqualTo(next);
        assertThat(agent.remoteCredentials()).isEqualTo(nextRemote);
        assertThat(check(WIFI, true, 2)).isEqualTo(CheckResult.VALID);
        assertThat(check(next, check(false), MOBILE, 3)).isEqualTo(CheckResult.VALID);
        assertThat(check(WIFI, true, 4)).isEqualTo(CheckResult.VALID);
        assertThat(check(next, check(true), MOBILE, 5)).isEqualTo(CheckResult.SELECTED);
        assertThat(check(WIFI, true, 6)).isEqualTo(CheckResult.WRONG_USER);
        assertThat(listener.drain()).containsExactly("selected UDP 1001", "retired LOCAL", "selected UDP 2002");
    }

    @Test
    void aSecondRestartReplacesTheFirst() {
        IceCredentials second = new IceCredentials("SECO", "nextPasswordOfTheRelay12");
        IceCredentials third = new IceCredentials("THIR", "nextPasswordOfTheRelay13");
        agent.restart(second, REMOTE);
        agent.restart(third, REMOTE);
        assertThat(listener.drain()).containsExactly("retired SECO");
        assertThat(check(second, check(false), WIFI, 1)).isEqualTo(CheckResult.WRONG_USER);
        assertThat(check(WIFI, false, 2)).isEqualTo(CheckResult.VALID);
        assertThat(check(third, check(true), WIFI, 3)).isEqualTo(CheckResult.SELECTED);
        assertThat(listener.drain()).containsExactly("retired LOCAL", "selected UDP 1001");
    }
}
