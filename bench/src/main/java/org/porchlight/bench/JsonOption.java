package org.porchlight.bench;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import org.porchlight.bench.report.Json;
import picocli.CommandLine.Option;

/** Where a command writes its figures for {@code bench report}. */
final class JsonOption {
    @Option(names = "--json", description = "Write the figures to this file at the end.")
    @Nullable
    Path json;

    /** Writes them if a file is asked for. */
    void write(Map<String, Object> figures) throws IOException {
        if (json != null) {
            Files.writeString(json, Json.write(figures));
        }
    }
}
