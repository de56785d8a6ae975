package org.porchlight.control.configuration;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.random.RandomGenerator;
import java.util.random.RandomGeneratorFactory;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;
import org.porchlight.control.access.ChallengeKind;
import org.porchlight.relay.server.Activation;
import org.porchlight.relay.server.CameraConfiguration;
import org.porchlight.relay.server.ListenAddress;
import org.porchlight.relay.server.PublishPolicy;
import org.porchlight.relay.server.TransportPreference;
import org.porchlight.relay.server.Visibility;

final class ConfigurationLoaderTest {
    private static final Path FILE = Path.of("/etc/porchlight/porchlight.yaml");
    private static final String HASH =
            "$argon2id$v=19$m=64,t=1,p=1$AAAAAAAAAAAAAAAAAAAAAA$AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA";

    private final FakeSurroundings surroundings = new FakeSurroundings();
    private final ConfigurationLoader loader = new ConfigurationLoader(surroundings);

    @Test
    void anEmptyFileGivesTheDefaults() throws Exception {
        for (String empty : List.of("", "# nothing\n", "---\n", "cameras:\n", "{}")) {
            NodeConfiguration read = loader.parse(empty, FILE).configuration();
            assertThat(read.listeners().rtsp()).containsExactly(new ListenAddress("*", 8554));
            assertThat(read.listeners().rtsps()).isEmpty();
            assertThat(read.management().listen()).isEqualTo(new ListenAddress("127.0.0.1", 9404));
            assertThat(read.access().users()).isEmpty();
            assertThat(read.cameras()).isEmpty();
        }
    }

    @Test
    void readsWhatIsThere() throws Exception {
        surroundings.with("pw", "s3cret\r\n").withEnvironment("CAM", "x");
        NodeConfiguration read = loader.parse("""
                listeners: {rtsp: ["[::1]:0", "127.0.0.1:9000"]}
                staleness: {max-age: 1.5s, max-bytes: 1MiB}
                access:
                  users:
                    on: {password: "${file:pw}", view: ["*"]}
                cameras:
                  a:
                    visibility: public
                    main: {url: "rtsp://cam/1", user: 007, password: "${env:CAM}", transport: udp}
                    activation: always
                    max-bits-per-second: 4Mb/s
                  b/*: {publish: refuse}
                """, FILE).configuration();
        assertThat(read.listeners().rtsp())
                .containsExactly(new ListenAddress("::1", 0), new ListenAddress("127.0.0.1", 9000));
        assertThat(read.staleness().maxAge()).isEqualTo(Duration.ofMillis(1500));
        assertThat(read.access().users().get(0).name()).isEqualTo("on");
        assertThat(read.access().users().get(0).password().orElseThrow().reveal())
                .isEqualTo("s3cret");
        assertThat(read.access().challenges()).containsExactly(ChallengeKind.values());
        CameraConfiguration a = read.cameras().get(0);
        assertThat(a.visibility()).isEqualTo(Visibility.PUBLIC);
        assertThat(a.activation()).isEqualTo(Activation.ALWAYS);
        assertThat(a.main().orElseThrow().user()).isEqualTo("007");
        assertThat(a.main().orElseThrow().transport()).isEqualTo(TransportPreference.UDP);
        assertThat(a.maxBitsPerSecond()).isEqualTo(4_000_000);
        assertThat(read.cameras().get(1).publish()).isEqualTo(PublishPolicy.REFUSE);
    }

    static Stream<Arguments> mistakes() {
        return Stream.of(
                Arguments.of("lisseners: {}", "1:1: unknown key \"lisseners\"; did you mean \"listeners\"?"),
                Arguments.of("colour: red", "1:1: unknown key \"colour\"; known here: listeners, http, limits"),
                Arguments.of(
                        "limits:\n  conections: 5", "2:3: unknown key \"conections\"; did you mean \"connections\"?"),
                Arguments.of("limits:\n  max_connections: 5", "2:3: unknown key"),
                Arguments.of("limits:\n  connections: many", "2:16: \"connections\": \"many\" is not a whole number"),
                Arguments.of("limits:\n  connections: 0", "2:16: \"connections\": 0 is out of range: 1 to 1000000"),
                Arguments.of(
                        "limits:\n  connections: 99999999999",
                        "2:16: \"connections\": \"99999999999\" is not a whole number"),
                Arguments.of("limits:\n  connections: [1]", "2:16: \"connections\" must be a single value, not a list"),
                Arguments.of("limits: 5", "1:9: \"limits\" must be a mapping (key: value), not a single value"),
                Arguments.of(
                        "limits:\n  connections: 1\n  connections: 2",
                        "3:3: \"connections\" is there twice, first in line 2; keep one"),
                Arguments.of("- a", "1:1: the configuration must be a mapping (key: value), not a list"),
                Arguments.of(
                        "staleness:\n  max-age: 500",
                        "2:12: \"max-age\": \"500\" is not a duration, for example 500ms"),
                Arguments.of("staleness:\n  max-age: 1ms", "2:12: \"max-age\": 1ms is out of range: 50ms to 30s"),
                Arguments.of("staleness:\n  max-bytes: 4megs", "2:14: \"max-bytes\": \"4megs\" is not a size"),
                Arguments.of(
                        "media: {gop-cache-bytes: 2MiB, gop-cache-bytes-per-stream: 4MiB}",
                        "1:60: \"gop-cache-bytes-per-stream\": 4194304 is out of range"),
                Arguments.of(
                        "listeners:\n  rtsp: 8554",
                        "2:9: \"rtsp\" must be a list, for example [a, b], not a single value"),
                Arguments.of("listeners:\n  rtsp: [8554]", "2:10: \"8554\" is not an address to listen on"),
                Arguments.of("listeners:\n  rtsp: [\"::1:8554\"]", "2:10: \"::1:8554\" is not an address to listen on"),
                Arguments.of("listeners:\n  rtsp: [\"*:70000\"]", "2:10: port: 70000 is out of range: 0 to 65535"),
                Arguments.of("listeners:\n  rtsps: [\"*:8322\"]", "2:10: \"rtsps\": RTSPS needs a certificate"),
                Arguments.of("http:\n  listen-tls: [\"*:8443\"]", "2:15: HTTPS needs a certificate"),
                Arguments.of("http: {listen: [\"*:1\", \"*:1\"]}", "1:16: \"listen\": *:1 is used twice"),
                Arguments.of(
                        "webrtc:\n  public-addresses: [example.org]", "2:22: \"example.org\" is not an IP address"),
                Arguments.of(
                        "webrtc:\n  public-addresses: [\"0.0.0.0\"]",
                        "2:21: \"public-addresses\": 0.0.0.0 is no address that a client could reach"),
                Arguments.of(
                        "webrtc:\n  listen: [\"*:1\", \"*:2\"]", "2:11: \"listen\": all WebRTC goes through one port"),
                Arguments.of("listeners:\n  tls: {certificate: nowhere.pem}", "2:3: tls needs \"key\""),
                Arguments.of("listeners:\n  tls: {certificate: nowhere.pem}", "2:22: there is no file \"nowhere.pem\""),
                Arguments.of("management: {listen: localhost}", "1:22: \"localhost\" is not an address to listen on"),
                Arguments.of(
                        "access: {challenges: [digest]}",
                        "1:23: \"challenges\": \"digest\" is not one of digest-sha256, digest-md5, basic"),
                Arguments.of("access: {users: {al: {}}}", "1:18: nothing to check this user by"),
                Arguments.of(
                        "access: {users: {al: {password-hash: abc}}}",
                        "1:38: \"password-hash\": not an argon2id hash; make one with: porchlight hash-password"),
                Arguments.of("access: {users: {\"a:l\": {password: x}}}", "1:18: a user's name has"),
                Arguments.of(
                        "access: {users: {al: {digest-md5: abc}}}",
                        "1:35: \"digest-md5\": must be 32 hexadecimal digits"),
                Arguments.of(
                        "access: {users: {al: {password: \"${env:NOPE}\"}}}",
                        "1:33: environment variable \"NOPE\" is not set"),
                Arguments.of("access: {users: {al: {password: \"${file:nope}\"}}}", "1:33: there is no file \"nope\""),
                Arguments.of(
                        "access: {users: {al: {password: \"${vault:nope}\"}}}",
                        "1:33: \"password\": a reference is written ${env:NAME} or ${file:/path}"),
                Arguments.of(
                        "access: {users: {al: {password: x, view: [\"a b\"]}}}",
                        "1:43: \"a b\": a camera's name is made of letters"),
                Arguments.of(
                        "access: {challenges: [digest-md5], users: {al: {password-hash: \"" + HASH + "\"}}}",
                        "1:22: \"challenges\": user al can answer none of the challenges"),
                Arguments.of("cameras:\n  lobby: {}", "2:3: nothing says where the video comes from"),
                Arguments.of("cameras:\n  lobby:\n    main: rtsp://cam/", "3:11: \"main\" must be a mapping"),
                Arguments.of("cameras:\n  lobby:\n    main: {transport: tcp}", "3:5: url is missing"),
                Arguments.of(
                        "cameras:\n  lobby:\n    main: {url: http://cam/}",
                        "3:17: \"url\": must begin with rtsp:// or rtsps://"),
                Arguments.of(
                        "cameras:\n  lobby:\n    main: {url: rtsp://joe:pw@cam/}",
                        "3:17: \"url\": user and password do not belong into the URL"),
                Arguments.of(
                        "cameras:\n  lobby:\n    main: {url: rtsp://cam/, transport: tpc}",
                        "3:41: \"transport\": \"tpc\" is not one of auto, auto-udp, tcp, udp, http; did you mean \"tcp\"?"),
                Arguments.of(
                        "cameras:\n  lobby:\n    main: {url: rtsps://cam/, trust: sha256:ab}",
                        "3:38: \"trust\": a SHA-256 fingerprint has 64 hexadecimal digits"),
                Arguments.of(
                        "cameras:\n  lobby:\n    main: {url: rtsps://cam/, trust: me}",
                        "3:38: \"trust\": \"me\" is not one of platform, unverified"),
                Arguments.of(
                        "cameras:\n  lobby:\n    main: {url: rtsp://cam/}\n    publish: replace",
                        "4:14: \"publish\": a camera is pulled or published, not both"),
                Arguments.of(
                        "cameras:\n  \"a*\":\n    main: {url: rtsp://cam/}",
                        "3:11: \"main\": a pattern of names cannot be pulled"),
                Arguments.of(
                        "cameras:\n  a/sub: {publish: refuse}",
                        "2:3: \"a/sub\": a camera's name must not end in \"sub\""),
                Arguments.of("cameras:\n  a: {publish: refuse}\n  a: {publish: refuse}", "3:3: \"a\" is there twice"),
                Arguments.of("cameras:\n  a: &x {publish: refuse}\n  b: *x", "3:6: aliases (*name) are not supported"),
                Arguments.of("limits: {\n", "not valid YAML"),
                Arguments.of("a: b\n---\nc: d", "2:1: one document only"),
                Arguments.of("limits:\n\tconnections: 5", "2:1: not valid YAML: found character"));
    }

    @ParameterizedTest
    @MethodSource("mistakes")
    void saysWhereAMistakeIsAndWhatWouldBeRight(String text, String expected) {
        ConfigurationException e = catchThrowableOfType(ConfigurationException.class, () -> loader.parse(text, FILE));
        assertThat(e).isNotNull();
        assertThat(e.problems())
                .anySatisfy(problem -> assertThat(problem.toString())
                        .startsWith(FILE.toString())
                        .contains(expected));
        assertThat(e.problems())
                .allSatisfy(problem -> assertThat(problem.toString()).doesNotContain("\n"));
    }

    @Test
    void tellsAllMistakesAtOnceInTheOrderOfTheFile() {
        ConfigurationException e = catchThrowableOfType(
                ConfigurationException.class,
                () -> loader.parse("limits: {connections: x}\nmedia: {loops: y}\ncameras: {c: {publish: z}}", FILE));
        assertThat(e.problems()).extracting(Problem::line).containsExactly(1, 2, 3);
    }

    @Test
    void aMissingFileIsAOneLineError() {
        ConfigurationException e = catchThrowableOfType(ConfigurationException.class, () -> loader.load(FILE));
        assertThat(e).hasMessage("/etc/porchlight/porchlight.yaml: there is no such file");
    }

    @Test
    void plainSecretsAreTakenWithAWarningThatDoesNotShowThem() throws Exception {
        ConfigurationLoader.Loaded loaded =
                loader.parse("cameras: {a: {main: {url: rtsp://c/, user: u, password: hunter2}}}", FILE);
        assertThat(loaded.warnings())
                .singleElement()
                .satisfies(warning -> assertThat(warning.toString())
                        .contains("1:57", "plain text")
                        .doesNotContain("hunter2"));
    }

    @Test
    void aThousandCamerasAreReadInAMoment() throws Exception {
        StringBuilder text = new StringBuilder("cameras:\n");
        for (int i = 0; i < 1_000; i++) {
            text.append("  c")
                    .append(i)
                    .append(": {main: {url: rtsp://10.0.0.1/")
                    .append(i)
                    .append("}}\n");
        }
        assertThat(loader.parse(text.toString(), FILE).configuration().cameras())
                .hasSize(1_000);
    }

    @Test
    void damagedFilesNeverCauseAnythingButProblems() throws Exception {
        String reference = ReferenceFileTest.reference();
        RandomGenerator random = RandomGeneratorFactory.of("L64X128MixRandom").create(2026);
        String alphabet = ":-[]{},&*!|>'\"%@`#? \n\t\0\u0085\ufeffax0~";
        int refused = 0;
        for (int round = 0; round < 400; round++) {
            StringBuilder text = new StringBuilder(reference);
            for (int edit = 1 + random.nextInt(4); edit > 0; edit--) {
                int at = random.nextInt(text.length());
                switch (random.nextInt(3)) {
                    case 0 -> text.setCharAt(at, alphabet.charAt(random.nextInt(alphabet.length())));
                    case 1 -> text.insert(at, alphabet.charAt(random.nextInt(alphabet.length())));
                    default -> text.delete(at, Math.min(text.length(), at + 1 + random.nextInt(40)));
                }
            }
            refused += ConfigurationFuzzTest.consume(loader, text.toString()) ? 0 : 1;
        }
        assertThat(refused).isPositive();
    }
}
