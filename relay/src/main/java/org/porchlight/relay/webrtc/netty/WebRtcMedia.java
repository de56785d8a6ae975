package org.porchlight.relay.webrtc.netty;

import java.util.List;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.CompletionStage;
import org.jspecify.annotations.Nullable;
import org.porchlight.relay.egress.Sessions;
import org.porchlight.relay.stream.PublishRule;
import org.porchlight.relay.stream.Stream;
import org.porchlight.relay.stream.StreamDescription;
import org.porchlight.relay.stream.StreamException;
import org.porchlight.relay.webrtc.dtls.DtlsIdentity;
import org.porchlight.relay.webrtc.ice.IceCandidate;
import org.porchlight.relay.webrtc.ice.IceCredentials;
import org.porchlight.relay.webrtc.negotiation.Agreement;
import org.porchlight.relay.webrtc.negotiation.LocalTransport;
import org.porchlight.relay.webrtc.negotiation.NegotiationException;
import org.porchlight.relay.webrtc.negotiation.PublisherAnswer;
import org.porchlight.relay.webrtc.negotiation.RemoteDescription;
import org.porchlight.relay.webrtc.negotiation.ViewerAnswer;
import org.porchlight.relay.webrtc.session.SessionPlan;
import org.porchlight.relay.webrtc.whip.MediaCreation;
import org.porchlight.relay.webrtc.whip.MediaCreation.Refusal;
import org.porchlight.relay.webrtc.whip.MediaOffer;
import org.porchlight.relay.webrtc.whip.MediaSessions;

/** Makes a session on the node's port of an offer that HTTP brought. Thread-safe. */
public final class WebRtcMedia implements MediaSessions {
    /** Of a publisher that offers several layers the first alone is taken: the answer leaves simulcast out. */
    private static final int LAYERS = 1;

    private final WebRtcPort port;
    private final MediaEnvironment environment;

    public WebRtcMedia(WebRtcPort port, MediaEnvironment environment) {
        this.port = port;
        this.environment = environment;
    }

    @Override
    public CompletionStage<MediaCreation> create(MediaOffer offer) {
        if (offer.publishes()) {
            return CompletableFuture.completedStage(publish(offer));
        }
        Stream stream =
                environment.hub().find(offer.stream().camera(), offer.stream().rendition());
        if (stream == null) {
            return refused(Refusal.NO_SUCH_STREAM, "");
        }
        RemoteDescription remote;
        try {
            remote = RemoteDescription.read(offer.description());
        } catch (NegotiationException e) {
            return CompletableFuture.completedStage(refusalOf(e));
        }
        return stream.describe()
                .handle((description, failure) ->
                        description == null ? refusalOf(failure) : watch(offer, stream, remote, description));
    }

    private static CompletionStage<MediaCreation> refused(Refusal refusal, String detail) {
        return CompletableFuture.completedStage(new MediaCreation.Refused(refusal, detail));
    }

    private static MediaCreation refusalOf(NegotiationException failure) {
        Refusal refusal = switch (failure.reason()) {
            case NOT_SDP -> Refusal.BROKEN_OFFER;
            case NO_CODEC_IN_COMMON -> Refusal.NO_CODEC_IN_COMMON;
            case NO_BUNDLE,
                    NO_RTCP_MUX,
                    NO_ICE_CREDENTIALS,
                    NO_FINGERPRINT,
                    UNUSABLE_SETUP,
                    WRONG_DIRECTION,
                    ANSWER_UNUSABLE -> Refusal.UNUSABLE_OFFER;
        };
        return new MediaCreation.Refused(refusal, String.valueOf(failure.getMessage()));
    }

    private static MediaCreation refusalOf(@Nullable Throwable failure) {
        Throwable cause =
                failure instanceof CompletionException && failure.getCause() != null ? failure.getCause() : failure;
        if (cause instanceof StreamException known) {
            return new MediaCreation.Refused(
                    switch (known.reason()) {
                        case OCCUPIED -> Refusal.OCCUPIED;
                        case SOURCE_UNAVAILABLE -> Refusal.NO_SOURCE;
                        case ENDED -> Refusal.NO_SUCH_STREAM;
                    },
                    "");
        }
        throw new CompletionException(cause);
    }

    private MediaCreation watch(
            MediaOffer offer, Stream stream, RemoteDescription remote, StreamDescription description) {
        DtlsIdentity identity = port.settings().dtls().identity();
        LocalTransport local = local(identity);
        Agreement agreement;
        try {
            agreement = ViewerAnswer.answer(remote, description.tracks(), local);
        } catch (NegotiationException e) {
            return refusalOf(e);
        }
        WhepViewer viewer =
                new WhepViewer(environment, port.settings(), offer, stream, agreement.media(), local.candidates());
        return open(offer, stream, viewer, plan(identity, local, agreement), agreement);
    }

    private MediaCreation publish(MediaOffer offer) {
        String camera = offer.stream().camera();
        PublishRule rule = environment.publishRule().apply(camera);
        if (rule == PublishRule.OFF) {
            return new MediaCreation.Refused(Refusal.NOT_PUBLISHABLE, "");
        }
        DtlsIdentity identity = port.settings().dtls().identity();
        LocalTransport local = local(identity);
        Agreement agreement;
        try {
            RemoteDescription remote = RemoteDescription.read(offer.description());
            agreement = PublisherAnswer.answer(remote, PublisherAnswer.PREFERENCE, LAYERS, local);
        } catch (NegotiationException e) {
            return refusalOf(e);
        }
        Stream stream;
        try {
            stream = environment.hub().open(camera, offer.stream().rendition());
        } catch (IllegalStateException e) {
            return new MediaCreation.Refused(Refusal.OVERLOADED, "");
        }
        // The stream itself decides, when media is about to flow; who comes in vain is told now, as later there is no
        // answer to tell it in.
        if (rule == PublishRule.REFUSE && stream.state() == Stream.State.LIVE) {
            return new MediaCreation.Refused(Refusal.OCCUPIED, "");
        }
        WhipPublisher publisher = new WhipPublisher(
                environment, port.settings(), offer, stream, rule, agreement.media(), local.candidates());
        return open(offer, stream, publisher, plan(identity, local, agreement), agreement);
    }

    private static SessionPlan plan(DtlsIdentity identity, LocalTransport local, Agreement agreement) {
        return new SessionPlan(
                local.credentials(),
                agreement.remote().credentials(),
                identity,
                agreement.remote().fingerprints());
    }

    private MediaCreation open(
            MediaOffer offer, Stream stream, MadeSession made, SessionPlan plan, Agreement agreement) {
        Optional<HostedSession> hosted = port.open(plan, made);
        if (hosted.isEmpty()) {
            return new MediaCreation.Refused(Refusal.OVERLOADED, "");
        }
        made.live(hosted.get());
        made.admit();
        Sessions.Entry entry = new Sessions.Entry(
                offer.permit(),
                stream.camera(),
                stream.rendition(),
                offer.publishes(),
                made,
                port.settings().nowNanos());
        if (!environment.sessions().open(entry, offer.mark())) {
            made.refuse();
            return new MediaCreation.Refused(Refusal.CUT, "");
        }
        return new MediaCreation.Created(made, agreement.description());
    }

    private LocalTransport local(DtlsIdentity identity) {
        List<IceCandidate> candidates =
                IceCandidate.hosts(environment.addresses().get());
        IceCredentials credentials = IceCredentials.generate(environment.random());
        // The name of what we send is as good as random, and unlike an address says nothing of the machine.
        return new LocalTransport(
                credentials,
                candidates,
                identity.fingerprint(),
                environment.random().nextLong() >>> 2,
                IceCredentials.generate(environment.random()).ufrag(),
                environment.random()::nextInt);
    }
}
