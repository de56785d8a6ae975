package org.porchlight.bench;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.porchlight.bench.report.ResultFiles;
import picocli.CommandLine;

class CommandLineTest {
    private final StringWriter out = new StringWriter();
    private final StringWriter err = new StringWriter();

    @Test
    void saysWhatIsWrongInsteadOfStarting() {
        assertThat(run("cameras", "--count", "0")).isEqualTo(2);
        assertThat(run("cameras", "--codec", "vp8")).isEqualTo(2);
        assertThat(run("cameras", "--camera", "1:colour=red")).isEqualTo(2);
        assertThat(run("viewers")).isEqualTo(2);
        assertThat(run("viewers", "--url", "http://127.0.0.1/cam1")).isEqualTo(2);
        assertThat(run("viewers", "--url", "rtsp://u:p@127.0.0.1/cam1")).isEqualTo(2);
        assertThat(run("viewers", "--url", "rtsp://127.0.0.1/cam1", "--frozen", "2"))
                .isEqualTo(2);
        assertThat(run("limit", "--rate", "fast")).isEqualTo(2);
        assertThat(run("limit", "--mode", "pigeon")).isEqualTo(2);
        assertThat(err.toString())
                .contains("count must be 1")
                .contains("h264 or h265")
                .contains("unknown camera property colour")
                .contains("rtsp://host:port/path")
                .contains("more frozen")
                .contains("4M")
                .doesNotContain("u:p@")
                .doesNotContain("\tat ");
    }

    @Test
    void camerasRunForTheTimeAskedForAndWriteTheirTotals(@TempDir Path folder) throws IOException {
        Path json = folder.resolve("cameras.json");
        int code = run(
                "cameras",
                "--port",
                "0",
                "--count",
                "2",
                "--size",
                "160x96",
                "--fps",
                "10",
                "--rate",
                "200k",
                "--duration",
                "1",
                "--json",
                json.toString());
        assertThat(code).isZero();
        assertThat(out.toString()).contains("2 cameras serve rtsp://127.0.0.1:");
        assertThat(Files.readString(json)).contains("\"kind\": \"cameras\"").contains("\"framesLeftOutLate\": 0");
    }

    @Test
    void limitMeasuresEveryModeInJava(@TempDir Path folder) throws IOException {
        Path json = folder.resolve("limit.json");
        int code = run(
                "limit",
                "--java",
                "--viewers",
                "2",
                "--seconds",
                "0.2",
                "--mode",
                "tcp,udp_gso",
                "--json",
                json.toString());
        assertThat(code).as(err.toString()).isZero();
        assertThat(ResultFiles.read(java.util.List.of(json)).limits())
                .hasSize(2)
                .allSatisfy(limit -> assertThat(limit.get("packets"))
                        .isInstanceOfSatisfying(
                                Double.class, packets -> assertThat(packets).isPositive()));
    }

    private int run(String... args) {
        CommandLine line = Bench.commandLine();
        line.setOut(new PrintWriter(out, true));
        line.setErr(new PrintWriter(err, true));
        return line.execute(args);
    }
}
