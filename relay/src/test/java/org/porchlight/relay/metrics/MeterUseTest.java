package org.porchlight.relay.metrics;

import static org.assertj.core.api.Assertions.assertThat;

import com.tngtech.archunit.core.domain.JavaClass;
import com.tngtech.archunit.core.domain.JavaClasses;
import com.tngtech.archunit.core.importer.ClassFileImporter;
import com.tngtech.archunit.core.importer.Location;
import java.util.Arrays;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

/** A meter that no code moves shows zero for ever and is believed. */
class MeterUseTest {
    private static final JavaClasses MAIN =
            new ClassFileImporter().withImportOption(MeterUseTest::isMain).importPackages("org.porchlight.relay");

    private static boolean isMain(Location location) {
        return !location.contains("/test-classes/");
    }

    @Test
    void everyDeclaredMeterIsMovedSomewhere() {
        assertThat(unused(Counter.values())).isEmpty();
        assertThat(unused(Level.values())).isEmpty();
        assertThat(unused(Timing.values())).isEmpty();
    }

    /** Constants that no class outside of their own reads. */
    private static <E extends Enum<E>> List<String> unused(E[] constants) {
        JavaClass declared = MAIN.get(constants[0].getDeclaringClass());
        return Arrays.stream(constants)
                .map(Enum::name)
                .filter(name -> declared.getField(name).getAccessesToSelf().stream()
                        .noneMatch(access -> !access.getOriginOwner().equals(declared)))
                .toList();
    }

    /** The test sees what it should: the relay's own classes, and this one not. */
    @Test
    void looksAtTheRelaysOwnClasses() {
        assertThat(Stream.of(Counter.class, LoopCounters.class)).allMatch(type -> MAIN.contain(type.getName()));
        assertThat(MAIN.contain(MeterUseTest.class.getName())).isFalse();
    }
}
