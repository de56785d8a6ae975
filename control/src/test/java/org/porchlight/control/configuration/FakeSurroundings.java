package org.porchlight.control.configuration;

import java.io.IOException;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.Map;
import java.util.Optional;

/** Files in /etc/porchlight and variables that exist only in a test. */
final class FakeSurroundings implements Surroundings {
    private final Map<Path, String> files = new HashMap<>();
    private final Map<String, String> variables = new HashMap<>();

    FakeSurroundings with(String name, String text) {
        files.put(Path.of("/etc/porchlight").resolve(name), text);
        return this;
    }

    FakeSurroundings withEnvironment(String name, String value) {
        variables.put(name, value);
        return this;
    }

    @Override
    public Optional<String> environment(String name) {
        return Optional.ofNullable(variables.get(name));
    }

    @Override
    public String read(Path file) throws IOException {
        String text = files.get(file);
        if (text == null) {
            throw new NoSuchFileException(file.toString());
        }
        return text;
    }
}
