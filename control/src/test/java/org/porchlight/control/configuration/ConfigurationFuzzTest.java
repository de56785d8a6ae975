package org.porchlight.control.configuration;

import static org.assertj.core.api.Assertions.assertThat;

import com.code_intelligence.jazzer.api.FuzzedDataProvider;
import com.code_intelligence.jazzer.junit.FuzzTest;
import java.nio.file.Path;

/** Whatever stands in the file: a configuration, or problems with places. */
final class ConfigurationFuzzTest {
    private static final Path FILE = Path.of("/etc/porchlight/porchlight.yaml");

    @FuzzTest
    void anyText(FuzzedDataProvider data) {
        consume(new ConfigurationLoader(new FakeSurroundings()), data.consumeRemainingAsString());
    }

    /** Whether it could be used. */
    static boolean consume(ConfigurationLoader loader, String text) {
        try {
            return loader.parse(text, FILE).configuration().relay() != null;
        } catch (ConfigurationException e) {
            assertThat(e.problems())
                    .isNotEmpty()
                    .allSatisfy(problem -> assertThat(problem.message()).isNotBlank());
            return false;
        }
    }
}
