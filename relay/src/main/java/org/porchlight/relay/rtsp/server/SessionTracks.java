package org.porchlight.relay.rtsp.server;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.TreeMap;
import java.util.random.RandomGenerator;
import org.jspecify.annotations.Nullable;
import org.porchlight.relay.codec.TrackFormat;
import org.porchlight.relay.rtsp.NumberPair;
import org.porchlight.relay.rtsp.TransportSpec;

/**
 * The tracks of a session: which there are, which are set up, how each of them travels, and which interleaved channel is whose. Owner: that
 * of its session.
 *
 * <p>A viewer's tracks keep their index in the stream; a publisher's are numbered anew, without those that it did not set up.
 */
final class SessionTracks {
    static final int NO_TRACK = -1;

    private final RandomGenerator random;
    private final Map<Integer, TransportSpec> transports = new TreeMap<>();
    /** Track by channel, doubled, with the lowest bit for RTCP. */
    private final byte[] trackOfChannel = new byte[256];

    private String sessionId = "";
    private @Nullable List<TrackFormat> described;
    private @Nullable PublisherTracks announced;

    SessionTracks(RandomGenerator random) {
        this.random = random;
        forgetChannels();
    }

    /** The {@code Session} of the wire; empty: nothing is set up. */
    String sessionId() {
        return sessionId;
    }

    /** The tracks of the stream that is watched, 1 or more; null: not known. */
    @Nullable
    List<TrackFormat> described() {
        return described;
    }

    void learn(List<TrackFormat> tracksFound) {
        described = List.copyOf(tracksFound);
    }

    /** The tracks that this publisher has announced; null: it is none. */
    @Nullable
    PublisherTracks announced() {
        return announced;
    }

    void announce(PublisherTracks tracks) {
        announced = tracks;
    }

    /** Whether no track is set up. */
    boolean isEmpty() {
        return transports.isEmpty();
    }

    int count() {
        return transports.size();
    }

    /** The indices in the description, rising. */
    List<Integer> indices() {
        return List.copyOf(transports.keySet());
    }

    /** Transports of all tracks but one. */
    Map<Integer, TransportSpec> others(int track) {
        Map<Integer, TransportSpec> others = new TreeMap<>(transports);
        others.remove(track);
        return others;
    }

    /** A track is set up, anew if it was; with the first one the session gets its id. */
    void put(int track, TransportSpec transport) {
        transports.put(track, transport);
        if (sessionId.isEmpty()) {
            sessionId = String.format(Locale.ROOT, "%016X", random.nextLong());
        }
    }

    boolean travelByUdp() {
        return transports.values().stream().anyMatch(transport -> transport.lower() == TransportSpec.Lower.UDP);
    }

    List<TrackSetup> setups(boolean numberedAnew) {
        List<TrackSetup> setups = new ArrayList<>(transports.size());
        for (Map.Entry<Integer, TransportSpec> entry : transports.entrySet()) {
            setups.add(new TrackSetup(numberedAnew ? setups.size() : entry.getKey(), entry.getValue()));
        }
        return setups;
    }

    /** From now on interleaved frames are those of these tracks. */
    void mapChannels(List<TrackSetup> setups) {
        forgetChannels();
        for (TrackSetup setup : setups) {
            NumberPair channels = setup.transport().interleaved();
            if (channels != null) {
                trackOfChannel[channels.first()] = (byte) (setup.track() << 1);
                trackOfChannel[channels.second()] = (byte) (setup.track() << 1 | 1);
            }
        }
    }

    /** The track of a channel, doubled, plus 1 for RTCP; {@link #NO_TRACK}: nobody's channel. Per packet. */
    int ofChannel(int channel) {
        return trackOfChannel[channel];
    }

    void forget() {
        sessionId = "";
        described = null;
        announced = null;
        transports.clear();
        forgetChannels();
    }

    private void forgetChannels() {
        Arrays.fill(trackOfChannel, (byte) NO_TRACK);
    }
}
