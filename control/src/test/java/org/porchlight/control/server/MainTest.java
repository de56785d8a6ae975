package org.porchlight.control.server;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.ByteArrayInputStream;
import java.io.InputStream;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.porchlight.control.access.PasswordHash;
import org.porchlight.relay.admission.DigestAlgorithm;
import org.porchlight.relay.admission.DigestProof;
import picocli.CommandLine;

final class MainTest {
    private final StringWriter out = new StringWriter();
    private final StringWriter err = new StringWriter();

    @TempDir
    Path folder;

    @Test
    void checksAConfiguration() throws Exception {
        Path file = Files.writeString(
                folder.resolve("good.yaml"),
                "cameras: {a: {main: {url: rtsp://c/, user: u, password: plain}}, b: {publish: refuse}}");
        assertThat(execute("check-config", "--config", file.toString())).isEqualTo(ExitCode.OK);
        assertThat(out.toString())
                .contains("warning: " + file + ":1:")
                .contains(file + ": good; 2 camera entries, 0 users")
                .doesNotContain("plain}");
    }

    @Test
    void namesEveryMistakeOfAConfigurationOnALineOfItsOwn() throws Exception {
        Path file = Files.writeString(folder.resolve("bad.yaml"), "limits: {conections: 1}\nmedia: {loops: x}\n");
        assertThat(execute("check-config", "--config", file.toString())).isEqualTo(ExitCode.CONFIGURATION);
        assertThat(err.toString().lines())
                .hasSize(2)
                .allSatisfy(line -> assertThat(line).startsWith(file + ":"));
        assertThat(execute("run", "--config", folder.resolve("none").toString()))
                .isEqualTo(ExitCode.CONFIGURATION);
        assertThat(err.toString()).contains("none: there is no such file");
    }

    @Test
    void aPortInUseEndsTheRunWithOneLine() throws Exception {
        try (ServerSocket taken = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
            Path file = Files.writeString(
                    folder.resolve("c.yaml"), "management: {listen: \"127.0.0.1:" + taken.getLocalPort() + "\"}");
            assertThat(execute("run", "--config", file.toString(), "--log-level", "error"))
                    .isEqualTo(ExitCode.BIND);
            assertThat(err.toString())
                    .isEqualToIgnoringNewLines("porchlight: cannot listen on 127.0.0.1:" + taken.getLocalPort()
                            + ": the port is in use by another process (key management.listen)");
        }
    }

    @Test
    void hashesAPasswordThatIsReadFromInput() {
        InputStream before = System.in;
        System.setIn(new ByteArrayInputStream("open sesame\nrest".getBytes(StandardCharsets.UTF_8)));
        try {
            assertThat(execute("hash-password", "--user", "al", "--realm", "cave"))
                    .isEqualTo(ExitCode.OK);
        } finally {
            System.setIn(before);
        }
        String[] lines = out.toString().split("\\R");
        assertThat(lines[0]).startsWith("password-hash: ");
        PasswordHash hash = PasswordHash.parse(lines[0].substring("password-hash: ".length()));
        assertThat(hash.matches("open sesame")).isTrue();
        assertThat(lines[1])
                .isEqualTo("digest-md5: " + DigestProof.ha1(DigestAlgorithm.MD5, "al", "cave", "open sesame"));
        assertThat(lines[2])
                .isEqualTo("digest-sha256: " + DigestProof.ha1(DigestAlgorithm.SHA_256, "al", "cave", "open sesame"));
    }

    @Test
    void makesTokensThatDifferAndTheirHashes() {
        assertThat(execute("make-token")).isEqualTo(ExitCode.OK);
        assertThat(execute("make-token")).isEqualTo(ExitCode.OK);
        String[] lines = out.toString().split("\\R");
        String token = lines[0].substring("token: ".length());
        assertThat(token).hasSize(43);
        assertThat(lines[1]).isEqualTo("token-hash: " + DigestProof.hash(DigestAlgorithm.SHA_256, token));
        assertThat(lines[2]).startsWith("token: ").isNotEqualTo(lines[0]);
    }

    @Test
    void refusesAnEmptyPasswordAndWrongUsage() {
        InputStream before = System.in;
        System.setIn(new ByteArrayInputStream(new byte[0]));
        try {
            assertThat(execute("hash-password")).isEqualTo(ExitCode.USAGE);
        } finally {
            System.setIn(before);
        }
        assertThat(err.toString()).isEqualToIgnoringNewLines("porchlight: the password is empty");
        assertThat(execute("run")).isEqualTo(ExitCode.USAGE);
        assertThat(execute("fly")).isEqualTo(ExitCode.USAGE);
        assertThat(execute()).isEqualTo(ExitCode.USAGE);
        assertThat(execute("run", "--config", "x", "--log-format", "xml")).isEqualTo(ExitCode.USAGE);
    }

    @Test
    void tellsItsVersion() {
        assertThat(execute("version")).isEqualTo(ExitCode.OK);
        assertThat(out.toString()).startsWith("porchlight ").contains(" on Java ");
        assertThat(execute("--version")).isEqualTo(ExitCode.OK);
    }

    private int execute(String... arguments) {
        CommandLine line = Main.commandLine(Optional.empty());
        line.setOut(new PrintWriter(out, true));
        line.setErr(new PrintWriter(err, true));
        return line.execute(arguments);
    }
}
