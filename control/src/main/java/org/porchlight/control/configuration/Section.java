package org.porchlight.control.configuration;

import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.function.Function;
import java.util.function.Supplier;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.porchlight.relay.server.InvalidSetting;
import org.porchlight.relay.server.ListenAddress;
import org.yaml.snakeyaml.nodes.MappingNode;
import org.yaml.snakeyaml.nodes.Node;
import org.yaml.snakeyaml.nodes.NodeTuple;
import org.yaml.snakeyaml.nodes.ScalarNode;
import org.yaml.snakeyaml.nodes.SequenceNode;
import org.yaml.snakeyaml.nodes.Tag;

/**
 * One mapping of the file while it is read. Each question marks its key as known; {@link #finish} complains of the rest. A value that cannot be
 * read is a problem of its place and answers as if it were absent, so that reading goes on. Owner: the reading thread.
 */
final class Section {
    private final Node place;
    private final Map<String, Node> values = new LinkedHashMap<>();
    private final Map<String, Node> keys = new LinkedHashMap<>();
    private final Set<String> known = new LinkedHashSet<>();
    private final Problems problems;

    private Section(Node place, Problems problems) {
        this.place = place;
        this.problems = problems;
    }

    /** Reads a mapping; anything else is a problem and gives an empty section. A node without content is an empty section too. */
    static Section of(Node node, String what, Problems problems) {
        return of(node, node, what, problems);
    }

    private static Section of(Node place, Node node, String what, Problems problems) {
        Section section = new Section(place, problems);
        if (node instanceof MappingNode mapping) {
            for (NodeTuple entry : mapping.getValue()) {
                section.add(entry);
            }
        } else if (!isNull(node)) {
            problems.error(node, what + " must be a mapping (key: value), not " + kindOf(node));
        }
        return section;
    }

    private void add(NodeTuple entry) {
        Node key = entry.getKeyNode();
        if (!(key instanceof ScalarNode scalar)) {
            problems.error(key, "a key must be a plain word");
        } else if (values.containsKey(scalar.getValue())) {
            int line = keyNode(scalar.getValue()).getStartMark().getLine() + 1;
            problems.error(key, shown(scalar.getValue()) + " is there twice, first in line " + line + "; keep one");
        } else {
            keys.put(scalar.getValue(), key);
            values.put(scalar.getValue(), entry.getValueNode());
        }
    }

    /** Keys in the order of the file, for mappings whose keys are names. */
    List<String> names() {
        return List.copyOf(values.keySet());
    }

    /** The place of a key, else of the whole section. */
    Node keyNode(String key) {
        Node node = keys.get(key);
        return node == null ? place : node;
    }

    /** The place of a value, else of the whole section. */
    Node valueNode(String key) {
        Node node = values.get(key);
        return node == null || isNull(node) ? keyNode(key) : node;
    }

    boolean has(String key) {
        known.add(key);
        Node node = values.get(key);
        return node != null && !isNull(node);
    }

    /** The mapping under a key; empty when there is none. */
    Section section(String key) {
        known.add(key);
        Node node = values.get(key);
        return node == null ? new Section(place, problems) : of(keyNode(key), node, shown(key), problems);
    }

    Optional<String> text(String key) {
        if (!has(key)) {
            return Optional.empty();
        }
        Node node = valueNode(key);
        if (node instanceof ScalarNode scalar) {
            return Optional.of(scalar.getValue());
        }
        problems.error(node, shown(key) + " must be a single value, not " + kindOf(node));
        return Optional.empty();
    }

    int number(String key, int absent) {
        return converted(key, "a whole number, for example 100", Section::parseInt)
                .orElse(absent);
    }

    long bytes(String key, long absent) {
        return converted(key, "a size, for example 64KiB or 4MiB", Quantity::bytes)
                .orElse(absent);
    }

    long bitsPerSecond(String key, long absent) {
        return converted(key, "a bit rate, for example 500kb/s or 4Mb/s", Quantity::bitsPerSecond)
                .orElse(absent);
    }

    Duration duration(String key, Duration absent) {
        return converted(key, "a duration, for example 500ms, 15s or 2min", Quantity::duration)
                .orElse(absent);
    }

    <E extends Enum<E>> E choice(String key, Class<E> type, E absent) {
        return text(key)
                .flatMap(text -> choiceOf(valueNode(key), key, text, type))
                .orElse(absent);
    }

    <E extends Enum<E>> List<E> choices(String key, Class<E> type) {
        return list(key, node -> scalarOf(node, key).flatMap(text -> choiceOf(node, key, text, type)));
    }

    ListenAddress address(String key, ListenAddress absent) {
        return text(key).flatMap(text -> addressOf(valueNode(key), text)).orElse(absent);
    }

    List<ListenAddress> addresses(String key) {
        return list(key, node -> scalarOf(node, key).flatMap(text -> addressOf(node, text)));
    }

    /** The elements of a sequence, those that cannot be read left out. */
    <T> List<T> list(String key, Function<Node, Optional<T>> reader) {
        if (!has(key)) {
            return List.of();
        }
        Node node = valueNode(key);
        if (!(node instanceof SequenceNode sequence)) {
            problems.error(node, shown(key) + " must be a list, for example [a, b], not " + kindOf(node));
            return List.of();
        }
        List<T> elements = new ArrayList<>();
        for (Node element : sequence.getValue()) {
            reader.apply(element).ifPresent(elements::add);
        }
        return elements;
    }

    Optional<String> scalarOf(Node node, String key) {
        if (node instanceof ScalarNode scalar && !isNull(node)) {
            return Optional.of(scalar.getValue());
        }
        problems.error(node, "each element of " + shown(key) + " must be a single value, not " + kindOf(node));
        return Optional.empty();
    }

    /**
     * Builds a record from what was read. What it refuses becomes a problem at the key that is called like the refused component. Empty also
     * when something of this section was wrong before, which would make the record complain of the wrong thing.
     */
    <T> Optional<T> build(int errorsBefore, Supplier<T> constructor) {
        finish();
        if (problems.errorCount() > errorsBefore) {
            return Optional.empty();
        }
        return attempt(constructor);
    }

    /** As {@link #build} for a part of the section. */
    <T> Optional<T> attempt(Supplier<T> constructor) {
        try {
            return Optional.of(constructor.get());
        } catch (InvalidSetting e) {
            String key = keyOf(e.component());
            problems.error(valueNode(key), (values.containsKey(key) ? shown(key) + ": " : "") + e.getMessage());
            return Optional.empty();
        }
    }

    /** Complains of keys that nobody asked for. */
    void finish() {
        for (Map.Entry<String, Node> entry : keys.entrySet()) {
            String key = entry.getKey();
            if (!known.contains(key)) {
                String hint = Spelling.nearest(key, known)
                        .map(word -> "; did you mean " + shown(word) + "?")
                        .orElse("; known here: " + String.join(", ", known));
                problems.error(entry.getValue(), "unknown key " + shown(key) + hint);
            }
        }
    }

    /** How a record component is written in the file: {@code maxAge} as {@code max-age}. */
    static String keyOf(String component) {
        return component.replaceAll("([A-Z])", "-$1").toLowerCase(Locale.ROOT);
    }

    private <T> Optional<T> converted(String key, String what, Function<String, Optional<T>> parser) {
        Optional<String> text = text(key);
        if (text.isEmpty()) {
            return Optional.empty();
        }
        Optional<T> value = parser.apply(text.get());
        if (value.isEmpty()) {
            problems.error(valueNode(key), shown(key) + ": " + shown(text.get()) + " is not " + what);
        }
        return value;
    }

    private <E extends Enum<E>> Optional<E> choiceOf(Node node, String key, String text, Class<E> type) {
        List<String> words =
                Stream.of(type.getEnumConstants()).map(Section::wordOf).toList();
        for (E constant : type.getEnumConstants()) {
            if (wordOf(constant).equals(text)) {
                return Optional.of(constant);
            }
        }
        String hint = Spelling.nearest(text, words)
                .map(word -> "; did you mean " + shown(word) + "?")
                .orElse("");
        problems.error(
                node,
                shown(key) + ": " + shown(text) + " is not one of "
                        + words.stream().collect(Collectors.joining(", ")) + hint);
        return Optional.empty();
    }

    private Optional<ListenAddress> addressOf(Node node, String text) {
        int colon = text.lastIndexOf(':');
        Optional<Integer> port = colon < 0 ? Optional.empty() : parseInt(text.substring(colon + 1));
        String host = colon < 0 ? "" : text.substring(0, colon);
        boolean bracketed = host.startsWith("[") && host.endsWith("]");
        if (port.isEmpty() || (host.contains(":") && !bracketed)) {
            problems.error(
                    node,
                    shown(text) + " is not an address to listen on, for example 0.0.0.0:8554, [::1]:8554 or *:8554");
            return Optional.empty();
        }
        try {
            return Optional.of(new ListenAddress(bracketed ? host.substring(1, host.length() - 1) : host, port.get()));
        } catch (InvalidSetting e) {
            problems.error(node, e.component() + ": " + e.getMessage());
            return Optional.empty();
        }
    }

    private static Optional<Integer> parseInt(String text) {
        return text.matches("-?[0-9]{1,9}") ? Optional.of(Integer.parseInt(text)) : Optional.empty();
    }

    private static <E extends Enum<E>> String wordOf(E constant) {
        return constant.name().toLowerCase(Locale.ROOT).replace('_', '-');
    }

    private static boolean isNull(Node node) {
        return node instanceof ScalarNode && node.getTag().equals(Tag.NULL);
    }

    private static String kindOf(Node node) {
        if (node instanceof MappingNode) {
            return "a mapping";
        }
        return node instanceof SequenceNode ? "a list" : isNull(node) ? "nothing" : "a single value";
    }

    /** A text of the file in a message: quoted, without control characters, cut when long. */
    static String shown(String text) {
        String clean = text.replaceAll("[^\\x20-\\x7e]", "?");
        return "\"" + (clean.length() > 60 ? clean.substring(0, 60) + "..." : clean) + "\"";
    }
}
