package org.porchlight.relay.server;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.List;
import java.util.Optional;
import java.util.random.RandomGenerator;
import java.util.random.RandomGeneratorFactory;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

final class CameraPatternTest {

    @ParameterizedTest
    @ValueSource(strings = {"lobby", "5th-and-main", "a.b_c-D9", "north/gate/1", "subway", "sub/1", "..a"})
    void acceptsNames(String name) {
        assertThat(CameraPattern.isName(name)).isTrue();
        assertThat(new CameraPattern(name).isExact()).isTrue();
        assertThat(new CameraPattern(name).matches(name)).isTrue();
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "",
                "a b",
                "a//b",
                "/a",
                "a/",
                ".",
                "a/../b",
                "sub",
                "lobby/sub",
                "caf\u00e9",
                "a%20b",
                "a\n",
                "a?b",
                "*"
            })
    void refusesWhatIsNoName(String name) {
        assertThat(CameraPattern.isName(name)).isFalse();
    }

    @Test
    void refusesNamesThatAreTooLong() {
        assertThat(CameraPattern.isName("a".repeat(128))).isTrue();
        assertThat(CameraPattern.isName("a".repeat(129))).isFalse();
        assertThatThrownBy(() -> new CameraPattern("*".repeat(129))).isInstanceOf(InvalidSetting.class);
    }

    @Test
    void matchesAsARegularExpressionWould() {
        RandomGenerator random = RandomGeneratorFactory.of("L64X128MixRandom").create(7);
        int hits = 0;
        for (int round = 0; round < 50_000; round++) {
            String pattern = randomText(random, "aab/**");
            String name = randomText(random, "aab/");
            Pattern reference = Pattern.compile(pattern.replace("*", ".*"));
            boolean expected = reference.matcher(name).matches();
            if (!expected && pattern.isEmpty()) {
                continue;
            }
            CameraPattern subject;
            try {
                subject = new CameraPattern(pattern);
            } catch (InvalidSetting e) {
                continue;
            }
            assertThat(subject.matches(name)).as("%s on %s", pattern, name).isEqualTo(expected);
            hits += expected ? 1 : 0;
        }
        assertThat(hits).isGreaterThan(1_000);
    }

    @Test
    void aNastyPatternIsStillQuick() {
        CameraPattern nasty = new CameraPattern("*a".repeat(63) + "b");
        String name = "a".repeat(128);
        for (int i = 0; i < 10_000; i++) {
            assertThat(nasty.matches(name)).isFalse();
        }
    }

    @Test
    void aFullNameComesBeforePatternsAndPatternsInTheirOrder() {
        CameraConfiguration wide = published("*");
        CameraConfiguration drones = published("drones/*");
        CameraConfiguration one = published("drones/1");
        CameraDirectory directory = new CameraDirectory(List.of(drones, wide, one));
        assertThat(directory.find("drones/1")).contains(one);
        assertThat(directory.find("drones/2")).contains(drones);
        assertThat(directory.find("other")).contains(wide);
        assertThat(directory.find("drones/1/sub")).isEmpty();
        assertThat(directory.find("not a name")).isEmpty();
        assertThat(new CameraDirectory(List.of()).find("x")).isEmpty();
    }

    static CameraConfiguration published(String pattern) {
        return new CameraConfiguration(
                new CameraPattern(pattern),
                Visibility.PRIVATE,
                Optional.empty(),
                Optional.empty(),
                Activation.ON_DEMAND,
                PublishPolicy.REPLACE,
                CameraConfiguration.DEFAULT_MAX_BITS_PER_SECOND);
    }

    private static String randomText(RandomGenerator random, String alphabet) {
        StringBuilder text = new StringBuilder();
        int length = random.nextInt(9);
        for (int i = 0; i < length; i++) {
            text.append(alphabet.charAt(random.nextInt(alphabet.length())));
        }
        return text.toString();
    }
}
