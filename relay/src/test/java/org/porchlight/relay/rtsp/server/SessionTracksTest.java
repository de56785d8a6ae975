package org.porchlight.relay.rtsp.server;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;
import org.porchlight.relay.rtsp.NumberPair;
import org.porchlight.relay.rtsp.TransportSpec;

class SessionTracksTest {
    private static final TransportSpec FIRST = TransportSpec.tcp(new NumberPair(0, 1));
    private static final TransportSpec SECOND = TransportSpec.tcp(new NumberPair(254, 255));

    private final SessionTracks tracks = new SessionTracks(() -> 0x0a);

    @Test
    void hasAnIdFromItsFirstTrackOnUntilItIsForgotten() {
        assertThat(tracks.sessionId()).isEmpty();
        tracks.put(1, SECOND);
        assertThat(tracks.sessionId()).isEqualTo("000000000000000A");
        tracks.forget();
        assertThat(tracks.sessionId()).isEmpty();
        assertThat(tracks.isEmpty()).isTrue();
        assertThat(tracks.described()).isNull();
    }

    @Test
    void numbersTheTracksOfAPublisherAnewAndThoseOfAViewerNot() {
        tracks.put(3, SECOND);
        tracks.put(1, FIRST);
        assertThat(tracks.indices()).containsExactly(1, 3);
        assertThat(tracks.setups(true)).containsExactly(new TrackSetup(0, FIRST), new TrackSetup(1, SECOND));
        assertThat(tracks.setups(false)).containsExactly(new TrackSetup(1, FIRST), new TrackSetup(3, SECOND));
        assertThat(tracks.others(1)).containsOnlyKeys(3);
    }

    @Test
    void knowsWhoseChannelItIsAndNothingOfTheOthers() {
        tracks.put(0, FIRST);
        tracks.put(7, SECOND);
        tracks.mapChannels(tracks.setups(false));
        assertThat(tracks.ofChannel(0)).isEqualTo(0);
        assertThat(tracks.ofChannel(1)).isEqualTo(1);
        assertThat(tracks.ofChannel(254)).isEqualTo(14);
        assertThat(tracks.ofChannel(255)).isEqualTo(15);
        assertThat(tracks.ofChannel(2)).isEqualTo(SessionTracks.NO_TRACK);
        tracks.forget();
        assertThat(tracks.ofChannel(255)).isEqualTo(SessionTracks.NO_TRACK);
    }

    @Test
    void travelsByUdpWhenOneOfThemDoes() {
        assertThat(tracks.travelByUdp()).isFalse();
        tracks.put(0, TransportSpec.udp(new NumberPair(5000, 5001)));
        assertThat(tracks.travelByUdp()).isTrue();
    }
}
