package org.porchlight.relay.webrtc.netty;

import java.net.InetSocketAddress;
import java.util.Collection;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import org.jspecify.annotations.Nullable;
import org.porchlight.relay.webrtc.ice.IcePath;
import org.porchlight.relay.webrtc.ice.IceTransport;

/**
 * Which session a packet belongs to: by user name fragment, and by the address of a valid check. Bounded by the number of sessions and of an
 * agent's paths. Thread-safe: loops read, a session's home writes its entries.
 */
final class SessionDirectory {
    private final Map<String, HostedSession> byUfrag = new ConcurrentHashMap<>();
    private final Map<InetSocketAddress, HostedSession> byUdpAddress = new ConcurrentHashMap<>();
    private final Set<HostedSession> sessions = ConcurrentHashMap.newKeySet();
    private final int maxSessions;

    SessionDirectory(int maxSessions) {
        this.maxSessions = maxSessions;
    }

    /** @return false: there are as many as there may be, or the fragment is taken */
    boolean enter(String ufrag, HostedSession session) {
        if (sessions.size() >= maxSessions || byUfrag.putIfAbsent(ufrag, session) != null) {
            return false;
        }
        sessions.add(session);
        return true;
    }

    /** One more fragment of a session, after a restart. */
    boolean alias(String ufrag, HostedSession session) {
        return byUfrag.putIfAbsent(ufrag, session) == null;
    }

    void forget(String ufrag, HostedSession session) {
        byUfrag.remove(ufrag, session);
    }

    void leave(HostedSession session) {
        sessions.remove(session);
    }

    /** @return false: the address is another session's, whose check came first */
    boolean addPath(IcePath path, HostedSession session) {
        return path.transport() == IceTransport.TCP || byUdpAddress.putIfAbsent(path.remote(), session) == null;
    }

    void removePath(IcePath path, HostedSession session) {
        if (path.transport() == IceTransport.UDP) {
            byUdpAddress.remove(path.remote(), session);
        }
    }

    @Nullable
    HostedSession byUfrag(String ufrag) {
        return byUfrag.get(ufrag);
    }

    @Nullable
    HostedSession byUdpAddress(InetSocketAddress source) {
        return byUdpAddress.get(source);
    }

    /** A live view. */
    Collection<HostedSession> sessions() {
        return sessions;
    }

    /** Entries of all kinds, to show that nothing is left behind. */
    int size() {
        return sessions.size() + byUfrag.size() + byUdpAddress.size();
    }
}
