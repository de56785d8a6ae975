package org.porchlight.relay.rtsp.netty;

import java.net.InetAddress;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentMap;
import org.jspecify.annotations.Nullable;

/**
 * The downward halves of RTSP over HTTP by their cookie, waiting for upward halves. Thread-safe; holds no more than there are connections.
 * The halves must come from one address, so that a cookie seen by others is of no use to them elsewhere.
 */
final class Tunnels {
    private record Key(InetAddress remote, String cookie) {}

    private final ConcurrentMap<Key, ServerConnection> downward = new ConcurrentHashMap<>();

    /** False when the cookie is in use. */
    boolean open(InetAddress remote, String cookie, ServerConnection connection) {
        return downward.putIfAbsent(new Key(remote, cookie), connection) == null;
    }

    @Nullable
    ServerConnection find(InetAddress remote, String cookie) {
        return downward.get(new Key(remote, cookie));
    }

    void close(InetAddress remote, String cookie, ServerConnection connection) {
        downward.remove(new Key(remote, cookie), connection);
    }
}
