package org.porchlight.relay.webrtc.netty;

import java.net.InetSocketAddress;
import java.security.SecureRandom;
import java.util.List;
import java.util.function.Function;
import java.util.function.ObjLongConsumer;
import java.util.function.Supplier;
import java.util.function.ToLongFunction;
import org.porchlight.relay.egress.SendRate;
import org.porchlight.relay.egress.Sessions;
import org.porchlight.relay.egress.StalenessContract;
import org.porchlight.relay.metrics.Timing;
import org.porchlight.relay.stream.PublishRule;
import org.porchlight.relay.stream.StreamHub;

/**
 * What sessions of the port are made with.
 *
 * @param hub the streams
 * @param sessions every open session, for cuts
 * @param staleness of viewers that begin now
 * @param timings told in ns
 * @param addresses where peers reach the port, the best first
 * @param rates makes an estimator for one viewer
 * @param publishRule of a camera, by its name
 * @param maxBitsPerSecond what a publisher of a camera may send, by its name
 * @param random for credentials, SSRCs and names
 */
public record MediaEnvironment(
        StreamHub hub,
        Sessions sessions,
        Supplier<StalenessContract> staleness,
        ObjLongConsumer<Timing> timings,
        Supplier<List<InetSocketAddress>> addresses,
        Supplier<SendRate> rates,
        Function<String, PublishRule> publishRule,
        ToLongFunction<String> maxBitsPerSecond,
        SecureRandom random) {}
