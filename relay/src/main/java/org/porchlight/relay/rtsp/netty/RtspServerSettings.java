package org.porchlight.relay.rtsp.netty;

import java.util.function.Function;
import java.util.function.ObjLongConsumer;
import java.util.function.Supplier;
import java.util.function.ToLongFunction;
import java.util.random.RandomGenerator;
import org.porchlight.relay.admission.Admission;
import org.porchlight.relay.egress.Sessions;
import org.porchlight.relay.egress.StalenessContract;
import org.porchlight.relay.metrics.Timing;
import org.porchlight.relay.rtsp.server.ServerAuthentication;
import org.porchlight.relay.rtsp.server.ServerPolicy;
import org.porchlight.relay.stream.PublishRule;
import org.porchlight.relay.stream.StreamHub;

/**
 * What all connections of an RTSP server share. Everything in it is thread-safe.
 *
 * @param staleness asked when a viewer begins
 * @param publishRule by camera name; {@link PublishRule#OFF} for cameras that are not known
 * @param maxBitsPerSecond by camera name, above 0: a publisher that sends more is cut off
 * @param timings told durations in ns: each viewer's first keyframe, and what descriptions had to wait for
 * @param sessionIds dice that cannot be guessed, for session ids and SSRCs; thread-safe
 * @param maxConnections at once, on all listeners
 * @param maxConnectionsPerAddress at once from one remote address
 */
public record RtspServerSettings(
        StreamHub hub,
        Sessions sessions,
        Admission admission,
        ServerPolicy policy,
        ServerAuthentication authentication,
        Supplier<StalenessContract> staleness,
        Function<String, PublishRule> publishRule,
        ToLongFunction<String> maxBitsPerSecond,
        ObjLongConsumer<Timing> timings,
        RandomGenerator sessionIds,
        int maxConnections,
        int maxConnectionsPerAddress) {

    long nowNanos() {
        return hub.settings().nanoTime().getAsLong();
    }
}
