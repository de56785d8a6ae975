package org.porchlight.e2e;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.locks.LockSupport;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * The packaged server as a process, started by its launcher with a configuration of its own on free ports of loopback. Closing
 * stops it in order.
 */
final class Node implements AutoCloseable {

    /** User who may watch and publish everything. */
    static final String USER = "operator";

    static final String PASSWORD = "p:a s%s/word";

    /** The same user's bearer token. */
    static final String TOKEN = "e2e-0Jx7mQp4uYw2Zs9KdVb3";

    private static final String TOKEN_HASH = "5cea19d7cb0bd6bdbdddd0ebdcd50099f47205537c7d3210dde211e41dfccec5";
    private static final String PASSWORD_IN_URL = "p%3Aa%20s%25s%2Fword";
    private static final Duration START = Duration.ofSeconds(20);
    private static final Duration BETWEEN_POLLS = Duration.ofMillis(50);

    private final HttpClient http = HttpClient.newHttpClient();
    private final Path configuration;
    private final Ports ports;
    private ExternalProgram program;

    /** Ports of one node. */
    record Ports(int rtsp, int rtsps, int management, int http, int webrtc) {
        static Ports free() {
            // Held open together, so that they differ.
            try (ServerSocket a = socket();
                    ServerSocket b = socket();
                    ServerSocket c = socket();
                    ServerSocket d = socket();
                    ServerSocket e = socket()) {
                return new Ports(
                        a.getLocalPort(), b.getLocalPort(), c.getLocalPort(), d.getLocalPort(), e.getLocalPort());
            } catch (IOException failure) {
                throw new UncheckedIOException(failure);
            }
        }

        private static ServerSocket socket() throws IOException {
            return new ServerSocket(0, 1, InetAddress.getLoopbackAddress());
        }
    }

    private Node(Path configuration, Ports ports) {
        this.configuration = configuration;
        this.ports = ports;
        this.program = launch(configuration);
    }

    /**
     * Starts one and waits until it is ready.
     *
     * @param cameras the entries below {@code cameras:}, one per line, as YAML
     */
    static Node start(Path folder, Certificate certificate, List<String> cameras) {
        Ports ports = Ports.free();
        Path configuration = folder.resolve("porchlight.yaml");
        write(configuration, ports, certificate, cameras);
        Node node = new Node(configuration, ports);
        try {
            node.awaitReady();
            return node;
        } catch (AssertionError e) {
            node.close();
            throw e;
        }
    }

    private static void write(Path configuration, Ports ports, Certificate certificate, List<String> cameras) {
        String text = """
                listeners:
                  rtsp: ["127.0.0.1:%d"]
                  rtsps: ["127.0.0.1:%d"]
                  tls:
                    certificate: %s
                    key: %s
                http:
                  listen: ["127.0.0.1:%d"]
                  listen-tls: []
                webrtc:
                  listen: ["127.0.0.1:%d"]
                management:
                  listen: 127.0.0.1:%d
                access:
                  users:
                    %s:
                      password: "%s"
                      token-hash: "%s"
                      view: ["*"]
                      publish: ["*"]
                    stranger:
                      password: "nothing to see"
                cameras:
                  %s
                """.formatted(
                        ports.rtsp,
                        ports.rtsps,
                        certificate.chain(),
                        certificate.key(),
                        ports.http,
                        ports.webrtc,
                        ports.management,
                        USER,
                        PASSWORD,
                        TOKEN_HASH,
                        String.join("\n  ", cameras));
        try {
            Path fresh = Files.writeString(configuration.resolveSibling("porchlight.yaml.new"), text);
            Files.move(fresh, configuration, StandardCopyOption.ATOMIC_MOVE, StandardCopyOption.REPLACE_EXISTING);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private static ExternalProgram launch(Path configuration) {
        Path launcher = Path.of("../deploy/porchlight").toAbsolutePath().normalize();
        return ExternalProgram.start("node", List.of(launcher.toString(), "run", "--config", configuration.toString()));
    }

    /** Replaces the file while the node runs. */
    void reconfigure(Certificate certificate, List<String> cameras) {
        write(configuration, ports, certificate, cameras);
    }

    /** Ends it at once, as a crash does, and starts it again with the same file and ports. */
    void crashAndRestart() {
        program.kill();
        program.awaitExit(START);
        program = launch(configuration);
        awaitReady();
    }

    /** Asks it to stop; the exit code. */
    int stop(Duration patience) {
        program.terminate();
        return program.awaitExit(patience);
    }

    /** Polls the readiness route. */
    void awaitReady() {
        long deadline = System.nanoTime() + START.toNanos();
        while (status("/health/ready") != 200) {
            if (!program.isRunning() || System.nanoTime() - deadline > 0) {
                throw program.failure("did not become ready");
            }
            LockSupport.parkNanos(BETWEEN_POLLS.toNanos());
        }
    }

    private int status(String path) {
        try {
            return get(path).statusCode();
        } catch (IOException e) {
            return -1; // not listening yet
        }
    }

    private HttpResponse<String> get(String path) throws IOException {
        try {
            return http.send(
                    HttpRequest.newBuilder(management(path))
                            .timeout(Duration.ofSeconds(5))
                            .build(),
                    HttpResponse.BodyHandlers.ofString());
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new AssertionError("interrupted", e);
        }
    }

    /** Sends JSON to the management port. */
    HttpResponse<String> post(String path, String json) {
        try {
            return http.send(
                    HttpRequest.newBuilder(management(path))
                            .timeout(Duration.ofSeconds(5))
                            .header("Content-Type", "application/json")
                            .POST(HttpRequest.BodyPublishers.ofString(json))
                            .build(),
                    HttpResponse.BodyHandlers.ofString());
        } catch (IOException e) {
            throw new UncheckedIOException(log(), e);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new AssertionError("interrupted", e);
        }
    }

    private URI management(String path) {
        return URI.create("http://127.0.0.1:" + ports.management + path);
    }

    /** The sum of all series of a meter. */
    double metric(String name) {
        try {
            Matcher line = Pattern.compile("(?m)^" + name + "(?:\\{[^}]*})? (\\S+)$")
                    .matcher(get("/metrics").body());
            double sum = 0;
            boolean found = false;
            while (line.find()) {
                found = true;
                sum += Double.parseDouble(line.group(1));
            }
            if (!found) {
                throw program.failure("shows no meter " + name);
            }
            return sum;
        } catch (IOException e) {
            throw new UncheckedIOException(log(), e);
        }
    }

    /** Waits until a meter has reached a value. */
    void awaitMetric(String name, double atLeast, Duration patience) {
        long deadline = System.nanoTime() + patience.toNanos();
        double value = metric(name);
        while (value < atLeast) {
            if (System.nanoTime() - deadline > 0) {
                throw program.failure("has " + name + " at " + value + " and not at " + atLeast + " after " + patience);
            }
            LockSupport.parkNanos(BETWEEN_POLLS.toNanos());
            value = metric(name);
        }
    }

    /** Memory that it occupies, in bytes. */
    long residentBytes() {
        try {
            Matcher matcher = Pattern.compile("VmRSS:\\s+(\\d+) kB")
                    .matcher(Files.readString(Path.of("/proc/" + program.pid() + "/status")));
            if (!matcher.find()) {
                throw program.failure("has no VmRSS");
            }
            return Long.parseLong(matcher.group(1)) * 1024;
        } catch (IOException e) {
            throw new UncheckedIOException(log(), e);
        }
    }

    int rtspPort() {
        return ports.rtsp;
    }

    int webRtcPort() {
        return ports.webrtc;
    }

    /** Where browsers find it. */
    String httpUrl(String path) {
        return "http://127.0.0.1:" + ports.http + path;
    }

    boolean isRunning() {
        return program.isRunning();
    }

    /** Address of a camera without credentials. */
    String url(Way way, String camera) {
        return way == Way.TLS
                ? "rtsps://127.0.0.1:" + ports.rtsps + "/" + camera
                : "rtsp://127.0.0.1:" + ports.rtsp + "/" + camera;
    }

    /** Address of a camera with the credentials of {@link #USER}. */
    String urlOfUser(Way way, String camera) {
        return url(way, camera).replace("://", "://" + USER + ":" + PASSWORD_IN_URL + "@");
    }

    String log() {
        return program.log();
    }

    @Override
    public void close() {
        program.close();
    }
}
