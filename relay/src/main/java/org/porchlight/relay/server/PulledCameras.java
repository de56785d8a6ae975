package org.porchlight.relay.server;

import io.netty.channel.EventLoop;
import java.time.Clock;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.ConcurrentHashMap;
import org.jspecify.annotations.Nullable;
import org.porchlight.relay.admission.Rendition;
import org.porchlight.relay.rtsp.client.CameraCredentials;
import org.porchlight.relay.rtsp.client.CameraDiagnosis;
import org.porchlight.relay.rtsp.client.CameraTrust;
import org.porchlight.relay.rtsp.client.ClientSettings;
import org.porchlight.relay.rtsp.client.ReconnectPolicy;
import org.porchlight.relay.rtsp.client.RtspUrl;
import org.porchlight.relay.rtsp.client.SourcePlan;
import org.porchlight.relay.rtsp.client.TransportChoice;
import org.porchlight.relay.rtsp.netty.RtspSource;
import org.porchlight.relay.rtsp.netty.SourceEnvironment;
import org.porchlight.relay.stream.Stream;
import org.porchlight.relay.stream.StreamHub;

/** The sources of all cameras that the relay pulls. Used by one thread at a time; {@link #diagnosis} by any. */
final class PulledCameras {
    private record Key(String camera, Rendition rendition) {}

    private final StreamHub hub;
    private final SourceEnvironment environment;
    private final Clock clock;
    private final Map<Key, RtspSource> sources = new ConcurrentHashMap<>();

    PulledCameras(StreamHub hub, SourceEnvironment environment, Clock clock) {
        this.hub = hub;
        this.environment = environment;
        this.clock = clock;
    }

    /** Begins with a camera that is pulled, or makes the stream of one that is published under its own name. */
    void add(CameraConfiguration camera) {
        if (!camera.name().isExact()) {
            return;
        }
        String name = camera.name().text();
        if (camera.main().isEmpty()) {
            hub.open(name, Rendition.MAIN);
            return;
        }
        addSource(camera, name, Rendition.MAIN, camera.main());
        addSource(camera, name, Rendition.SUB, camera.sub());
    }

    private void addSource(
            CameraConfiguration camera, String name, Rendition rendition, Optional<SourceConfiguration> configured) {
        if (configured.isEmpty()) {
            return;
        }
        Stream stream = hub.open(name, rendition);
        SourcePlan plan = planOf(configured.get(), camera.maxBitsPerSecond());
        RtspSource source = new RtspSource(plan, stream, environment, (EventLoop) stream.owner(), clock);
        sources.put(new Key(name, rendition), source);
        stream.useSource(source, camera.activation() == Activation.ALWAYS);
    }

    /** Closes a camera's sources and ends its streams. */
    CompletionStage<Void> remove(String name) {
        List<CompletableFuture<Void>> gone = new ArrayList<>();
        for (Rendition rendition : Rendition.values()) {
            gone.add(removeSource(name, rendition).toCompletableFuture());
            gone.add(hub.remove(name, rendition, "camera_removed").toCompletableFuture());
        }
        return CompletableFuture.allOf(gone.toArray(CompletableFuture[]::new));
    }

    private CompletionStage<Void> removeSource(String name, Rendition rendition) {
        RtspSource source = sources.remove(new Key(name, rendition));
        return source == null ? CompletableFuture.completedStage(null) : source.stop();
    }

    /** Goes over to a changed source; viewers stay and wait for it. */
    void replaceSource(CameraConfiguration camera, Rendition rendition) {
        String name = camera.name().text();
        Optional<SourceConfiguration> configured = rendition == Rendition.MAIN ? camera.main() : camera.sub();
        CompletionStage<Void> stopped = removeSource(name, rendition);
        if (configured.isEmpty()) {
            hub.remove(name, rendition, "camera_removed");
        } else {
            stopped.thenRun(() -> addSource(camera, name, rendition, configured));
        }
    }

    @Nullable
    CameraDiagnosis diagnosis(String camera, Rendition rendition) {
        RtspSource source = sources.get(new Key(camera, rendition));
        return source == null ? null : source.diagnosis();
    }

    /** How many sources stand there now; any thread. */
    long count(CameraDiagnosis.State state) {
        return sources.values().stream()
                .filter(source -> source.diagnosis().state() == state)
                .count();
    }

    CompletionStage<Void> stopAll() {
        CompletableFuture<?>[] stopped = sources.values().stream()
                .map(s -> s.stop().toCompletableFuture())
                .toArray(CompletableFuture[]::new);
        sources.clear();
        return CompletableFuture.allOf(stopped);
    }

    static SourcePlan planOf(SourceConfiguration source, long maxBitsPerSecond) {
        RtspUrl url = RtspUrl.parse(source.url())
                .orElseThrow(() -> new InvalidSetting("url", "not an RTSP address: " + source.url()))
                .url();
        CameraCredentials credentials = source.user().isEmpty()
                ? null
                : new CameraCredentials(
                        source.user(), source.password().map(Secret::reveal).orElse(""));
        return new SourcePlan(
                new RtspUrl(url.tls(), url.host(), source.port(), url.path()),
                credentials,
                choiceOf(source.transport()),
                trustOf(source.trust()),
                ClientSettings.DEFAULT.withMaxBitsPerSecond(maxBitsPerSecond),
                ReconnectPolicy.Settings.DEFAULT);
    }

    static TransportChoice choiceOf(TransportPreference preference) {
        return switch (preference) {
            case AUTO -> TransportChoice.AUTO;
            case AUTO_UDP -> TransportChoice.AUTO_UDP_FIRST;
            case TCP -> TransportChoice.TCP;
            case UDP -> TransportChoice.UDP;
            case HTTP -> TransportChoice.HTTP_TUNNEL;
        };
    }

    private static CameraTrust trustOf(TlsTrust trust) {
        if (trust instanceof TlsTrust.Authorities authorities) {
            return new CameraTrust.Authorities(authorities.certificates());
        }
        if (trust instanceof TlsTrust.Pinned pinned) {
            return new CameraTrust.Pinned(pinned.sha256());
        }
        return trust instanceof TlsTrust.Unverified
                ? new CameraTrust.Unverified()
                : new CameraTrust.PlatformAuthorities();
    }
}
