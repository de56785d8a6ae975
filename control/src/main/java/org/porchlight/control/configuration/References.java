package org.porchlight.control.configuration;

import java.io.IOException;
import java.nio.file.InvalidPathException;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.LinkedHashSet;
import java.util.Optional;
import java.util.Set;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.porchlight.relay.server.Secret;
import org.yaml.snakeyaml.nodes.Node;

/**
 * Follows what the file refers to: secrets in {@code ${env:NAME}} and {@code ${file:path}}, certificates in files. Remembers every file for the
 * watch. Relative paths count from the folder of the configuration file. Owner: the reading thread.
 */
final class References {
    private static final Pattern REFERENCE = Pattern.compile("\\$\\{(env|file):([^}]+)}");

    private final Surroundings surroundings;
    private final Path folder;
    private final Problems problems;
    private final Set<Path> files = new LinkedHashSet<>();

    References(Surroundings surroundings, Path folder, Problems problems) {
        this.surroundings = surroundings;
        this.folder = folder;
        this.problems = problems;
    }

    /** Every file that was referred to, read or not. */
    Set<Path> files() {
        return files;
    }

    /** A secret value; plain text is taken with a warning when {@code plainIsUnwise}. */
    Optional<Secret> secret(Section section, String key, boolean plainIsUnwise) {
        Optional<String> text = section.text(key);
        if (text.isEmpty()) {
            return Optional.empty();
        }
        Node node = section.valueNode(key);
        Matcher reference = REFERENCE.matcher(text.get());
        if (reference.matches()) {
            return reference.group(1).equals("env")
                    ? environment(node, reference.group(2))
                    : read(node, reference.group(2))
                            .map(References::withoutLineEnd)
                            .flatMap(value -> nonEmpty(node, value));
        }
        if (text.get().startsWith("${")) {
            problems.error(node, Section.shown(key) + ": a reference is written ${env:NAME} or ${file:/path}");
            return Optional.empty();
        }
        if (plainIsUnwise) {
            problems.warning(
                    node,
                    Section.shown(key)
                            + " stands in plain text; better keep it elsewhere and write ${env:NAME} or ${file:/path}");
        }
        return nonEmpty(node, text.get());
    }

    /** The text of a file named by a key. */
    Optional<String> file(Section section, String key) {
        return section.text(key).flatMap(path -> read(section.valueNode(key), path));
    }

    /** The text of a file. */
    Optional<String> read(Node node, String path) {
        try {
            Path file = folder.resolve(path);
            files.add(file);
            return Optional.of(surroundings.read(file));
        } catch (InvalidPathException e) {
            problems.error(node, "not a path: " + Section.shown(path));
        } catch (NoSuchFileException e) {
            problems.error(node, "there is no file " + Section.shown(path));
        } catch (IOException e) {
            problems.error(node, "cannot read " + Section.shown(path) + ": " + causeOf(e));
        }
        return Optional.empty();
    }

    private Optional<Secret> environment(Node node, String name) {
        Optional<String> value = surroundings.environment(name);
        if (value.isEmpty()) {
            problems.error(node, "environment variable " + Section.shown(name) + " is not set");
            return Optional.empty();
        }
        return nonEmpty(node, value.get());
    }

    private Optional<Secret> nonEmpty(Node node, String value) {
        if (value.isEmpty()) {
            problems.error(node, "the secret is empty");
            return Optional.empty();
        }
        return Optional.of(Secret.of(value));
    }

    private static String causeOf(IOException e) {
        return e instanceof java.nio.file.AccessDeniedException ? "permission denied" : String.valueOf(e.getMessage());
    }

    private static String withoutLineEnd(String text) {
        return text.replaceFirst("\\R$", "");
    }
}
