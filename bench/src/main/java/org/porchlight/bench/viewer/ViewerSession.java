package org.porchlight.bench.viewer;

import java.net.URI;
import java.util.ArrayList;
import java.util.List;
import java.util.random.RandomGenerator;
import org.jspecify.annotations.Nullable;
import org.porchlight.bench.rtsp.ClientAuthorization;
import org.porchlight.bench.rtsp.Login;
import org.porchlight.relay.rtsp.NumberPair;
import org.porchlight.relay.rtsp.RtspHeaders;
import org.porchlight.relay.rtsp.RtspRequest;
import org.porchlight.relay.rtsp.RtspResponse;
import org.porchlight.relay.rtsp.SessionHeader;
import org.porchlight.relay.rtsp.TransportHeader;
import org.porchlight.relay.rtsp.TransportSpec;
import org.porchlight.relay.sdp.MediaDescription;
import org.porchlight.relay.sdp.RtpMap;
import org.porchlight.relay.sdp.SdpParser;

/** The client's side of one viewing: DESCRIBE, SETUP for each track, PLAY, keepalives. Owner: the loop of its connection. */
public final class ViewerSession {
    private static final int MAX_TRACKS = 4;

    private final String uri;
    private final List<NumberPair> udpPorts;
    private final boolean overUdp;
    private final @Nullable ClientAuthorization authorization;
    private final List<Track> tracks = new ArrayList<>();
    private State state = State.DESCRIBE;
    private int settingUp;
    private int cseq;
    private String sessionId = "";
    private int timeoutSeconds = SessionHeader.DEFAULT_TIMEOUT_SECONDS;
    private String base;

    private enum State {
        DESCRIBE,
        SETUP,
        PLAY,
        PLAYING
    }

    /** What a response leads to. */
    public enum Step {
        REQUEST,
        /** Before PLAY is sent: {@link #tracks} are known. */
        PLAY,
        PLAYING,
        NOTHING,
        FAILED
    }

    /**
     * One track that is set up.
     *
     * @param control absolute URI
     * @param video the one that is measured
     * @param channel interleaved RTP channel as agreed, -1: UDP
     */
    public record Track(String control, boolean video, boolean hevc, int channel) {}

    /**
     * @param udpPorts local ports, one pair for each track that may come; empty: interleaved
     */
    public ViewerSession(String uri, List<NumberPair> udpPorts, @Nullable Login login, RandomGenerator random) {
        this.uri = uri;
        this.udpPorts = udpPorts;
        overUdp = !udpPorts.isEmpty();
        authorization = login == null ? null : new ClientAuthorization(login, random);
        base = uri;
    }

    public List<Track> tracks() {
        return tracks;
    }

    /** How often to show life, half of what the server allows. */
    public int keepaliveSeconds() {
        return Math.max(1, timeoutSeconds / 2);
    }

    /** The request that is due. */
    public RtspRequest nextRequest() {
        RtspRequest plain = switch (state) {
            case DESCRIBE -> request("DESCRIBE", uri, RtspHeaders.ACCEPT, "application/sdp");
            case SETUP ->
                request(
                        "SETUP",
                        tracks.get(settingUp).control(),
                        RtspHeaders.TRANSPORT,
                        TransportHeader.of(offer()).render());
            case PLAY -> request("PLAY", base, RtspHeaders.RANGE, "npt=0.000-");
            case PLAYING -> request("GET_PARAMETER", base);
        };
        return authorization == null ? plain : authorization.authorize(plain);
    }

    /** Says goodbye. */
    public RtspRequest teardown() {
        RtspRequest plain = request("TEARDOWN", base);
        return authorization == null ? plain : authorization.authorize(plain);
    }

    private TransportSpec offer() {
        return overUdp
                ? TransportSpec.udp(udpPorts.get(settingUp))
                : TransportSpec.tcp(new NumberPair(2 * settingUp, 2 * settingUp + 1));
    }

    private RtspRequest request(String method, String target, String... namesAndValues) {
        RtspHeaders.Builder headers = RtspHeaders.builder()
                .add(RtspHeaders.CSEQ, String.valueOf(++cseq))
                .add(RtspHeaders.USER_AGENT, "bench");
        if (!sessionId.isEmpty()) {
            headers.add(RtspHeaders.SESSION, sessionId);
        }
        for (int i = 0; i < namesAndValues.length; i += 2) {
            headers.add(namesAndValues[i], namesAndValues[i + 1]);
        }
        return new RtspRequest(method, target, headers.build());
    }

    public Step onResponse(RtspResponse response) {
        if (response.status() == 401 && authorization != null && authorization.onUnauthorized(response)) {
            return state == State.PLAYING ? Step.NOTHING : Step.REQUEST;
        }
        if (state == State.PLAYING) {
            return Step.NOTHING;
        }
        if (!response.isSuccess()) {
            return Step.FAILED;
        }
        SessionHeader session = response.session();
        if (session != null) {
            sessionId = session.id();
            timeoutSeconds = session.timeoutSeconds() > 0 ? session.timeoutSeconds() : timeoutSeconds;
        }
        return switch (state) {
            case DESCRIBE -> onDescription(response) ? Step.REQUEST : Step.FAILED;
            case SETUP -> onSetUp(response);
            case PLAY -> {
                state = State.PLAYING;
                yield Step.PLAYING;
            }
            case PLAYING -> Step.NOTHING;
        };
    }

    private boolean onDescription(RtspResponse response) {
        String told = response.headers().first(RtspHeaders.CONTENT_BASE);
        base = told == null || told.isBlank() ? uri : told.trim();
        for (MediaDescription media :
                SdpParser.parse(response.body()).description().media()) {
            boolean video = media.media().equals("video") && tracks.stream().noneMatch(Track::video);
            boolean usable = video || media.media().equals("audio");
            if (!usable || tracks.size() == (overUdp ? udpPorts.size() : MAX_TRACKS)) {
                continue;
            }
            boolean hevc = media.rtpMaps().stream().map(RtpMap::encodingName).anyMatch("H265"::equalsIgnoreCase);
            tracks.add(new Track(controlUri(media.control().orElse("")), video, hevc, -1));
        }
        state = State.SETUP;
        return tracks.stream().anyMatch(Track::video);
    }

    private String controlUri(String control) {
        if (control.isEmpty() || control.equals("*")) {
            return base;
        }
        if (control.contains("://") && URI.create(control).getHost() != null) {
            return control;
        }
        return base.endsWith("/") ? base + control : base + "/" + control;
    }

    private Step onSetUp(RtspResponse response) {
        TransportHeader header = TransportHeader.parse(response.headers().all(RtspHeaders.TRANSPORT));
        if (header.specs().isEmpty()) {
            return Step.FAILED;
        }
        NumberPair channels = header.specs().get(0).interleaved();
        int channel = overUdp ? -1 : channels == null ? 2 * settingUp : channels.first();
        Track track = tracks.get(settingUp);
        tracks.set(settingUp, new Track(track.control(), track.video(), track.hevc(), channel));
        settingUp++;
        if (settingUp < tracks.size()) {
            return Step.REQUEST;
        }
        state = State.PLAY;
        return Step.PLAY;
    }
}
