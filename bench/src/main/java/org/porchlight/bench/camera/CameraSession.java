package org.porchlight.bench.camera;

import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.random.RandomGenerator;
import org.jspecify.annotations.Nullable;
import org.porchlight.relay.rtsp.NumberPair;
import org.porchlight.relay.rtsp.RtpInfo;
import org.porchlight.relay.rtsp.RtspHeaders;
import org.porchlight.relay.rtsp.RtspMethod;
import org.porchlight.relay.rtsp.RtspRequest;
import org.porchlight.relay.rtsp.RtspResponse;
import org.porchlight.relay.rtsp.RtspStatus;
import org.porchlight.relay.rtsp.SessionHeader;
import org.porchlight.relay.rtsp.TransportHeader;
import org.porchlight.relay.rtsp.TransportSpec;

/**
 * The camera's side of one RTSP connection (RFC 2326): DESCRIBE, SETUP, PLAY, PAUSE, TEARDOWN and keepalives for one camera at a time. Owner:
 * the loop of its connection.
 */
public final class CameraSession {
    private static final String PUBLIC =
            "OPTIONS, DESCRIBE, SETUP, PLAY, PAUSE, TEARDOWN, GET_PARAMETER, SET_PARAMETER";
    private static final int TIMEOUT_SECONDS = 60;

    private final Map<String, Camera> cameras;
    private final @Nullable CameraGate gate;
    private final NumberPair serverPorts;
    private final FleetCounters counters;
    private final RandomGenerator random;
    private final String id;
    private final TreeMap<Integer, TrackTransport> transports = new TreeMap<>();
    private @Nullable Camera camera;
    private @Nullable CameraPlayback playback;

    /** What the adapter has to do once the response is written. */
    public enum Action {
        NONE,
        /** Start {@link #playback}. */
        START,
        /** Stop it. */
        STOP,
        /** Close the connection; nothing is answered. */
        CLOSE
    }

    /**
     * Answer to one request.
     *
     * @param response null with {@link Action#CLOSE}
     */
    public record Reaction(@Nullable RtspResponse response, Action action) {}

    /**
     * @param cameras by path without leading slash
     * @param gate null: everybody may watch
     * @param serverPorts where RTP and RTCP over UDP leave
     */
    public CameraSession(
            Map<String, Camera> cameras,
            @Nullable CameraGate gate,
            NumberPair serverPorts,
            FleetCounters counters,
            RandomGenerator random) {
        this.cameras = cameras;
        this.gate = gate;
        this.serverPorts = serverPorts;
        this.counters = counters;
        this.random = random;
        id = HexFormat.of().toHexDigits(random.nextLong());
    }

    /** The clockwork to run after {@link Action#START}. */
    public @Nullable CameraPlayback playback() {
        return playback;
    }

    /** The camera that was set up, if any. */
    public @Nullable Camera camera() {
        return camera;
    }

    /** Track numbers in the order in which the playback counts them. */
    public Map<Integer, TrackTransport> transports() {
        return transports;
    }

    public Reaction onRequest(RtspRequest request, long nowNanos) {
        Reaction reaction = react(request, nowNanos);
        RtspResponse response = reaction.response();
        if (response != null && response.status() >= 400 && response.status() != 401) {
            counters.requestsRefused.increment();
        }
        return reaction;
    }

    private Reaction react(RtspRequest request, long nowNanos) {
        RtspMethod method = RtspMethod.of(request.method());
        if (method == null) {
            return answer(request, RtspStatus.NOT_IMPLEMENTED);
        }
        if (method == RtspMethod.OPTIONS) {
            return ok(request, RtspHeaders.PUBLIC, PUBLIC);
        }
        if (gate != null && !gate.passes(request)) {
            return new Reaction(
                    response(request, RtspStatus.UNAUTHORIZED, RtspHeaders.WWW_AUTHENTICATE, gate.challenge()),
                    Action.NONE);
        }
        Camera asked = cameraOf(request.uri());
        if (asked != null && asked.reboots().isDown(nowNanos)) {
            return new Reaction(null, Action.CLOSE);
        }
        return switch (method) {
            case DESCRIBE -> asked == null ? answer(request, RtspStatus.NOT_FOUND) : describe(request, asked);
            case SETUP -> asked == null ? answer(request, RtspStatus.NOT_FOUND) : setup(request, asked);
            case PLAY -> play(request);
            case PAUSE -> ended(request);
            case TEARDOWN -> {
                Reaction reaction = ended(request);
                transports.clear();
                camera = null;
                yield reaction;
            }
            case GET_PARAMETER, SET_PARAMETER -> ok(request);
            case OPTIONS, ANNOUNCE, RECORD, REDIRECT -> answer(request, RtspStatus.METHOD_NOT_ALLOWED);
        };
    }

    private @Nullable Camera cameraOf(String uri) {
        String path = pathOf(uri);
        Camera whole = cameras.get(path);
        int slash = path.lastIndexOf('/');
        return whole != null || slash < 0 ? whole : cameras.get(path.substring(0, slash));
    }

    private static String pathOf(String uri) {
        int scheme = uri.indexOf("://");
        int start = scheme < 0 ? 0 : uri.indexOf('/', scheme + 3);
        String path = start < 0 ? "" : uri.substring(start);
        int query = path.indexOf('?');
        String clean = query < 0 ? path : path.substring(0, query);
        int from = clean.startsWith("/") ? 1 : 0;
        int to = clean.length() > from && clean.endsWith("/") ? clean.length() - 1 : clean.length();
        return clean.substring(from, to);
    }

    private Reaction describe(RtspRequest request, Camera asked) {
        String base = request.uri().endsWith("/") ? request.uri() : request.uri() + "/";
        RtspHeaders headers = headers(request)
                .add(RtspHeaders.CONTENT_BASE, base)
                .add(RtspHeaders.CONTENT_TYPE, "application/sdp")
                .build();
        byte[] body = asked.description().getBytes(StandardCharsets.UTF_8);
        return new Reaction(new RtspResponse(RtspStatus.OK, headers, body), Action.NONE);
    }

    private Reaction setup(RtspRequest request, Camera asked) {
        if (playback != null || (camera != null && camera != asked)) {
            return answer(request, RtspStatus.METHOD_NOT_VALID_IN_THIS_STATE);
        }
        int track = trackOf(request.uri(), asked);
        if (track < 0) {
            return answer(request, RtspStatus.NOT_FOUND);
        }
        for (TransportSpec offer : TransportHeader.parse(request.headers().all(RtspHeaders.TRANSPORT))
                .specs()) {
            TransportSpec chosen = choose(offer, track, asked);
            if (chosen != null) {
                camera = asked;
                return new Reaction(
                        new RtspResponse(
                                RtspStatus.OK,
                                headers(request)
                                        .add(RtspHeaders.TRANSPORT, chosen.render())
                                        .add(RtspHeaders.SESSION, new SessionHeader(id, TIMEOUT_SECONDS).render())
                                        .build()),
                        Action.NONE);
            }
        }
        return answer(request, RtspStatus.UNSUPPORTED_TRANSPORT);
    }

    /** The answer to an offer that suits, its transport noted; else null. */
    private @Nullable TransportSpec choose(TransportSpec offer, int track, Camera asked) {
        CameraSpec.Transports agreed = asked.spec().transports();
        if (offer.multicast() || offer.record()) {
            return null;
        }
        if (offer.lower() == TransportSpec.Lower.TCP && agreed != CameraSpec.Transports.UDP) {
            NumberPair wanted = offer.interleaved();
            NumberPair channels = wanted != null ? wanted : new NumberPair(2 * track, 2 * track + 1);
            transports.put(track, TrackTransport.interleaved(channels.first()));
            return TransportSpec.tcp(channels);
        }
        NumberPair ports = offer.clientPort();
        if (offer.lower() == TransportSpec.Lower.UDP && agreed != CameraSpec.Transports.TCP && ports != null) {
            transports.put(track, TrackTransport.udp(ports.first(), ports.second()));
            return TransportSpec.udp(ports).withServerPort(serverPorts);
        }
        return null;
    }

    private static int trackOf(String uri, Camera asked) {
        int at = uri.lastIndexOf("trackID=");
        if (at < 0) {
            return asked.media().tracks().size() == 1 ? 0 : -1;
        }
        String digits = uri.substring(at + "trackID=".length());
        int track = digits.length() == 1 ? digits.charAt(0) - '0' : -1;
        return track >= 0 && track < asked.media().tracks().size() ? track : -1;
    }

    private Reaction play(RtspRequest request) {
        Camera playing = camera;
        if (playing == null || transports.isEmpty()) {
            return answer(request, RtspStatus.METHOD_NOT_VALID_IN_THIS_STATE);
        }
        if (playback != null) {
            return ok(request, RtspHeaders.SESSION, id);
        }
        CameraPlayback started = playing.newPlayback(counters, random);
        playback = started;
        List<RtpInfo.Entry> entries = new ArrayList<>();
        String base = request.uri().endsWith("/") ? request.uri() : request.uri() + "/";
        for (int track : transports.keySet()) {
            entries.add(new RtpInfo.Entry(
                    base + "trackID=" + track,
                    started.writer(track).sequenceNumber(),
                    Integer.toUnsignedLong(started.writer(track).timestampAt(0))));
        }
        RtspHeaders headers = headers(request)
                .add(RtspHeaders.SESSION, id)
                .add(RtspHeaders.RANGE, "npt=now-")
                .add(RtspHeaders.RTP_INFO, new RtpInfo(entries).render())
                .build();
        return new Reaction(new RtspResponse(RtspStatus.OK, headers), Action.START);
    }

    private Reaction ended(RtspRequest request) {
        boolean playing = playback != null;
        playback = null;
        return new Reaction(
                response(request, RtspStatus.OK, RtspHeaders.SESSION, id), playing ? Action.STOP : Action.NONE);
    }

    private static Reaction ok(RtspRequest request, String... namesAndValues) {
        return new Reaction(response(request, RtspStatus.OK, namesAndValues), Action.NONE);
    }

    private static Reaction answer(RtspRequest request, RtspStatus status) {
        return new Reaction(response(request, status), Action.NONE);
    }

    private static RtspResponse response(RtspRequest request, RtspStatus status, String... namesAndValues) {
        RtspHeaders.Builder headers = headers(request);
        for (int i = 0; i < namesAndValues.length; i += 2) {
            headers.add(namesAndValues[i], namesAndValues[i + 1]);
        }
        return new RtspResponse(status, headers.build());
    }

    private static RtspHeaders.Builder headers(RtspRequest request) {
        return RtspHeaders.builder().add(RtspHeaders.CSEQ, String.valueOf(Math.max(0, request.cseq())));
    }
}
