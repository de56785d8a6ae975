package org.porchlight.bench.report;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.yaml.snakeyaml.LoaderOptions;
import org.yaml.snakeyaml.Yaml;
import org.yaml.snakeyaml.constructor.SafeConstructor;
import org.yaml.snakeyaml.error.YAMLException;

/** Result files of earlier runs, sorted by what they are. YAML 1.1 holds the JSON that {@link Json} writes, so its reader reads them. */
public record ResultFiles(List<Map<?, ?>> viewers, List<Map<?, ?>> limits, List<Map<?, ?>> cameras) {
    private static final int MAX_BYTES = 4 << 20;

    public ResultFiles {
        viewers = List.copyOf(viewers);
        limits = List.copyOf(limits);
        cameras = List.copyOf(cameras);
    }

    /**
     * Reads them.
     *
     * @throws IOException when one cannot be read or is no result file
     */
    public static ResultFiles read(List<Path> files) throws IOException {
        List<Map<?, ?>> viewers = new ArrayList<>();
        List<Map<?, ?>> limits = new ArrayList<>();
        List<Map<?, ?>> cameras = new ArrayList<>();
        for (Path file : files) {
            Map<?, ?> result = readOne(file);
            switch (String.valueOf(result.get("kind"))) {
                case "viewers" -> viewers.add(result);
                case "cameras" -> cameras.add(result);
                case "limit" -> {
                    if (result.get("results") instanceof List<?> list) {
                        list.forEach(item -> {
                            if (item instanceof Map<?, ?> limit) {
                                limits.add(limit);
                            }
                        });
                    }
                }
                default -> throw new IOException(file + " is no result of this bench");
            }
        }
        return new ResultFiles(viewers, limits, cameras);
    }

    private static Map<?, ?> readOne(Path file) throws IOException {
        if (Files.size(file) > MAX_BYTES) {
            throw new IOException(file + " is too large for a result");
        }
        try {
            if (new Yaml(new SafeConstructor(new LoaderOptions())).load(Files.readString(file))
                    instanceof Map<?, ?> map) {
                return map;
            }
        } catch (YAMLException e) {
            throw new IOException(file + " is no JSON", e);
        }
        throw new IOException(file + " is no result of this bench");
    }

    /** A number by its path of names, NaN where there is none. */
    static double number(Map<?, ?> result, String... path) {
        Object value = result;
        for (String name : path) {
            value = value instanceof Map<?, ?> map ? map.get(name) : null;
        }
        return value instanceof Number number ? number.doubleValue() : Double.NaN;
    }
}
