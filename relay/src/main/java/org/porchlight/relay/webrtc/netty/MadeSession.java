package org.porchlight.relay.webrtc.netty;

import java.net.InetSocketAddress;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.random.RandomGenerator;
import org.porchlight.relay.egress.Session;
import org.porchlight.relay.webrtc.ice.IceCandidate;
import org.porchlight.relay.webrtc.ice.TrickleFragment;
import org.porchlight.relay.webrtc.session.SessionEnd;
import org.porchlight.relay.webrtc.session.SessionListener;
import org.porchlight.relay.webrtc.whip.MediaSession;

/** What an offer has become, viewer or publisher: told by the port, asked by HTTP, cut by control. */
interface MadeSession extends SessionListener, Session, MediaSession {
    /** Must follow its making at once: what is asked of it waits for its session. */
    void live(HostedSession session);

    /** It is about to be entered among the open sessions. */
    void admit();

    /** It was not entered: its permit goes back by another way. */
    void refuse();

    /** In the words of reports. */
    static String reasonOf(SessionEnd end) {
        return switch (end) {
            case NEVER_CONNECTED -> "never_connected";
            case HANDSHAKE_TIMEOUT, HANDSHAKE_FAILED -> "handshake";
            case OVERLOADED -> "overloaded";
            case CONSENT_EXPIRED -> "timeout";
            case PEER_CLOSED -> "disconnected";
            case CLOSED -> "shutdown";
        };
    }

    static String text(InetSocketAddress address) {
        return address.getAddress() == null
                ? address.toString()
                : address.getAddress().getHostAddress() + ":" + address.getPort();
    }

    /**
     * A lite agent has no use for candidates; new credentials are a restart. On the session's loop.
     *
     * @param candidates ours
     * @param random of cryptographic strength
     * @param done told what has become of it
     */
    static void update(
            HostedSession home,
            TrickleFragment fragment,
            List<IceCandidate> candidates,
            RandomGenerator random,
            CompletableFuture<IceUpdate> done) {
        if (home.session().isEnded()) {
            done.completeExceptionally(new IllegalStateException("the session has ended"));
        } else if (fragment.credentials().isEmpty()
                || fragment.credentials().get().equals(home.session().remoteCredentials())) {
            done.complete(new IceUpdate.Taken());
        } else {
            home.restart(fragment.credentials().get(), random).whenComplete((ours, failure) -> {
                if (failure != null) {
                    done.completeExceptionally(failure);
                } else {
                    done.complete(new IceUpdate.Restarted(
                            new TrickleFragment(Optional.of(ours), fragment.mid(), candidates, true)));
                }
            });
        }
    }
}
