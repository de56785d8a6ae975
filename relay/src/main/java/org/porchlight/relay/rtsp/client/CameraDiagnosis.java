package org.porchlight.relay.rtsp.client;

import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import org.porchlight.relay.codec.TrackFormat;
import org.porchlight.relay.stream.IngestDeviation;

/**
 * What is known of one source at one moment: for operators, who need to know what to change at the camera. An immutable snapshot, made by the
 * source's loop and read from anywhere.
 *
 * @param state where the source stands
 * @param url without credentials and query
 * @param transport in use, or empty while nothing plays
 * @param keepalive request that keeps the session alive; empty: RTCP alone
 * @param tracks that play, in order
 * @param quirks rules that the camera breaks; {@link CameraQuirk#advice} says what to change
 * @param deviations what was put right in the packets, with how often, since the connection began
 * @param lastFailure the newest one, also when it has been overcome
 * @param lastFailureAt when that was; {@link Instant#MIN}: never
 * @param playingSince {@link Instant#MIN} while nothing plays
 * @param connects attempts to connect
 * @param failures of them, how many failed or were lost
 * @param packets RTP packets over all connections
 * @param bytes of these packets
 * @param garbageBytes skipped between interleaved frames
 * @param strangerDatagrams datagrams that did not come from the camera
 */
public record CameraDiagnosis(
        State state,
        String url,
        Optional<ClientTrack.Transport> transport,
        Optional<KeepaliveMethod> keepalive,
        List<TrackFormat> tracks,
        Set<CameraQuirk> quirks,
        Map<IngestDeviation, Long> deviations,
        Optional<SourceFailure> lastFailure,
        Instant lastFailureAt,
        Instant playingSince,
        long connects,
        long failures,
        long packets,
        long bytes,
        long garbageBytes,
        long strangerDatagrams) {

    public CameraDiagnosis {
        tracks = List.copyOf(tracks);
        quirks = Set.copyOf(quirks);
        deviations = Map.copyOf(deviations);
    }

    /** Where a source stands. */
    public enum State {
        /** Nobody wants it. */
        IDLE,
        /** It waits for its turn to connect. */
        QUEUED,
        /** The connection is being made. */
        CONNECTING,
        /** Requests and answers before media. */
        NEGOTIATING,
        PLAYING,
        /** It failed and waits before the next attempt. */
        BACKING_OFF,
        /** The relay shuts down, or the camera was removed. */
        CLOSED
    }
}
