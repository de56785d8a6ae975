package org.porchlight.relay.rtsp.client;

import com.code_intelligence.jazzer.junit.FuzzTest;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Random;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Test;

class SessionAbuseTest {
    @FuzzTest
    void takesAnything(byte[] data) {
        SessionAbuse.run(data, 64);
    }

    @Test
    void survivesDamagedDialogues() throws IOException {
        Random random = new Random(54);
        for (Path file : Dialogue.files()) {
            byte[] original = cameraBytes(file);
            for (int round = 0; round < 60; round++) {
                byte[] damaged = original.clone();
                for (int i = random.nextInt(12); i > 0 && damaged.length > 0; i--) {
                    damaged[random.nextInt(damaged.length)] = (byte)
                            (random.nextBoolean() ? random.nextInt(256) : "\r\n $;:=0,".charAt(random.nextInt(9)));
                }
                SessionAbuse.run(damaged, 1 + random.nextInt(200));
            }
        }
    }

    /** What the camera says in a dialogue, without regard to turns: answers that come too early are abuse as well. */
    private static byte[] cameraBytes(Path file) throws IOException {
        return Files.readAllLines(file, StandardCharsets.UTF_8).stream()
                .filter(line -> !line.startsWith(">") && !line.startsWith("=") && !line.startsWith("#"))
                .map(line -> (line.startsWith("<") ? line.substring(1).strip() : line).replace("@", "120") + "\r\n")
                .collect(Collectors.joining())
                .getBytes(StandardCharsets.ISO_8859_1);
    }
}
