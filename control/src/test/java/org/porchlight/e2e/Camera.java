package org.porchlight.e2e;

import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.regex.Pattern;

/** A camera made of gst-rtsp-server, at {@code 127.0.0.1:port/stream}. Closing switches it off. */
final class Camera implements AutoCloseable {

    private static final Pattern LISTENING = Pattern.compile("^listening (\\d+)$");
    private static final Duration PATIENCE = Duration.ofSeconds(20);

    private final ExternalProgram program;
    private final int port;

    private Camera(ExternalProgram program) {
        this.program = program;
        this.port = Integer.parseInt(program.awaitLine(LISTENING, PATIENCE).group(1));
    }

    /** Switches one on; {@code options} as camera.py lists them. */
    static Camera start(Path folder, String... options) {
        Path script = folder.resolve("camera.py");
        try (InputStream in = Objects.requireNonNull(Camera.class.getResourceAsStream("camera.py"))) {
            Files.copy(in, script, StandardCopyOption.REPLACE_EXISTING);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        // Debian's Python, which has the bindings; another one in the path may not.
        List<String> command = new ArrayList<>(List.of("/usr/bin/python3", script.toString()));
        command.addAll(List.of(options));
        ExternalProgram program = ExternalProgram.start("camera", command);
        try {
            return new Camera(program);
        } catch (AssertionError e) {
            program.close();
            throw e;
        }
    }

    int port() {
        return port;
    }

    String url(Way way) {
        return (way == Way.TLS ? "rtsps" : "rtsp") + "://127.0.0.1:" + port + "/stream";
    }

    String log() {
        return program.log();
    }

    /** Ends it as a power cut does. */
    void powerCut() {
        program.kill();
        program.awaitExit(PATIENCE);
    }

    @Override
    public void close() {
        program.close();
    }
}
