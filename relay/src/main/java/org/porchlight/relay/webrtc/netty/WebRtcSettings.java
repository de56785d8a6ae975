package org.porchlight.relay.webrtc.netty;

import io.netty.util.concurrent.EventExecutor;
import java.util.function.Function;
import java.util.function.LongSupplier;
import org.porchlight.relay.metrics.LoopCounters;
import org.porchlight.relay.webrtc.dtls.DtlsEndpoint;
import org.porchlight.relay.webrtc.srtp.CipherProvider;

/**
 * What all sessions of a port have in common.
 *
 * @param dtls runs handshakes; closed by whoever made it, after the port
 * @param ciphers for media
 * @param counters of each loop
 * @param nanoTime the relay's clock
 * @param maxSessions open at a time, 1 or more
 * @param maxTcpConnections accepted at a time, with or without a session, 0 or more
 */
public record WebRtcSettings(
        DtlsEndpoint dtls,
        CipherProvider ciphers,
        Function<EventExecutor, LoopCounters> counters,
        LongSupplier nanoTime,
        int maxSessions,
        int maxTcpConnections) {
    public WebRtcSettings {
        if (maxSessions < 1 || maxTcpConnections < 0) {
            throw new IllegalArgumentException(maxSessions + " sessions, " + maxTcpConnections + " connections");
        }
    }

    long nowNanos() {
        return nanoTime.getAsLong();
    }
}
