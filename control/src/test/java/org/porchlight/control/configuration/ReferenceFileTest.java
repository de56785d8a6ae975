package org.porchlight.control.configuration;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.io.InputStream;
import java.io.StringReader;
import java.lang.reflect.ParameterizedType;
import java.lang.reflect.RecordComponent;
import java.lang.reflect.Type;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;
import org.junit.jupiter.api.Test;
import org.porchlight.control.access.AccessConfiguration;
import org.porchlight.control.access.UserConfiguration;
import org.porchlight.relay.server.CameraConfiguration;
import org.porchlight.relay.server.LimitConfiguration;
import org.porchlight.relay.server.ListenAddress;
import org.porchlight.relay.server.ListenerConfiguration;
import org.porchlight.relay.server.MediaConfiguration;
import org.porchlight.relay.server.SelfSigned;
import org.porchlight.relay.server.StalenessConfiguration;
import org.porchlight.relay.server.WebRtcConfiguration;
import org.yaml.snakeyaml.LoaderOptions;
import org.yaml.snakeyaml.Yaml;
import org.yaml.snakeyaml.constructor.SafeConstructor;

/** The reference file and the records say the same. */
final class ReferenceFileTest {

    @Test
    void namesEveryKeyThatTheRecordsHaveAndNoOther() throws IOException {
        Set<String> inRecords = new TreeSet<>();
        collect(NodeConfiguration.class, "", inRecords);
        Set<String> inFile = new TreeSet<>();
        collect(
                (Map<?, ?>) new Yaml(new SafeConstructor(new LoaderOptions())).load(new StringReader(reference())),
                "",
                inFile);
        assertThat(inFile).isEqualTo(inRecords);
    }

    @Test
    void canBeUsedAndShowsTheDefaults() throws Exception {
        SelfSigned pair = SelfSigned.create();
        FakeSurroundings surroundings = new FakeSurroundings()
                .with("tls/certificate.pem", pair.certificate())
                .with("tls/key.pem", pair.key())
                .with("secrets/drone-7", "fly\n")
                .withEnvironment("PLAYER_MD5", "0".repeat(32))
                .withEnvironment("PLAYER_SHA256", "0".repeat(64))
                .withEnvironment("CAMERA_5TH_PASSWORD", "p@ss:w#rd");
        ConfigurationLoader.Loaded loaded =
                new ConfigurationLoader(surroundings).parse(reference(), Path.of("/etc/porchlight/porchlight.yaml"));
        NodeConfiguration read = loaded.configuration();

        assertThat(loaded.warnings()).isEmpty();
        assertThat(read.listeners().rtsp()).isEqualTo(ListenerConfiguration.DEFAULT.rtsp());
        assertThat(read.listeners().rtsps()).containsExactly(new ListenAddress("*", 8322));
        assertThat(read.http().listen()).isEqualTo(HttpConfiguration.DEFAULT.listen());
        assertThat(read.http().listenTls()).containsExactly(new ListenAddress("*", 8443));
        assertThat(read.webrtc().listen()).isEqualTo(WebRtcConfiguration.DEFAULT.listen());
        assertThat(read.webrtc().publicAddresses()).hasSize(2);
        assertThat(read.limits()).isEqualTo(LimitConfiguration.DEFAULT);
        assertThat(read.media()).isEqualTo(MediaConfiguration.DEFAULT);
        assertThat(read.staleness()).isEqualTo(StalenessConfiguration.DEFAULT);
        assertThat(read.management()).isEqualTo(ManagementConfiguration.DEFAULT);
        assertThat(read.access().realm()).isEqualTo(AccessConfiguration.DEFAULT_REALM);
        assertThat(read.access().users())
                .extracting(UserConfiguration::name)
                .containsExactly("alice", "drone-7", "player", "encoder");
        assertThat(read.access().users().get(1).password().orElseThrow().reveal())
                .isEqualTo("fly");
        CameraConfiguration camera = read.cameras().get(0);
        assertThat(camera.main().orElseThrow().password().orElseThrow().reveal())
                .isEqualTo("p@ss:w#rd");
        assertThat(camera.maxBitsPerSecond()).isEqualTo(CameraConfiguration.DEFAULT_MAX_BITS_PER_SECOND);
        assertThat(read.toString())
                .doesNotContain("p@ss:w#rd")
                .doesNotContain("fly")
                .doesNotContain("BEGIN");
        assertThat(loaded.files())
                .contains(Path.of("/etc/porchlight/tls/key.pem"), Path.of("/etc/porchlight/secrets/drone-7"));
    }

    static String reference() throws IOException {
        try (InputStream in = ConfigurationLoader.class.getResourceAsStream("/porchlight-reference.yaml")) {
            assertThat(in).isNotNull();
            return new String(in.readAllBytes(), StandardCharsets.UTF_8);
        }
    }

    private static void collect(Class<?> type, String prefix, Set<String> keys) {
        for (RecordComponent component : type.getRecordComponents()) {
            String key = prefix + Section.keyOf(component.getName());
            Class<?> inner = recordIn(component.getGenericType());
            if (isNamed(inner)) {
                collect(inner, key + ".*.", keys);
            } else if (inner.isRecord() && !inner.equals(ListenAddress.class) && !isText(inner)) {
                collect(inner, key + ".", keys);
            } else if (!key.endsWith("*.name")) {
                keys.add(key);
            }
        }
    }

    private static boolean isNamed(Class<?> type) {
        return type.equals(CameraConfiguration.class) || type.equals(UserConfiguration.class);
    }

    /** Records that a single value of the file is turned into. */
    private static boolean isText(Class<?> type) {
        return type.equals(org.porchlight.relay.server.CameraPattern.class);
    }

    private static Class<?> recordIn(Type type) {
        if (type instanceof ParameterizedType generic
                && (generic.getRawType().equals(Optional.class)
                        || generic.getRawType().equals(List.class))) {
            return recordIn(generic.getActualTypeArguments()[0]);
        }
        return (Class<?>) type;
    }

    private static void collect(Map<?, ?> section, String prefix, Set<String> keys) {
        for (Map.Entry<?, ?> entry : section.entrySet()) {
            String key = prefix + entry.getKey();
            if (key.equals("cameras") || key.equals("access.users")) {
                for (Object named : ((Map<?, ?>) entry.getValue()).values()) {
                    collect((Map<?, ?>) named, key + ".*.", keys);
                }
            } else if (entry.getValue() instanceof Map<?, ?> inner) {
                collect(inner, key + ".", keys);
            } else {
                keys.add(key);
            }
        }
    }
}
