package org.porchlight.control.server;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.porchlight.control.configuration.ConfigurationException;
import org.porchlight.control.configuration.ConfigurationLoader;
import org.porchlight.control.configuration.ConfigurationWatch.Outcome;
import org.porchlight.control.configuration.Problem;
import org.porchlight.control.configuration.Surroundings;
import org.porchlight.relay.admission.Cut;
import org.porchlight.relay.metrics.Counter;
import org.porchlight.relay.metrics.Level;
import org.porchlight.relay.metrics.Timing;
import org.porchlight.relay.server.BindFailure;
import org.porchlight.relay.server.RelayConfiguration;

final class NodeTest {
    private static final String MANAGEMENT = "management: {listen: \"127.0.0.1:0\"}\nhttp: {listen: []}\n";

    private final FakeRelay relay = new FakeRelay();
    private final ConfigurationLoader loader = new ConfigurationLoader(Surroundings.ofProcess());

    @TempDir
    Path folder;

    @Test
    void startsServesAndStopsInOrder() throws Exception {
        Node node = node(MANAGEMENT);
        try {
            node.start();
            assertThat(get(node, "/health/ready").statusCode()).isEqualTo(200);
            assertThat(get(node, "/cameras").body()).isEqualTo("{\"total\":0,\"cameras\":[]}");
        } finally {
            node.stop();
            node.stop();
        }
        assertThat(relay.calls).containsExactly("start", "stop");
        assertThat(node.isReady()).isFalse();
    }

    @Test
    void aCutIsRehearsedOnceTheNodeRuns() throws Exception {
        Node node = node(MANAGEMENT);
        try {
            node.start();
            Cut rehearsed = relay.cuts.poll(30, TimeUnit.SECONDS);
            assertThat(rehearsed).isNotNull();
            assertThat(rehearsed.scope()).isEqualTo(Cut.Scope.SESSION);
            assertThat(rehearsed.reason()).isEqualTo("REHEARSAL");
        } finally {
            node.stop();
        }
    }

    @Test
    void isNeverReadyWithoutAMediaPlane() throws Exception {
        Path file = Files.writeString(folder.resolve("p.yaml"), MANAGEMENT);
        Node node = new Node(file, loader, loader.load(file), Optional.empty());
        try {
            node.start();
            assertThat(get(node, "/health/live").statusCode()).isEqualTo(200);
            assertThat(get(node, "/health/ready").statusCode()).isEqualTo(503);
        } finally {
            node.stop();
        }
    }

    @Test
    void everyMeterIsThereUnderItsName() throws Exception {
        Node node = node(MANAGEMENT);
        try {
            node.start();
            String metrics = get(node, "/metrics").body();
            for (Counter counter : Counter.values()) {
                String tag =
                        counter.tagKey().isEmpty() ? "" : "{" + counter.tagKey() + "=\"" + counter.tagValue() + "\"}";
                assertThat(metrics).contains("\n" + counter.meterName() + tag + " 0.0\n");
            }
            for (Level level : Level.values()) {
                assertThat(metrics).contains("\n" + level.meterName() + " ");
            }
            for (Timing timing : Timing.values()) {
                assertThat(metrics).contains("\n" + timing.meterName() + "_seconds_bucket{le=\"+Inf\"} 0\n");
            }
            assertThat(metrics)
                    .contains("\nporchlight_configuration_loads_total{result=\"applied\"} 1.0\n")
                    .contains("\nporchlight_loop_silence_seconds 0.0\n")
                    .contains("\njvm_memory_used_bytes{")
                    .contains("\nprocess_cpu_usage ");
        } finally {
            node.stop();
        }
    }

    @Test
    void aChangedFileIsAppliedWhileRunning() throws Exception {
        Node node = node(MANAGEMENT);
        try {
            node.start();
            Path next = Files.writeString(folder.resolve("next"), MANAGEMENT + "cameras: {yard: {publish: replace}}");
            Files.move(next, folder.resolve("porchlight.yaml"), StandardCopyOption.ATOMIC_MOVE);
            RelayConfiguration applied = relay.applied.poll(30, TimeUnit.SECONDS);
            assertThat(applied).isNotNull();
            assertThat(applied.cameras()).hasSize(1);
        } finally {
            node.stop();
        }
    }

    @Test
    void aBrokenFileIsCountedAndChangesNothing() throws Exception {
        Node node = node(MANAGEMENT);
        try {
            node.start();
            node.onOutcome(new Outcome.Refused(
                    new ConfigurationException(List.of(new Problem("porchlight.yaml", 1, 1, "broken")))));
            assertThat(relay.applied).isEmpty();
            assertThat(get(node, "/metrics").body())
                    .contains("\nporchlight_configuration_loads_total{result=\"refused\"} 1.0\n");
        } finally {
            node.stop();
        }
    }

    @Test
    void aPortInUseIsNamedWithItsKey() throws Exception {
        try (ServerSocket taken = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
            Node node = node("management: {listen: \"127.0.0.1:" + taken.getLocalPort() + "\"}");
            BindFailure failure = catchThrowableOfType(BindFailure.class, node::start);
            node.stop();
            assertThat(failure)
                    .hasMessage("127.0.0.1:" + taken.getLocalPort() + ": the port is in use by another process");
            assertThat(failure.key()).isEqualTo("management.listen");
            assertThat(relay.calls).containsExactly("start", "stop");
        }
    }

    private Node node(String configuration) throws IOException, ConfigurationException {
        Path file = Files.writeString(folder.resolve("porchlight.yaml"), configuration);
        return new Node(file, loader, loader.load(file), Optional.of((admission, metrics) -> relay.obeying(admission)));
    }

    private static HttpResponse<String> get(Node node, String path) throws IOException, InterruptedException {
        URI uri = URI.create("http://127.0.0.1:" + node.managementPort() + path);
        return HttpClient.newHttpClient()
                .send(HttpRequest.newBuilder(uri).build(), HttpResponse.BodyHandlers.ofString());
    }
}
