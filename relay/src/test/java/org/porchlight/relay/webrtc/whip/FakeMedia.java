package org.porchlight.relay.webrtc.whip;

import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import org.porchlight.relay.webrtc.ice.TrickleFragment;

/** Makes sessions when the test says so. */
public final class FakeMedia implements MediaSessions {
    final List<MediaOffer> offers = new ArrayList<>();
    final Deque<CompletableFuture<MediaCreation>> open = new ArrayDeque<>();

    @Override
    public CompletionStage<MediaCreation> create(MediaOffer offer) {
        offers.add(offer);
        CompletableFuture<MediaCreation> creation = new CompletableFuture<>();
        open.add(creation);
        return creation;
    }

    /** Answers the offer that waits longest. */
    public Session make() {
        Session session = new Session();
        open.remove().complete(new MediaCreation.Created(session, "v=0 answer"));
        return session;
    }

    void refuse(MediaCreation.Refusal refusal, String detail) {
        open.remove().complete(new MediaCreation.Refused(refusal, detail));
    }

    public static final class Session implements MediaSession {
        final List<TrickleFragment> fragments = new ArrayList<>();
        public final List<LayerChoice> choices = new ArrayList<>();
        public final List<String> closed = new ArrayList<>();
        final CompletableFuture<Void> ended = new CompletableFuture<>();
        CompletionStage<IceUpdate> update = CompletableFuture.completedFuture(new IceUpdate.Taken());
        boolean chooses = true;

        @Override
        public CompletionStage<IceUpdate> update(TrickleFragment fragment) {
            fragments.add(fragment);
            return update;
        }

        @Override
        public boolean choose(LayerChoice choice) {
            choices.add(choice);
            return chooses;
        }

        @Override
        public void close(String reason) {
            closed.add(reason);
            ended.complete(null);
        }

        @Override
        public CompletionStage<Void> ended() {
            return ended;
        }
    }
}
