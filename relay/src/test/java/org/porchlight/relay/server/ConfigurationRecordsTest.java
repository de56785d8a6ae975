package org.porchlight.relay.server;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatCode;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import java.time.Duration;
import java.util.List;
import java.util.Optional;
import org.assertj.core.api.ThrowableAssert.ThrowingCallable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

final class ConfigurationRecordsTest {
    private static final TlsTrust PLATFORM = new TlsTrust.PlatformAuthorities();

    @ParameterizedTest
    @CsvSource(delimiter = '|', textBlock = """
            rtsp://10.0.0.7/stream1                            | false | 10.0.0.7      | 0     | 554
            RTSP://cam:8554                                    | false | cam           | 8554  | 8554
            rtsps://cam.example.org/a?b=c&d={x}                | true  | cam.example.org | 0   | 322
            rtsp://[2001:db8::7]:1554/Streaming/Channels/101   | false | 2001:db8::7   | 1554  | 1554
            rtsp://[::1]?x=1                                   | false | ::1           | 0     | 554
            rtsp://front_door:65535/x                          | false | front_door    | 65535 | 65535
            """)
    void readsWhereToConnectFromTheUrlsThatCamerasHave(
            String url, boolean tls, String host, int port, int effectivePort) {
        assertThat(SourceAddress.parse(url)).isEqualTo(new SourceAddress(tls, host, port));
        assertThat(new SourceConfiguration(url, "", Optional.empty(), TransportPreference.TCP, PLATFORM).port())
                .isEqualTo(effectivePort);
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', textBlock = """
            http://cam/                | must begin with rtsp://
            rtsp:/cam                  | must begin with rtsp://
            rtsp://                    | host is missing
            rtsp://:554/x              | host is missing
            rtsp://[::1/x              | host is missing
            rtsp://cam:port/x          | port is not a number
            rtsp://cam:/x              | port is not a number
            rtsp://cam:0/x             | out of range: 1 to 65535
            rtsp://cam:65536/x         | out of range: 1 to 65535
            rtsp://cam/a b             | character 13 must be percent-encoded
            rtsp://joe:pw@cam/x        | set user and password beside it
            """)
    void refusesUrlsThatLeadNowhereAndSaysWhy(String url, String why) {
        InvalidSetting e = invalid(() -> SourceAddress.parse(url));
        assertThat(e.component()).isEqualTo("url");
        assertThat(e).hasMessageContaining(why).hasMessageNotContaining("pw");
    }

    @Test
    void theTunnelHasThePortsOfTheWeb() {
        assertThat(new SourceConfiguration("rtsp://cam/", "", Optional.empty(), TransportPreference.HTTP, PLATFORM)
                        .port())
                .isEqualTo(80);
        assertThat(new SourceConfiguration("rtsps://cam/", "", Optional.empty(), TransportPreference.HTTP, PLATFORM)
                        .port())
                .isEqualTo(443);
    }

    @Test
    void refusesCombinationsThatWouldBeUnsafeOrMeaningless() {
        for (TransportPreference clear : List.of(TransportPreference.UDP, TransportPreference.AUTO_UDP)) {
            assertThat(invalid(() -> new SourceConfiguration("rtsps://cam/", "", Optional.empty(), clear, PLATFORM))
                            .component())
                    .isEqualTo("transport");
        }
        assertThat(invalid(() -> new SourceConfiguration(
                                "rtsp://cam/",
                                "",
                                Optional.empty(),
                                TransportPreference.TCP,
                                new TlsTrust.Unverified()))
                        .component())
                .isEqualTo("trust");
        assertThat(invalid(() -> new SourceConfiguration(
                                "rtsp://cam/", "", Optional.of(Secret.of("x")), TransportPreference.TCP, PLATFORM))
                        .component())
                .isEqualTo("user");
        assertThat(invalid(() -> new ListenerConfiguration(
                                List.of(), List.of(new ListenAddress("*", 8322)), Optional.empty()))
                        .component())
                .isEqualTo("rtsps");
        ListenAddress twice = new ListenAddress("*", 8554);
        assertThat(invalid(() -> new ListenerConfiguration(List.of(twice, twice), List.of(), Optional.empty())))
                .hasMessageContaining("*:8554 is used twice");
        ListenAddress any = new ListenAddress("127.0.0.1", 0);
        assertThatCode(() -> new ListenerConfiguration(List.of(any, any), List.of(), Optional.empty()))
                .doesNotThrowAnyException();
    }

    @Test
    void refusesNumbersOutOfRange() {
        assertThat(invalid(() -> new ListenAddress("*", 65_536))).hasMessage("65536 is out of range: 0 to 65535");
        assertThat(invalid(() -> new LimitConfiguration(0, 1)).component()).isEqualTo("connections");
        assertThat(invalid(() -> new LimitConfiguration(10, 11)).component()).isEqualTo("connectionsPerAddress");
        assertThat(invalid(() -> new MediaConfiguration(-1, 1 << 20, 1 << 20, 1400))
                        .component())
                .isEqualTo("loops");
        assertThat(invalid(() -> new MediaConfiguration(0, 1 << 20, 2 << 20, 1400))
                        .component())
                .isEqualTo("gopCacheBytesPerStream");
        assertThat(invalid(() -> new MediaConfiguration(0, 1 << 20, 1 << 20, 1453))
                        .component())
                .isEqualTo("maxDatagramBytes");
        assertThat(invalid(() -> new StalenessConfiguration(Duration.ofMillis(49), 1 << 20, Duration.ofSeconds(5))))
                .hasMessage("49ms is out of range: 50ms to 30s");
        assertThat(invalid(() -> new StalenessConfiguration(Duration.ofSeconds(20), 1 << 20, Duration.ofSeconds(5)))
                        .component())
                .isEqualTo("disconnectAfter");
    }

    @Test
    void aCameraIsPulledOrPublishedAndNothingElse() {
        SourceConfiguration source =
                new SourceConfiguration("rtsp://cam/", "", Optional.empty(), TransportPreference.TCP, PLATFORM);
        assertThat(invalid(() -> camera("a", null, null, Activation.ON_DEMAND, PublishPolicy.OFF))
                        .component())
                .isEqualTo("main");
        assertThat(invalid(() -> camera("a", source, null, Activation.ON_DEMAND, PublishPolicy.REPLACE))
                        .component())
                .isEqualTo("publish");
        assertThat(invalid(() -> camera("a", null, source, Activation.ON_DEMAND, PublishPolicy.REPLACE))
                        .component())
                .isEqualTo("sub");
        assertThat(invalid(() -> camera("a*", source, null, Activation.ON_DEMAND, PublishPolicy.OFF))
                        .component())
                .isEqualTo("main");
        assertThat(invalid(() -> camera("a*", null, null, Activation.ALWAYS, PublishPolicy.REFUSE))
                        .component())
                .isEqualTo("activation");
        CameraConfiguration good = camera("a", source, source, Activation.ALWAYS, PublishPolicy.OFF);
        assertThat(invalid(() -> RelayConfiguration.EMPTY.withCameras(List.of(good, good))))
                .hasMessage("camera a is there twice");
    }

    @Test
    void aSecretDoesNotShowItself() {
        SourceConfiguration source = new SourceConfiguration(
                "rtsp://cam/", "joe", Optional.of(Secret.of("p@ss:word")), TransportPreference.TCP, PLATFORM);
        assertThat(source.toString()).contains("joe").doesNotContain("p@ss:word");
        assertThat(Secret.of("a"))
                .isEqualTo(Secret.of("a"))
                .isNotEqualTo(Secret.of("b"))
                .hasToString("(hidden)");
    }

    @Test
    void aFingerprintIsNormalised() {
        String plain = "ab".repeat(32);
        String colons = "AB" + ":AB".repeat(31);
        assertThat(new TlsTrust.Pinned(colons)).isEqualTo(new TlsTrust.Pinned(plain));
        assertThat(invalid(() -> new TlsTrust.Pinned("ab"))).hasMessageContaining("64 hexadecimal digits");
    }

    private static CameraConfiguration camera(
            String name,
            @org.jspecify.annotations.Nullable SourceConfiguration main,
            @org.jspecify.annotations.Nullable SourceConfiguration sub,
            Activation activation,
            PublishPolicy publish) {
        return new CameraConfiguration(
                new CameraPattern(name),
                Visibility.PRIVATE,
                Optional.ofNullable(main),
                Optional.ofNullable(sub),
                activation,
                publish,
                CameraConfiguration.DEFAULT_MAX_BITS_PER_SECOND);
    }

    private static InvalidSetting invalid(ThrowingCallable call) {
        InvalidSetting e = catchThrowableOfType(InvalidSetting.class, call);
        assertThat(e).isNotNull();
        assertThat(e.getMessage()).doesNotContain("\n");
        return e;
    }
}
