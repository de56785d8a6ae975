package org.porchlight.control.configuration;

import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import org.yaml.snakeyaml.error.Mark;
import org.yaml.snakeyaml.nodes.Node;

/** Collects what is wrong while a file is read. Owner: the reading thread. */
final class Problems {
    private static final int MAX = 50;

    private final String file;
    private final List<Problem> errors = new ArrayList<>();
    private final List<Problem> warnings = new ArrayList<>();

    Problems(String file) {
        this.file = file;
    }

    void error(Node node, String message) {
        error(node.getStartMark(), message);
    }

    void error(Mark mark, String message) {
        add(errors, new Problem(file, mark.getLine() + 1, mark.getColumn() + 1, message));
    }

    void warning(Node node, String message) {
        Mark mark = node.getStartMark();
        add(warnings, new Problem(file, mark.getLine() + 1, mark.getColumn() + 1, message));
    }

    int errorCount() {
        return errors.size();
    }

    List<Problem> warnings() {
        return sorted(warnings);
    }

    void throwIfAny() throws ConfigurationException {
        if (!errors.isEmpty()) {
            throw new ConfigurationException(sorted(errors));
        }
    }

    private static void add(List<Problem> list, Problem problem) {
        if (list.size() < MAX) {
            list.add(problem);
        }
    }

    private static List<Problem> sorted(List<Problem> list) {
        return list.stream()
                .sorted(Comparator.comparingInt(Problem::line).thenComparingInt(Problem::column))
                .toList();
    }
}
