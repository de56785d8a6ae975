package org.porchlight.relay.server;

import static org.assertj.core.api.Assertions.assertThat;
import static org.porchlight.relay.server.CameraPatternTest.published;

import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.random.RandomGenerator;
import java.util.random.RandomGeneratorFactory;
import org.junit.jupiter.api.Test;
import org.porchlight.relay.server.CameraChange.Aspect;

final class ConfigurationDiffTest {
    private static final ListenAddress A = new ListenAddress("*", 8554);
    private static final ListenAddress B = new ListenAddress("127.0.0.1", 9554);

    @Test
    void nothingChangesBetweenEqualConfigurations() {
        ConfigurationDiff diff = diff(List.of(pulled("a", 1)), List.of(pulled("a", 1)));
        assertThat(diff.isEmpty()).isTrue();
        assertThat(diff.touchedEntries()).isEmpty();
        assertThat(diff.changeOf("a")).isInstanceOf(CameraChange.Unchanged.class);
        assertThat(diff.changeOf("stranger")).isInstanceOf(CameraChange.Unchanged.class);
        assertThat(diff.needsRestart() || diff.limitsChanged() || diff.stalenessChanged() || diff.tlsChanged())
                .isFalse();
    }

    @Test
    void listenersThatStayAreNotTouched() {
        RelayConfiguration before = listening(List.of(A));
        RelayConfiguration after = listening(List.of(B, A));
        assertThat(ConfigurationDiff.between(before, after).rtspOpened()).containsExactly(B);
        assertThat(ConfigurationDiff.between(before, after).rtspClosed()).isEmpty();
        assertThat(ConfigurationDiff.between(after, before).rtspOpened()).isEmpty();
        assertThat(ConfigurationDiff.between(after, before).rtspClosed()).containsExactly(B);
        assertThat(ConfigurationDiff.between(before, after).rtspsOpened()).isEmpty();
        assertThat(ConfigurationDiff.between(before, after).rtspsClosed()).isEmpty();
    }

    @Test
    void tellsWhichPartOfACameraChanged() {
        CameraChange change =
                diff(List.of(pulled("a", 1)), List.of(pulled("a", 2))).changeOf("a");
        assertThat(change).isEqualTo(new CameraChange.Changed(pulled("a", 1), pulled("a", 2), Set.of(Aspect.MAIN)));
    }

    @Test
    void aCameraThatMovesFromAPatternToAnEntryOfItsOwnStays() {
        CameraConfiguration pattern = published("yard/*");
        CameraConfiguration own = published("yard/1");
        ConfigurationDiff diff = diff(List.of(pattern), List.of(pattern, own));
        assertThat(diff.changeOf("yard/1")).isInstanceOf(CameraChange.Unchanged.class);
        assertThat(diff.touchedEntries()).containsExactly(own.name());
    }

    @Test
    void aRemovedPatternRemovesTheCamerasUnderItUnlessAnotherTakesThem() {
        ConfigurationDiff diff =
                diff(List.of(published("yard/*"), published("y*")), List.of(published("yard/n*"), published("z")));
        assertThat(diff.changeOf("yard/north")).isInstanceOf(CameraChange.Unchanged.class);
        assertThat(diff.changeOf("yard/south")).isInstanceOf(CameraChange.Removed.class);
        assertThat(diff.changeOf("z")).isInstanceOf(CameraChange.Added.class);
    }

    @Test
    void randomChangesAreExactlyWhatTheDiffNames() {
        RandomGenerator random = RandomGeneratorFactory.of("L64X128MixRandom").create(99);
        for (int round = 0; round < 500; round++) {
            List<CameraConfiguration> before = randomCameras(random);
            List<CameraConfiguration> after = randomCameras(random);
            ConfigurationDiff diff = diff(before, after);
            for (int i = 0; i < 12; i++) {
                String name = "c" + i;
                Optional<CameraConfiguration> old = lookUp(before, name);
                Optional<CameraConfiguration> now = lookUp(after, name);
                boolean touched = diff.touchedEntries().contains(new CameraPattern(name));
                assertThat(touched).isEqualTo(!old.equals(now));
                assertThat(diff.changeOf(name)).isEqualTo(expectedChange(old, now));
            }
        }
    }

    private static CameraChange expectedChange(Optional<CameraConfiguration> old, Optional<CameraConfiguration> now) {
        if (old.equals(now)) {
            return new CameraChange.Unchanged();
        }
        if (old.isEmpty()) {
            return new CameraChange.Added(now.orElseThrow());
        }
        if (now.isEmpty()) {
            return new CameraChange.Removed(old.get());
        }
        CameraConfiguration a = old.get();
        CameraConfiguration b = now.get();
        Set<Aspect> aspects = new HashSet<>();
        if (!a.main().equals(b.main())) {
            aspects.add(Aspect.MAIN);
        }
        if (!a.visibility().equals(b.visibility())) {
            aspects.add(Aspect.VISIBILITY);
        }
        if (a.publish() != b.publish()) {
            aspects.add(Aspect.PUBLISH);
        }
        return new CameraChange.Changed(a, b, aspects);
    }

    private static List<CameraConfiguration> randomCameras(RandomGenerator random) {
        List<CameraConfiguration> cameras = new ArrayList<>();
        for (int i = 0; i < 12; i++) {
            switch (random.nextInt(3)) {
                case 0 -> cameras.add(pulled("c" + i, random.nextInt(3)));
                case 1 -> cameras.add(published("c" + i));
                default -> {}
            }
        }
        return cameras;
    }

    private static Optional<CameraConfiguration> lookUp(List<CameraConfiguration> cameras, String name) {
        return cameras.stream()
                .filter(camera -> camera.name().text().equals(name))
                .findFirst();
    }

    private static ConfigurationDiff diff(List<CameraConfiguration> before, List<CameraConfiguration> after) {
        return ConfigurationDiff.between(
                RelayConfiguration.EMPTY.withCameras(before), RelayConfiguration.EMPTY.withCameras(after));
    }

    private static RelayConfiguration listening(List<ListenAddress> rtsp) {
        RelayConfiguration d = RelayConfiguration.EMPTY;
        return new RelayConfiguration(
                new ListenerConfiguration(rtsp, List.of(), Optional.empty()),
                d.limits(),
                d.media(),
                d.webrtc(),
                d.staleness(),
                d.cameras());
    }

    private static CameraConfiguration pulled(String name, int stream) {
        SourceConfiguration source = new SourceConfiguration(
                "rtsp://camera/" + stream,
                "",
                Optional.empty(),
                TransportPreference.TCP,
                new TlsTrust.PlatformAuthorities());
        return new CameraConfiguration(
                new CameraPattern(name),
                Visibility.PUBLIC,
                Optional.of(source),
                Optional.empty(),
                Activation.ON_DEMAND,
                PublishPolicy.OFF,
                CameraConfiguration.DEFAULT_MAX_BITS_PER_SECOND);
    }
}
