package org.porchlight.e2e;

import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import io.vertx.core.json.JsonObject;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Base64;
import java.util.List;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import java.util.function.Predicate;

/**
 * Headless Chromium with one page of the test's own, from an origin that is not the node's. The page tells the test what happens by {@code report(object)}
 * and may say {@code picture(video)}. Closing ends the browser and the page's server.
 */
final class Browser implements AutoCloseable {
    private static final int MAX_REPORTS = 10_000;

    private static final String PAGE = """
            <!doctype html><meta charset="utf-8"><title>test</title><body style="margin:0">
            <script type="module">
            window.report = (value) => fetch('/report', {method: 'POST', body: JSON.stringify(value)});
            window.picture = (video) => {
              const canvas = document.createElement('canvas');
              canvas.width = 64; canvas.height = 36;
              const context = canvas.getContext('2d');
              context.drawImage(video, 0, 0, 64, 36);
              const data = context.getImageData(0, 0, 64, 36).data;
              const colours = new Set();
              for (let i = 0; i < data.length; i += 4) colours.add((data[i] >> 4) << 8 | (data[i + 1] >> 4) << 4 | data[i + 2] >> 4);
              return colours.size;
            };
            window.addEventListener('error', (e) => report({error: String(e.message)}));
            window.addEventListener('unhandledrejection', (e) => report({error: String(e.reason)}));
            %s
            </script></body>
            """;

    private final HttpServer pages;
    private final Path profile;
    private final ExternalProgram program;
    private final BlockingQueue<JsonObject> reports = new LinkedBlockingQueue<>(MAX_REPORTS);
    private final List<JsonObject> seen = new ArrayList<>();

    private Browser(Path folder, String script, String... flags) {
        try {
            pages = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 16);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        byte[] page = PAGE.formatted(script).getBytes(StandardCharsets.UTF_8);
        pages.createContext("/", exchange -> answer(exchange, page));
        pages.createContext("/report", this::onReport);
        pages.start();
        profile = profile(folder);
        program = ExternalProgram.start("chromium", command(flags));
    }

    /** Opens a page that runs {@code script}, a module. */
    static Browser open(Path folder, String script, String... flags) {
        return new Browser(folder, script, flags);
    }

    private List<String> command(String... flags) {
        List<String> command = new ArrayList<>(List.of(
                "chromium",
                "--headless",
                "--no-sandbox",
                "--disable-gpu",
                "--disable-quic",
                "--no-first-run",
                "--disable-background-networking",
                "--disable-component-update",
                "--disable-sync",
                "--autoplay-policy=no-user-gesture-required",
                "--use-fake-device-for-media-stream",
                "--use-fake-ui-for-media-stream",
                "--remote-debugging-port=0",
                "--window-size=1280,720",
                "--user-data-dir=" + profile));
        command.addAll(List.of(flags));
        command.add("http://127.0.0.1:" + pages.getAddress().getPort() + "/");
        return command;
    }

    private static Path profile(Path folder) {
        try {
            return Files.createTempDirectory(folder, "browser");
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private static void answer(HttpExchange exchange, byte[] page) throws IOException {
        try (exchange) {
            exchange.getRequestBody().readAllBytes();
            boolean root = exchange.getRequestURI().getPath().equals("/");
            exchange.getResponseHeaders().add("Content-Type", "text/html; charset=utf-8");
            exchange.sendResponseHeaders(root ? 200 : 404, root ? page.length : -1);
            if (root) {
                exchange.getResponseBody().write(page);
            }
        }
    }

    private void onReport(HttpExchange exchange) throws IOException {
        try (exchange) {
            String body = new String(exchange.getRequestBody().readAllBytes(), StandardCharsets.UTF_8);
            reports.offer(new JsonObject(body));
            exchange.sendResponseHeaders(204, -1);
        }
    }

    /** Waits for a report that fits; those before it are skipped. */
    JsonObject await(String what, Predicate<JsonObject> fits, Duration patience) {
        long deadline = System.nanoTime() + patience.toNanos();
        try {
            while (true) {
                JsonObject report = reports.poll(Math.max(0, deadline - System.nanoTime()), TimeUnit.NANOSECONDS);
                if (report == null) {
                    throw failure("did not report " + what + " in " + patience);
                }
                seen.add(report);
                if (fits.test(report)) {
                    return report;
                }
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw failure("interrupted");
        }
    }

    /** The picture that a report carries as a data URL, for a look by eye. */
    static void save(JsonObject report, String key, Path file) {
        String url = report.getString(key);
        try {
            Files.write(file, Base64.getDecoder().decode(url.substring(url.indexOf(',') + 1)));
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    AssertionError failure(String what) {
        int from = Math.max(0, seen.size() - 20);
        return program.failure(what + "; reports before: " + seen.subList(from, seen.size()));
    }

    @Override
    public void close() {
        program.close();
        pages.stop(0);
        try {
            // They point out of the folder, and whoever empties it would complain.
            for (String link : List.of("SingletonLock", "SingletonSocket", "SingletonCookie")) {
                Files.deleteIfExists(profile.resolve(link));
            }
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
