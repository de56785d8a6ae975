package org.porchlight.bench.report;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class MarkdownReportTest {
    @TempDir
    @SuppressWarnings("NullAway.Init")
    Path folder;

    @Test
    void comparesEachRunWithTheLimitOfItsTransportAtTheNearestSize() throws IOException {
        Path viewers = file("v", """
                {"kind": "viewers", "label": "a|b", "transport": "udp", "viewers": 480, "serverCpuNanosPerPacket": 660.0,
                 "gigabitsPerSecond": 1.92, "framesExpected": 100, "framesLost": 3, "server": {"cores": 0.5}}
                """);
        Path limit = file("l", """
                {"kind": "limit", "results": [
                 {"sender": "c", "mode": "udp-gso", "viewers": 500, "cpuNanosPerPacket": 600.0, "cpuSecondsPerGigabit": 0.0625},
                 {"sender": "c", "mode": "udp-mmsg", "viewers": 500, "cpuNanosPerPacket": 620.0, "cpuSecondsPerGigabit": 0.0646},
                 {"sender": "c", "mode": "udp-gso", "viewers": 100, "cpuNanosPerPacket": 100.0, "cpuSecondsPerGigabit": 0.01},
                 {"sender": "c", "mode": "udp-sendto", "viewers": 500, "cpuNanosPerPacket": 3300.0, "cpuSecondsPerGigabit": 0.3},
                 {"sender": "c", "mode": "tcp", "viewers": 500, "cpuNanosPerPacket": 500.0, "cpuSecondsPerGigabit": 0.05}]}
                """);
        String report = MarkdownReport.write(ResultFiles.read(List.of(viewers, limit)));
        assertThat(report)
                .contains("| a/b | udp | 480 | 1.920 | 0.50 | 660 | – | 1.10x | 0.20x |")
                .contains("| a/b | 100 | 3 | – | – | – |")
                .contains("| c | udp-gso | 500 | 600 | 0.0625 | 16.0 |");
    }

    @Test
    void saysSoWhenThereIsNoLimitToCompareWith() throws IOException {
        Path viewers = file("v", "{\"kind\": \"viewers\", \"transport\": \"tcp\", \"viewers\": 1}");
        assertThat(MarkdownReport.write(ResultFiles.read(List.of(viewers))))
                .contains("| – | tcp | 1 | – | – | – | – | – | – |");
    }

    @Test
    void refusesFilesOfSomebodyElse() throws IOException {
        Path other = file("o", "{\"kind\": \"weather\"}");
        Path broken = file("b", "{\"kind\": ");
        assertThatThrownBy(() -> ResultFiles.read(List.of(other))).hasMessageContaining("no result");
        assertThatThrownBy(() -> ResultFiles.read(List.of(broken))).hasMessageContaining("no JSON");
    }

    private Path file(String name, String text) throws IOException {
        return Files.writeString(folder.resolve(name), text);
    }
}
