package org.porchlight.bench.camera;

import java.nio.charset.StandardCharsets;
import java.util.Map;
import java.util.TreeMap;
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

/** Publishes one camera: ANNOUNCE, SETUP for each track, RECORD (RFC 2326 sections 10.3 and 10.11). Owner: the loop of its connection. */
public final class PublisherSession {
    private final Camera camera;
    private final String uri;
    private final @Nullable NumberPair udpPorts;
    private final @Nullable ClientAuthorization authorization;
    private final TreeMap<Integer, TrackTransport> transports = new TreeMap<>();
    private State state = State.ANNOUNCE;
    private int track;
    private int cseq;
    private String sessionId = "";
    private @Nullable RtspRequest pending;

    /** What is asked for at the moment. */
    private enum State {
        ANNOUNCE,
        SETUP,
        RECORD,
        RECORDING
    }

    /** What a response leads to. */
    public enum Step {
        /** Send {@link #nextRequest}. */
        REQUEST,
        /** The server wants the media. */
        RECORD,
        /** The answer to a keepalive. */
        NOTHING,
        /** The server does not want us. */
        FAILED
    }

    /**
     * @param udpPorts where our RTP and RTCP leave; null: interleaved
     */
    public PublisherSession(
            Camera camera, String uri, @Nullable NumberPair udpPorts, @Nullable Login login, RandomGenerator random) {
        this.camera = camera;
        this.uri = uri;
        this.udpPorts = udpPorts;
        authorization = login == null ? null : new ClientAuthorization(login, random);
    }

    public Map<Integer, TrackTransport> transports() {
        return transports;
    }

    /** The request that is due now. */
    public RtspRequest nextRequest() {
        RtspRequest plain = switch (state) {
            case ANNOUNCE ->
                request(
                        "ANNOUNCE",
                        uri,
                        camera.description().getBytes(StandardCharsets.UTF_8),
                        RtspHeaders.CONTENT_TYPE,
                        "application/sdp");
            case SETUP ->
                request(
                        "SETUP",
                        uri + "/trackID=" + track,
                        new byte[0],
                        RtspHeaders.TRANSPORT,
                        TransportHeader.of(offer().withMode(true)).render());
            case RECORD -> request("RECORD", uri, new byte[0], RtspHeaders.RANGE, "npt=0.000-");
            case RECORDING -> request("GET_PARAMETER", uri, new byte[0]);
        };
        RtspRequest request = authorization == null ? plain : authorization.authorize(plain);
        pending = request;
        return request;
    }

    private TransportSpec offer() {
        return udpPorts == null
                ? TransportSpec.tcp(new NumberPair(2 * track, 2 * track + 1))
                : TransportSpec.udp(udpPorts);
    }

    private RtspRequest request(String method, String target, byte[] body, String... namesAndValues) {
        RtspHeaders.Builder headers = RtspHeaders.builder().add(RtspHeaders.CSEQ, String.valueOf(++cseq));
        if (!sessionId.isEmpty()) {
            headers.add(RtspHeaders.SESSION, sessionId);
        }
        for (int i = 0; i < namesAndValues.length; i += 2) {
            headers.add(namesAndValues[i], namesAndValues[i + 1]);
        }
        return new RtspRequest(method, target, headers.build(), body);
    }

    public Step onResponse(RtspResponse response) {
        if (pending == null) {
            return Step.NOTHING;
        }
        pending = null;
        if (response.status() == 401 && authorization != null && authorization.onUnauthorized(response)) {
            return Step.REQUEST;
        }
        if (state == State.RECORDING) {
            return Step.NOTHING;
        }
        if (!response.isSuccess()) {
            return Step.FAILED;
        }
        SessionHeader session = response.session();
        if (session != null) {
            sessionId = session.id();
        }
        switch (state) {
            case ANNOUNCE -> state = State.SETUP;
            case SETUP -> {
                if (!noteTransport(response)) {
                    return Step.FAILED;
                }
                track++;
                if (track == camera.media().tracks().size()) {
                    state = State.RECORD;
                }
            }
            case RECORD -> {
                state = State.RECORDING;
                return Step.RECORD;
            }
            case RECORDING -> {}
        }
        return Step.REQUEST;
    }

    private boolean noteTransport(RtspResponse response) {
        TransportHeader header = TransportHeader.parse(response.headers().all(RtspHeaders.TRANSPORT));
        if (header.specs().isEmpty()) {
            return false;
        }
        TransportSpec spec = header.specs().get(0);
        if (udpPorts == null) {
            NumberPair channels = spec.interleaved();
            transports.put(track, TrackTransport.interleaved(channels == null ? 2 * track : channels.first()));
            return true;
        }
        NumberPair ports = spec.serverPort();
        if (ports == null) {
            return false;
        }
        transports.put(track, TrackTransport.udp(ports.first(), ports.second()));
        return true;
    }
}
