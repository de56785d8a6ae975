package org.porchlight.control.configuration;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Optional;

/** What a configuration file may refer to: environment variables and other files. */
public interface Surroundings {
    /** Larger files are refused. */
    int MAX_FILE_BYTES = 32 << 20;

    /** Value of an environment variable. */
    Optional<String> environment(String name);

    /** Text of a file in UTF-8, at most {@link #MAX_FILE_BYTES}. */
    String read(Path file) throws IOException;

    /** Those of this process. */
    static Surroundings ofProcess() {
        return new Surroundings() {
            @Override
            public Optional<String> environment(String name) {
                return Optional.ofNullable(System.getenv(name));
            }

            @Override
            public String read(Path file) throws IOException {
                if (Files.size(file) > MAX_FILE_BYTES) {
                    throw new IOException("larger than " + (MAX_FILE_BYTES >> 20) + " MiB");
                }
                return new String(Files.readAllBytes(file), StandardCharsets.UTF_8);
            }
        };
    }
}
