package org.porchlight.bench.viewer;

import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse.BodyHandlers;
import java.time.Duration;
import java.time.Instant;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** Asks a node's management port to cut a camera, and reads the receipt. */
public final class CutOrder {
    private static final Duration PATIENCE = Duration.ofSeconds(10);

    private final HttpClient client = HttpClient.newBuilder()
            .version(HttpClient.Version.HTTP_1_1)
            .connectTimeout(PATIENCE)
            .build();
    private final URI cuts;
    private final String camera;

    /**
     * @param cuts for example {@code http://127.0.0.1:9404/cuts}
     * @param camera its name, without characters that JSON would escape
     */
    public CutOrder(URI cuts, String camera) {
        this.cuts = cuts;
        this.camera = camera;
    }

    /** Opens the connection by a cut that is refused, so that the real one waits neither for that nor for classes of HTTP, here and there. */
    public void prepare() throws IOException, InterruptedException {
        client.send(request("{\"scope\":\"nothing\"}"), BodyHandlers.ofString());
    }

    private HttpRequest request(String body) {
        return HttpRequest.newBuilder(cuts)
                .timeout(PATIENCE)
                .header("Content-Type", "application/json")
                .POST(BodyPublishers.ofString(body))
                .build();
    }

    /**
     * Cuts.
     *
     * @return the receipt in ms since the call: when the relay was told, when the last packet left, when all was closed, when the answer came
     */
    public Map<String, Object> cut() throws IOException, InterruptedException {
        HttpRequest request = request("{\"scope\":\"camera\",\"subject\":\"" + camera + "\",\"reason\":\"BENCH\"}");
        Instant asked = Instant.now();
        var response = client.send(request, BodyHandlers.ofString());
        Instant answered = Instant.now();
        if (response.statusCode() != 200) {
            throw new IOException("the cut was refused: " + response.statusCode() + " " + response.body());
        }
        Map<String, Object> receipt = new LinkedHashMap<>();
        receipt.put("receiptSessions", Long.parseLong(field(response.body(), "\"sessions\"\\s*:\\s*([0-9]+)")));
        receipt.put("receiptReceivedMillis", millis(asked, time(response.body(), "receivedAt")));
        receipt.put("receiptLastPacketMillis", millis(asked, time(response.body(), "lastPacketAt")));
        receipt.put("receiptDoneMillis", millis(asked, time(response.body(), "doneAt")));
        receipt.put("receiptAnswerMillis", millis(asked, answered));
        return receipt;
    }

    private static Instant time(String json, String name) throws IOException {
        return Instant.parse(field(json, "\"" + name + "\"\\s*:\\s*\"([^\"]+)\""));
    }

    private static String field(String json, String pattern) throws IOException {
        Matcher matcher = Pattern.compile(pattern).matcher(json);
        if (!matcher.find()) {
            throw new IOException("this is no receipt: " + json);
        }
        return matcher.group(1);
    }

    private static double millis(Instant from, Instant to) {
        return Duration.between(from, to).toNanos() / 1e6;
    }
}
