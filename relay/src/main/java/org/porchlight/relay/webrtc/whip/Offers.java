package org.porchlight.relay.webrtc.whip;

import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;
import org.porchlight.relay.metrics.Counter;
import org.porchlight.relay.webrtc.ice.TrickleFragment;

/** Offers: asks admission, has the session made, and tells its maker where it is (RFC 9725 section 4.2). Thread-safe. */
final class Offers {
    private static final String LAYER_RELATION = "urn:ietf:params:whep:ext:core:layer";

    private final EdgeAdmission admission;
    private final MediaSessions media;
    private final List<IceServer> iceServers;
    private final OpenSessions sessions;
    private final Consumer<Counter> count;

    Offers(WhipEdge.Parts parts, OpenSessions sessions) {
        this.admission = parts.admission();
        this.media = parts.media();
        this.iceServers = parts.iceServers();
        this.sessions = sessions;
        this.count = parts.count();
    }

    void post(EdgeRequest request, EdgePath.Endpoint endpoint, CompletableFuture<EdgeResponse> result) {
        EdgeResponse fault = faultOf(request);
        if (fault != null) {
            CrossOrigin.answer(result, fault);
        } else if (!sessions.reserve()) {
            CrossOrigin.answer(result, Problem.OVERLOADED.response());
        } else {
            admission.ask(request, endpoint, new EdgeAdmission.Told() {
                @Override
                public void onRefused(EdgeResponse refusal) {
                    sessions.release();
                    CrossOrigin.answer(result, refusal);
                }

                @Override
                public void onPermit(EdgeAdmission.Granted granted) {
                    if (result.isDone()) {
                        refuse(endpoint, granted, result, Problem.FAILED.response());
                    } else {
                        create(request, endpoint, granted, result);
                    }
                }
            });
        }
    }

    /** What is wrong with an offer before it is read; null: nothing. */
    private @Nullable EdgeResponse faultOf(EdgeRequest request) {
        if (!request.isOfType(WhipEdge.SDP)) {
            count.accept(Counter.WHIP_UNSUPPORTED);
            return Problem.NOT_AN_OFFER.response().with("Accept-Post", WhipEdge.SDP);
        }
        if (request.body().length > WhipEdge.MAX_OFFER_BYTES) {
            count.accept(Counter.WHIP_TOO_LARGE);
            return Problem.TOO_LARGE.response();
        }
        if (request.body().length == 0) {
            count.accept(Counter.WHIP_MALFORMED);
            return Problem.BROKEN_OFFER.response("The body is empty.");
        }
        return null;
    }

    private void create(
            EdgeRequest request,
            EdgePath.Endpoint endpoint,
            EdgeAdmission.Granted granted,
            CompletableFuture<EdgeResponse> result) {
        MediaOffer offer = new MediaOffer(
                endpoint.publishes(),
                endpoint.stream(),
                granted.permit(),
                granted.mark(),
                request.remote(),
                new String(request.body(), StandardCharsets.UTF_8));
        media.create(offer).whenComplete((made, failure) -> {
            if (made instanceof MediaCreation.Created created) {
                enter(request, endpoint, granted, created, result);
            } else if (made instanceof MediaCreation.Refused refused) {
                if (refused.refusal() == MediaCreation.Refusal.BROKEN_OFFER) {
                    count.accept(Counter.WHIP_MALFORMED);
                }
                refuse(endpoint, granted, result, problemOf(refused.refusal()).response(refused.detail()));
            } else {
                refuse(endpoint, granted, result, Problem.FAILED.response());
            }
        });
    }

    private void refuse(
            EdgePath.Endpoint endpoint,
            EdgeAdmission.Granted granted,
            CompletableFuture<EdgeResponse> result,
            EdgeResponse refusal) {
        sessions.release();
        admission.giveBack(granted, endpoint.stream());
        CrossOrigin.answer(result, refusal);
    }

    private void enter(
            EdgeRequest request,
            EdgePath.Endpoint endpoint,
            EdgeAdmission.Granted granted,
            MediaCreation.Created created,
            CompletableFuture<EdgeResponse> result) {
        OpenSession session = new OpenSession(
                endpoint.publishes(),
                endpoint.stream(),
                granted.permit().person(),
                ShownCredentials.digestOf(request),
                created.session(),
                sessions.newTag());
        String id = sessions.enter(session);
        EdgeResponse response = accepted(EdgePath.of(endpoint.publishes(), id), session, created.answer());
        if (!CrossOrigin.answer(result, response)) {
            // Nobody waits for it any more.
            created.session().close("abandoned");
        }
    }

    private EdgeResponse accepted(String location, OpenSession session, String answer) {
        EdgeResponse response = EdgeResponse.of(201)
                .withBody(WhipEdge.SDP, answer)
                .with("Location", location)
                .with("ETag", session.entityTag())
                .with("Accept-Patch", TrickleFragment.CONTENT_TYPE);
        for (IceServer server : iceServers) {
            response = response.with("Link", server.link());
        }
        return session.publishes()
                ? response
                : response.with("Link", "<" + location + "/layer>; rel=\"" + LAYER_RELATION + "\"");
    }

    private static Problem problemOf(MediaCreation.Refusal refusal) {
        return switch (refusal) {
            case BROKEN_OFFER -> Problem.BROKEN_OFFER;
            case UNUSABLE_OFFER -> Problem.UNUSABLE_OFFER;
            case NO_CODEC_IN_COMMON -> Problem.NO_CODEC_IN_COMMON;
            case NO_SUCH_STREAM -> Problem.NOT_FOUND;
            case NO_SOURCE -> Problem.NO_SOURCE;
            case NOT_PUBLISHABLE -> Problem.NOT_PUBLISHABLE;
            case OCCUPIED -> Problem.OCCUPIED;
            case CUT -> Problem.CUT;
            case OVERLOADED -> Problem.OVERLOADED;
        };
    }
}
