package org.porchlight.relay.rtsp.server;

import java.time.Duration;
import org.porchlight.relay.rtsp.InterleavedFramer;

/**
 * How the server treats its clients. The same for all connections.
 *
 * @param serverName value of {@code Server}
 * @param udp whether media may travel by UDP (never for encrypted or tunnelled connections)
 * @param framing limits of heads and bodies
 * @param maxUriBytes longest request URI, characters
 * @param maxPipelined most requests that wait for the answer of the one before them
 * @param maxFailedLogins most refused credentials on one connection
 * @param firstRequest how long a connection may be silent before its first request
 * @param idle how long it may be silent between requests while it has no session
 * @param sessionTimeout announced in {@code Session}: how long a session lives without a sign of life
 * @param sessionGrace added to it before the session is ended
 * @param publisherSilence how long a publisher may send nothing
 * @param questionTimeout how long admission or the hub may take for an answer
 */
public record ServerPolicy(
        String serverName,
        boolean udp,
        InterleavedFramer.Limits framing,
        int maxUriBytes,
        int maxPipelined,
        int maxFailedLogins,
        Duration firstRequest,
        Duration idle,
        Duration sessionTimeout,
        Duration sessionGrace,
        Duration publisherSilence,
        Duration questionTimeout) {

    public static final ServerPolicy DEFAULT = new ServerPolicy(
            "Porchlight",
            true,
            InterleavedFramer.Limits.server(),
            2048,
            16,
            8,
            Duration.ofSeconds(10),
            Duration.ofSeconds(30),
            Duration.ofSeconds(60),
            Duration.ofSeconds(10),
            Duration.ofSeconds(10),
            Duration.ofSeconds(15));

    public ServerPolicy withUdp(boolean newUdp) {
        return new ServerPolicy(
                serverName,
                newUdp,
                framing,
                maxUriBytes,
                maxPipelined,
                maxFailedLogins,
                firstRequest,
                idle,
                sessionTimeout,
                sessionGrace,
                publisherSilence,
                questionTimeout);
    }
}
