package org.porchlight.relay.rtsp.client;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Path;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

class DialogueTest {
    static List<Path> dialogues() {
        return Dialogue.files();
    }

    @Test
    void thereAreDialogues() {
        assertThat(dialogues()).hasSizeGreaterThan(15);
    }

    @ParameterizedTest
    @MethodSource("dialogues")
    void goesAsRecorded(Path dialogue) {
        Dialogue.play(dialogue, sent -> Integer.MAX_VALUE);
    }

    @ParameterizedTest
    @MethodSource("dialogues")
    void goesTheSameByteByByte(Path dialogue) {
        Dialogue.play(dialogue, sent -> 1);
    }

    @ParameterizedTest
    @MethodSource("dialogues")
    void goesTheSameCutAnywhere(Path dialogue) {
        int bytes = Dialogue.play(dialogue, sent -> Integer.MAX_VALUE);
        for (int position = 1; position < bytes; position++) {
            int cutAt = position;
            Dialogue.play(dialogue, sent -> sent < cutAt ? cutAt - sent : Integer.MAX_VALUE);
        }
    }

    @ParameterizedTest
    @MethodSource("dialogues")
    void goesTheSameInRandomPieces(Path dialogue) {
        for (int seed = 0; seed < 50; seed++) {
            Random random = new Random(seed);
            Dialogue.play(dialogue, sent -> 1 + random.nextInt(40));
        }
    }
}
