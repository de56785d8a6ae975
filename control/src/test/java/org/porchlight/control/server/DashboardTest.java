package org.porchlight.control.server;

import static org.assertj.core.api.Assertions.assertThat;

import com.github.benmanes.caffeine.cache.Ticker;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.porchlight.control.access.CutDesk;
import org.porchlight.control.access.StaticAdmission;
import org.porchlight.relay.metrics.Timing;
import org.yaml.snakeyaml.LoaderOptions;
import org.yaml.snakeyaml.Yaml;
import org.yaml.snakeyaml.constructor.SafeConstructor;

/** Every meter and every label value that a dashboard or an alert asks for is one that a node really shows. */
class DashboardTest {

    private static final Path GRAFANA = Path.of("../grafana");
    private static final Pattern METER = Pattern.compile("\\b(?:porchlight[_:]|jvm_|process_|system_)[a-zA-Z0-9_:]+");
    private static final Pattern SELECTION =
            Pattern.compile("\\b((?:porchlight_|jvm_|process_|system_)[a-zA-Z0-9_:]+)\\{([^}]*)}");
    private static final Pattern LABEL = Pattern.compile("(\\w+)\\s*(=~|!~|!=|=)\\s*\"([^\"]*)\"");

    /** Labels that Prometheus adds, or that a dashboard's variables fill in. */
    private static final Set<String> LABELS_OF_PROMETHEUS = Set.of("job", "instance");

    /** What a node shows: one line per series, as scraped. */
    private static final List<String> SCRAPED = scrape();

    @Test
    void everyMeterThatIsAskedForExists() throws IOException {
        Set<String> known = new HashSet<>();
        SCRAPED.forEach(line -> known.add(line.split("[{ ]", 2)[0]));
        known.addAll(recordedNames());
        Set<String> unknown = new TreeSet<>();
        for (String expression : expressions()) {
            Matcher meter = METER.matcher(withoutLabelValues(expression));
            while (meter.find()) {
                if (!known.contains(meter.group())) {
                    unknown.add(meter.group() + " in: " + expression);
                }
            }
        }
        assertThat(unknown).isEmpty();
    }

    @Test
    void everyLabelValueThatIsAskedForExists() throws IOException {
        Set<String> unknown = new TreeSet<>();
        for (String expression : expressions()) {
            Matcher selection = SELECTION.matcher(expression);
            while (selection.find()) {
                Matcher label = LABEL.matcher(selection.group(2));
                while (label.find()) {
                    String pair = label.group(1) + "=\"" + label.group(3) + "\"";
                    String meter = selection.group(1);
                    if (!LABELS_OF_PROMETHEUS.contains(label.group(1))
                            && SCRAPED.stream()
                                    .noneMatch(line -> line.startsWith(meter + "{") && line.contains(pair))) {
                        unknown.add(meter + "{" + pair + "}");
                    }
                }
            }
        }
        assertThat(unknown).isEmpty();
    }

    @Test
    void thereIsSomethingToCheck() throws IOException {
        assertThat(expressions()).hasSizeGreaterThan(50);
        assertThat(recordedNames()).isNotEmpty();
    }

    private static List<String> scrape() {
        try (NodeMetrics metrics = new NodeMetrics()) {
            metrics.bindPlatform();
            metrics.bind(new StaticAdmission(
                    Runnable::run, new CutDesk(() -> "cut"), () -> "session", new byte[32], Ticker.systemTicker()));
            for (Timing timing : Timing.values()) {
                metrics.relay().record(timing, Duration.ofMillis(5).toNanos());
            }
            return metrics.scrape()
                    .lines()
                    .filter(line -> !line.startsWith("#"))
                    .toList();
        }
    }

    private static String withoutLabelValues(String expression) {
        return expression.replaceAll("\"[^\"]*\"", "\"\"");
    }

    private static List<String> expressions() throws IOException {
        List<String> expressions = new ArrayList<>();
        for (Path file : files()) {
            collect("expr", parsed(file), expressions);
        }
        return expressions;
    }

    private static List<String> recordedNames() throws IOException {
        List<String> names = new ArrayList<>();
        for (Path file : files()) {
            collect("record", parsed(file), names);
        }
        return names;
    }

    private static List<Path> files() throws IOException {
        List<Path> files = new ArrayList<>();
        for (String folder : List.of("dashboards", "rules")) {
            try (Stream<Path> entries = Files.list(GRAFANA.resolve(folder))) {
                entries.filter(Files::isRegularFile).forEach(files::add);
            }
        }
        return files;
    }

    /** Every text under {@code key}, at any depth. */
    private static void collect(String key, Object node, List<String> found) {
        if (node instanceof Map<?, ?> map) {
            map.forEach((name, value) -> {
                if (key.equals(name) && value instanceof String text) {
                    found.add(text);
                } else if (value != null) {
                    collect(key, value, found);
                }
            });
        } else if (node instanceof List<?> list) {
            list.forEach(entry -> collect(key, entry, found));
        }
    }

    /** A JSON dashboard is YAML, too. */
    private static Object parsed(Path file) throws IOException {
        return new Yaml(new SafeConstructor(new LoaderOptions())).load(Files.readString(file));
    }
}
