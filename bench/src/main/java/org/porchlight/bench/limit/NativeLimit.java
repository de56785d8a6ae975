package org.porchlight.bench.limit;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.TimeUnit;

/** The floor measured by a C program, which is compiled when it is first wanted. Its sender and its sink are processes of their own, so only the sender's CPU counts. */
public final class NativeLimit implements AutoCloseable {
    private static final int COMPILE_SECONDS = 60;
    private static final double PATIENCE_SECONDS = 30;

    private final Path directory;
    private final Path program;

    private NativeLimit(Path directory, Path program) {
        this.directory = directory;
        this.program = program;
    }

    /** Compiles the program with gcc; empty where there is none. */
    public static Optional<NativeLimit> compile() throws IOException, InterruptedException {
        Path directory = Files.createTempDirectory("bench-limit");
        Path source = directory.resolve("limit.c");
        Path program = directory.resolve("limit");
        try (InputStream in = NativeLimit.class.getResourceAsStream("limit.c")) {
            if (in == null) {
                throw new IllegalStateException("limit.c is missing in the jar");
            }
            Files.copy(in, source);
        }
        NativeLimit limit = new NativeLimit(directory, program);
        try {
            Process gcc = new ProcessBuilder("gcc", "-O2", "-o", program.toString(), source.toString())
                    .inheritIO()
                    .start();
            if (gcc.waitFor(COMPILE_SECONDS, TimeUnit.SECONDS) && gcc.exitValue() == 0) {
                return Optional.of(limit);
            }
            gcc.destroyForcibly();
        } catch (IOException e) {
            // no gcc: the Java sender has to do
        }
        limit.close();
        return Optional.empty();
    }

    /** Runs one mode; figures by name. */
    public Map<String, Object> measure(LimitMode mode, FanOut fanOut) throws IOException, InterruptedException {
        Process sink = new ProcessBuilder(
                        mode.isTcp()
                                ? List.of(program.toString(), "sink", "tcp")
                                : List.of(program.toString(), "sink", "udp", String.valueOf(fanOut.viewers())))
                .redirectError(ProcessBuilder.Redirect.INHERIT)
                .start();
        try (BufferedReader told = sink.inputReader(StandardCharsets.UTF_8)) {
            String ports = told.readLine();
            if (ports == null) {
                throw new IOException("the sink did not start");
            }
            Process sender = new ProcessBuilder(
                            program.toString(),
                            "send",
                            mode.word(),
                            ports,
                            String.valueOf(fanOut.viewers()),
                            String.valueOf(fanOut.packets()),
                            String.valueOf(fanOut.packetBytes()),
                            String.valueOf(fanOut.lastBytes()),
                            String.valueOf(fanOut.framesPerSecond()),
                            String.valueOf(fanOut.seconds()))
                    .redirectError(ProcessBuilder.Redirect.INHERIT)
                    .start();
            try {
                String figures = new String(sender.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
                boolean ended = sender.waitFor((long) (fanOut.seconds() + PATIENCE_SECONDS), TimeUnit.SECONDS);
                if (!ended || sender.exitValue() != 0) {
                    throw new IOException("the sender of mode " + mode.word() + " failed");
                }
                return parse(figures);
            } finally {
                sender.destroyForcibly();
            }
        } finally {
            sink.destroyForcibly();
        }
    }

    /** Words like {@code name=1.5}. */
    static Map<String, Object> parse(String line) throws IOException {
        Map<String, Object> figures = new LinkedHashMap<>();
        for (String word : line.trim().split("\\s+")) {
            int equals = word.indexOf('=');
            try {
                figures.put(word.substring(0, Math.max(0, equals)), Double.parseDouble(word.substring(equals + 1)));
            } catch (NumberFormatException e) {
                throw new IOException("the sender said " + line.trim(), e);
            }
        }
        return figures;
    }

    @Override
    public void close() throws IOException {
        Files.deleteIfExists(program);
        Files.deleteIfExists(directory.resolve("limit.c"));
        Files.deleteIfExists(directory);
    }
}
