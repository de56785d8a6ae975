package org.porchlight.bench;

import static com.tngtech.archunit.library.dependencies.SlicesRuleDefinition.slices;

import com.tngtech.archunit.core.domain.JavaClasses;
import com.tngtech.archunit.core.importer.ClassFileImporter;
import com.tngtech.archunit.core.importer.ImportOption;
import org.junit.jupiter.api.Test;
import org.porchlight.relay.HouseRules;

/** Keeps the import picture of ARCHITECTURE.md true for the bench. */
class ArchitectureTest {

    private static final String ROOT = "org.porchlight.bench";

    private static final JavaClasses CLASSES = new ClassFileImporter()
            .withImportOption(new ImportOption.DoNotIncludeTests())
            // Classes that JMH's annotation processor writes.
            .withImportOption(location -> !location.contains("jmh_generated"))
            .importPackages(ROOT);

    @Test
    void doesNotKnowControl() {
        HouseRules.doesNotImport(ROOT + "..", "org.porchlight.control..").check(CLASSES);
    }

    @Test
    void noImportCycles() {
        slices().matching(ROOT + ".(**)")
                .should()
                .beFreeOfCycles()
                .allowEmptyShould(true)
                .check(CLASSES);
    }

    @Test
    void namesSayWhatAThingIs() {
        HouseRules.NAMES_SAY_WHAT_A_THING_IS.check(CLASSES);
    }

    @Test
    void everyPackageIsNullMarked() {
        HouseRules.requireNullMarked(CLASSES);
    }
}
