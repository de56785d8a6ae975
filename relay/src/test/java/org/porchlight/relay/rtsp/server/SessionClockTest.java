package org.porchlight.relay.rtsp.server;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import org.junit.jupiter.api.Test;

class SessionClockTest {
    /** So that times overflow on the way. */
    private static final long START = Long.MAX_VALUE - Duration.ofSeconds(3).toNanos();

    private final ServerPolicy policy = ServerPolicy.DEFAULT;
    private final SessionClock clock = new SessionClock(policy, START);

    @Test
    void isMoreImpatientBeforeTheFirstRequestThanBetweenRequests() {
        assertThat(clock.anyRequest()).isFalse();
        assertThat(clock.deadlineNanos(SessionState.INIT, false)).isEqualTo(after(START, policy.firstRequest()));
        clock.onRequest(START + 5);
        assertThat(clock.anyRequest()).isTrue();
        assertThat(clock.deadlineNanos(SessionState.INIT, false)).isEqualTo(after(START + 5, policy.idle()));
    }

    @Test
    void letsASessionLiveByRequestsAndReportsButATcpViewerWithoutThem() {
        Duration session = policy.sessionTimeout().plus(policy.sessionGrace());
        clock.onRequest(START + 1);
        assertThat(clock.deadlineNanos(SessionState.READY, false)).isEqualTo(after(START + 1, session));
        clock.onLifeSign(START + 9);
        assertThat(clock.deadlineNanos(SessionState.PLAYING, true)).isEqualTo(after(START + 9, session));
        assertThat(clock.deadlineNanos(SessionState.PLAYING, false)).isEqualTo(SessionClock.NEVER);
    }

    @Test
    void countsAPublishersSilenceByItsMediaAlone() {
        clock.onMedia(START + 2);
        clock.onRequest(START + 7);
        clock.onLifeSign(START + 8);
        assertThat(clock.deadlineNanos(SessionState.RECORDING, true))
                .isEqualTo(after(START + 2, policy.publisherSilence()));
    }

    @Test
    void findsTheEarlierOfTwoTimesThoughTheyHaveOverflowed() {
        long later = START + Duration.ofSeconds(10).toNanos();
        assertThat(later).isNegative();
        assertThat(SessionClock.earlier(later, START)).isEqualTo(START);
        assertThat(SessionClock.earlier(SessionClock.NEVER, later)).isEqualTo(later);
        assertThat(SessionClock.earlier(later, SessionClock.NEVER)).isEqualTo(later);
        assertThat(SessionClock.earlier(SessionClock.NEVER, SessionClock.NEVER)).isEqualTo(SessionClock.NEVER);
    }

    private static long after(long nanos, Duration patience) {
        return nanos + patience.toNanos();
    }
}
