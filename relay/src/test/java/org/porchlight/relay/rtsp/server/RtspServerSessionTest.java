package org.porchlight.relay.rtsp.server;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.URISyntaxException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Objects;
import java.util.stream.Stream;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.TestFactory;

/** Plays every dialogue in {@code dialogues/server} with the client's bytes cut in pieces of every small size and not at all. */
class RtspServerSessionTest {

    @TestFactory
    Stream<DynamicTest> behavesAsTheDialogueSays() throws IOException, URISyntaxException {
        Path folder = Path.of(
                Objects.requireNonNull(getClass().getResource("/dialogues/server"), "dialogues are on the class path")
                        .toURI());
        List<Path> files;
        try (Stream<Path> list = Files.list(folder)) {
            files = list.sorted().toList();
        }
        assertThat(files).isNotEmpty();
        return files.stream()
                .map(file -> DynamicTest.dynamicTest(file.getFileName().toString(), () -> play(file)));
    }

    /** A file holds several scenes, each with a connection of its own, divided by lines of equals signs. */
    private static void play(Path file) {
        String text;
        try {
            text = Files.readString(file);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        for (String scene : text.split("(?m)^={4,}\\s*$")) {
            for (int step = 1; step <= 40; step++) {
                ServerDialogue.plain(step).play(scene);
            }
            ServerDialogue.plain(1 << 20).play(scene);
        }
    }
}
