package org.porchlight.control.configuration;

import java.io.IOException;
import java.io.StringReader;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;
import org.jspecify.annotations.Nullable;
import org.yaml.snakeyaml.DumperOptions;
import org.yaml.snakeyaml.LoaderOptions;
import org.yaml.snakeyaml.Yaml;
import org.yaml.snakeyaml.constructor.SafeConstructor;
import org.yaml.snakeyaml.error.Mark;
import org.yaml.snakeyaml.error.MarkedYAMLException;
import org.yaml.snakeyaml.error.YAMLException;
import org.yaml.snakeyaml.events.AliasEvent;
import org.yaml.snakeyaml.events.Event;
import org.yaml.snakeyaml.nodes.MappingNode;
import org.yaml.snakeyaml.nodes.Node;
import org.yaml.snakeyaml.nodes.Tag;

/** Reads the configuration file. Stateless; any thread. */
public final class ConfigurationLoader {
    private final Surroundings surroundings;

    /** @param surroundings where references lead */
    public ConfigurationLoader(Surroundings surroundings) {
        this.surroundings = surroundings;
    }

    /**
     * A configuration that can be used.
     *
     * @param warnings what is odd, but works
     * @param files every file that it was made of
     */
    public record Loaded(NodeConfiguration configuration, List<Problem> warnings, Set<Path> files) {
        public Loaded {
            warnings = List.copyOf(warnings);
            files = Set.copyOf(files);
        }
    }

    /** Reads a file and all it refers to; throws with everything that is wrong. */
    public Loaded load(Path file) throws ConfigurationException {
        String text;
        try {
            text = surroundings.read(file);
        } catch (NoSuchFileException e) {
            throw failure(file, "there is no such file");
        } catch (IOException e) {
            throw failure(file, "cannot be read: " + e.getMessage());
        }
        return parse(text, file);
    }

    /**
     * Reads a configuration from a text.
     *
     * @param file how to call it, and whose folder relative references count from
     */
    public Loaded parse(String text, Path file) throws ConfigurationException {
        Problems problems = new Problems(file.toString());
        Path parent = file.toAbsolutePath().getParent();
        References references = new References(surroundings, parent == null ? file : parent, problems);
        Node root = compose(text, problems, file);
        NodeConfiguration configuration = new ConfigurationReader(problems, references).read(root);
        problems.throwIfAny();
        Set<Path> files = new LinkedHashSet<>(references.files());
        files.add(file);
        return new Loaded(configuration, problems.warnings(), files);
    }

    private static Node compose(String text, Problems problems, Path file) throws ConfigurationException {
        LoaderOptions options = new LoaderOptions();
        options.setCodePointLimit(Surroundings.MAX_FILE_BYTES);
        options.setNestingDepthLimit(20);
        options.setMaxAliasesForCollections(0);
        Yaml yaml = new Yaml(new SafeConstructor(options));
        try {
            int documents = 0;
            for (Event event : yaml.parse(new StringReader(text))) {
                if (event instanceof AliasEvent) {
                    problems.error(event.getStartMark(), "aliases (*name) are not supported; write the value out");
                } else if (event.is(Event.ID.DocumentStart) && ++documents > 1) {
                    problems.error(event.getStartMark(), "one document only; take away the line ---");
                }
            }
            problems.throwIfAny();
            Node root = yaml.compose(new StringReader(text));
            return root == null ? emptyMapping() : root;
        } catch (MarkedYAMLException e) {
            String message = "not valid YAML: " + oneLine(e.getProblem());
            if (e.getProblemMark() == null) {
                throw failure(file, message);
            }
            problems.error(e.getProblemMark(), message);
            problems.throwIfAny();
            throw failure(file, message);
        } catch (YAMLException e) {
            throw failure(file, "not valid YAML: " + oneLine(e.getMessage()));
        }
    }

    private static Node emptyMapping() {
        Mark start = new Mark("", 0, 0, 0, new int[0], 0);
        return new MappingNode(Tag.MAP, true, List.of(), start, start, DumperOptions.FlowStyle.BLOCK);
    }

    private static String oneLine(@Nullable String text) {
        return text == null
                ? "cannot be read"
                : Section.shown(text.replaceAll("\\s+", " ")).replace("\"", "");
    }

    private static ConfigurationException failure(Path file, String message) {
        return new ConfigurationException(List.of(new Problem(file.toString(), 0, 0, message)));
    }
}
