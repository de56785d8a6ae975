package org.porchlight.relay.webrtc.whip;

import java.util.List;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.function.Consumer;
import java.util.function.Function;
import java.util.random.RandomGenerator;
import org.porchlight.relay.metrics.Counter;
import org.porchlight.relay.webrtc.ice.TrickleFragment;

/**
 * The endpoints and session resources of WHIP and WHEP. Thread-safe; reads no clock and does no input or output.
 *
 * <p>Design note. What is told before admission has said yes is the same for every camera, whether it exists or not. Only then is the offer
 * read, so a stranger costs no more than the question.
 */
public final class WhipEdge {
    /** Largest offer; Chromium's with every codec is about 8 KiB. */
    public static final int MAX_OFFER_BYTES = 64 << 10;

    static final String SDP = "application/sdp";
    static final String JSON = "application/json";

    private final OpenSessions sessions;
    private final Offers offers;
    private final Resources resources;
    private final Consumer<Counter> count;

    /**
     * What an edge works with.
     *
     * @param layerReader reads the JSON of a wish for a layer; empty: it cannot be read
     * @param iceServers told to clients; empty: none needed, as the relay has addresses that they reach
     * @param maxSessions at once, above 0
     * @param random dice that cannot be guessed, for names of sessions; thread-safe
     * @param count told what is to be counted, on any thread
     */
    public record Parts(
            EdgeAdmission admission,
            MediaSessions media,
            Function<byte[], Optional<LayerChoice>> layerReader,
            List<IceServer> iceServers,
            int maxSessions,
            RandomGenerator random,
            Consumer<Counter> count) {
        public Parts {
            iceServers = List.copyOf(iceServers);
        }
    }

    public WhipEdge(Parts parts) {
        this.sessions = new OpenSessions(parts.maxSessions(), parts.random());
        this.offers = new Offers(parts, sessions);
        this.resources = new Resources(parts, sessions);
        this.count = parts.count();
    }

    /** Sessions open now. */
    public int sessions() {
        return sessions.count();
    }

    /**
     * Answers one request. Whoever loses patience, or whose client has gone, cancels the future: a session that is made afterwards is closed.
     *
     * @return completes on any thread; never fails
     */
    public CompletableFuture<EdgeResponse> handle(EdgeRequest request) {
        count.accept(Counter.WHIP_REQUESTS);
        CompletableFuture<EdgeResponse> result = new CompletableFuture<>();
        EdgePath path = EdgePath.parse(request.path());
        String method = request.method();
        if (path == null) {
            CrossOrigin.answer(result, Problem.NOT_FOUND.response());
        } else if (method.equals("OPTIONS")) {
            CrossOrigin.answer(result, options(path));
        } else if (path instanceof EdgePath.Endpoint endpoint && method.equals("POST")) {
            offers.post(request, endpoint, result);
        } else if (path instanceof EdgePath.Resource resource && method.equals("PATCH")) {
            resources.patch(request, resource, result);
        } else if (path instanceof EdgePath.Resource resource && method.equals("DELETE")) {
            resources.delete(request, resource, result);
        } else if (path instanceof EdgePath.Layer layer && method.equals("POST")) {
            resources.choose(request, layer, result);
        } else {
            // GET, HEAD and PUT among them, which RFC 9725 keeps for later.
            count.accept(Counter.WHIP_UNSUPPORTED);
            CrossOrigin.answer(result, Problem.METHOD_NOT_ALLOWED.response().with("Allow", methodsOf(path)));
        }
        return result;
    }

    /** The answer to a request whose future was cancelled because it took too long: come again. */
    public static EdgeResponse impatience() {
        return CrossOrigin.open(Problem.UNAVAILABLE.response());
    }

    private static EdgeResponse options(EdgePath path) {
        String methods = methodsOf(path);
        EdgeResponse response = CrossOrigin.preflight(EdgeResponse.of(204).with("Allow", methods), methods);
        if (path instanceof EdgePath.Resource) {
            return response.with("Accept-Patch", TrickleFragment.CONTENT_TYPE);
        }
        return response.with("Accept-Post", path instanceof EdgePath.Layer ? JSON : SDP);
    }

    private static String methodsOf(EdgePath path) {
        return path instanceof EdgePath.Resource ? "PATCH, DELETE, OPTIONS" : "POST, OPTIONS";
    }
}
