package org.porchlight.relay.webrtc.whip;

import java.nio.charset.StandardCharsets;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.function.Consumer;
import java.util.function.Function;
import org.porchlight.relay.metrics.Counter;
import org.porchlight.relay.webrtc.ice.TrickleFragment;

/**
 * Requests to a session: candidates and restarts of ICE (RFC 9725 section 4.3), its end, and which picture a viewer wants. Thread-safe.
 *
 * <p>Who may touch a session: whoever shows the credentials by which it was made, or others of the same person, as tokens are renewed. The
 * session's own right is watched by the relay, which ends it when admission takes it back; so nobody is asked again for the former. A
 * session made without credentials is reached by its name, which nobody guesses.
 */
final class Resources {
    private static final int MAX_BYTES = 16 << 10;

    private final EdgeAdmission admission;
    private final Function<byte[], Optional<LayerChoice>> layerReader;
    private final OpenSessions sessions;
    private final Consumer<Counter> count;

    Resources(WhipEdge.Parts parts, OpenSessions sessions) {
        this.admission = parts.admission();
        this.layerReader = parts.layerReader();
        this.sessions = sessions;
        this.count = parts.count();
    }

    void patch(EdgeRequest request, EdgePath.Resource path, CompletableFuture<EdgeResponse> result) {
        withSession(request, path, path.id(), result, session -> patch(request, session, result));
    }

    void delete(EdgeRequest request, EdgePath.Resource path, CompletableFuture<EdgeResponse> result) {
        withSession(request, path, path.id(), result, session -> {
            sessions.remove(path.id());
            session.media().close("teardown");
            CrossOrigin.answer(result, EdgeResponse.of(200));
        });
    }

    void choose(EdgeRequest request, EdgePath.Layer path, CompletableFuture<EdgeResponse> result) {
        withSession(request, path, path.id(), result, session -> choose(request, session, result));
    }

    // ---- whose session it is

    private void withSession(
            EdgeRequest request,
            EdgePath path,
            String id,
            CompletableFuture<EdgeResponse> result,
            Consumer<OpenSession> permitted) {
        OpenSession session = sessions.find(id);
        if (session == null || session.publishes() != path.publishes()) {
            CrossOrigin.answer(result, Problem.SESSION_NOT_FOUND.response());
        } else if (session.wasMadeBy(ShownCredentials.digestOf(request))) {
            permitted.accept(session);
        } else {
            askAgain(request, session, result, permitted);
        }
    }

    /** Other credentials than those that made the session: they will do if they are the same person's. */
    private void askAgain(
            EdgeRequest request,
            OpenSession session,
            CompletableFuture<EdgeResponse> result,
            Consumer<OpenSession> permitted) {
        EdgePath.Endpoint endpoint = new EdgePath.Endpoint(session.publishes(), session.stream());
        admission.ask(request, endpoint, new EdgeAdmission.Told() {
            @Override
            public void onRefused(EdgeResponse refusal) {
                CrossOrigin.answer(result, refusal);
            }

            @Override
            public void onPermit(EdgeAdmission.Granted granted) {
                admission.giveBack(granted, session.stream());
                if (request.has("authorization") && granted.permit().person().equals(session.person())) {
                    permitted.accept(session);
                } else {
                    CrossOrigin.answer(result, Problem.FORBIDDEN.response());
                }
            }
        });
    }

    // ---- ICE

    private void patch(EdgeRequest request, OpenSession session, CompletableFuture<EdgeResponse> result) {
        String ifMatch = request.header("if-match");
        if (!request.isOfType(TrickleFragment.CONTENT_TYPE)) {
            count.accept(Counter.WHIP_UNSUPPORTED);
            CrossOrigin.answer(
                    result, Problem.NOT_A_FRAGMENT.response().with("Accept-Patch", TrickleFragment.CONTENT_TYPE));
        } else if (isTooLarge(request, result)) {
            return;
        } else if (ifMatch.isEmpty()) {
            CrossOrigin.answer(result, Problem.PRECONDITION_REQUIRED.response());
        } else if (!session.isMatched(ifMatch)) {
            CrossOrigin.answer(result, Problem.PRECONDITION_FAILED.response());
        } else {
            Optional<TrickleFragment> fragment =
                    TrickleFragment.parse(new String(request.body(), StandardCharsets.UTF_8));
            if (fragment.isPresent()) {
                update(session, fragment.get(), result);
            } else {
                count.accept(Counter.WHIP_MALFORMED);
                CrossOrigin.answer(result, Problem.BROKEN_FRAGMENT.response());
            }
        }
    }

    private boolean isTooLarge(EdgeRequest request, CompletableFuture<EdgeResponse> result) {
        if (request.body().length <= MAX_BYTES) {
            return false;
        }
        count.accept(Counter.WHIP_TOO_LARGE);
        CrossOrigin.answer(result, Problem.TOO_LARGE.response());
        return true;
    }

    private void update(OpenSession session, TrickleFragment fragment, CompletableFuture<EdgeResponse> result) {
        session.media().update(fragment).whenComplete((update, failure) -> {
            if (update instanceof MediaSession.IceUpdate.Restarted restarted) {
                session.restarted(sessions.newTag());
                CrossOrigin.answer(
                        result,
                        EdgeResponse.of(200)
                                .withBody(
                                        TrickleFragment.CONTENT_TYPE,
                                        restarted.ours().write("audio"))
                                .with("ETag", session.entityTag()));
            } else if (update instanceof MediaSession.IceUpdate.Taken) {
                CrossOrigin.answer(result, EdgeResponse.of(204).with("ETag", session.entityTag()));
            } else if (update instanceof MediaSession.IceUpdate.Refused refused) {
                CrossOrigin.answer(result, Problem.UNUSABLE_FRAGMENT.response(refused.detail()));
            } else {
                CrossOrigin.answer(result, Problem.SESSION_NOT_FOUND.response());
            }
        });
    }

    // ---- the picture

    private void choose(EdgeRequest request, OpenSession session, CompletableFuture<EdgeResponse> result) {
        if (!request.isOfType(WhipEdge.JSON)) {
            count.accept(Counter.WHIP_UNSUPPORTED);
            CrossOrigin.answer(result, Problem.NOT_JSON.response().with("Accept-Post", WhipEdge.JSON));
            return;
        }
        if (isTooLarge(request, result)) {
            return;
        }
        Optional<LayerChoice> choice = layerReader.apply(request.body());
        if (choice.isEmpty()) {
            count.accept(Counter.WHIP_MALFORMED);
            CrossOrigin.answer(result, Problem.BROKEN_LAYER.response());
        } else if (session.media().choose(choice.get())) {
            CrossOrigin.answer(result, EdgeResponse.of(204));
        } else {
            CrossOrigin.answer(result, Problem.UNUSABLE_LAYER.response());
        }
    }
}
