package org.porchlight.control;

import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.noClasses;
import static com.tngtech.archunit.library.dependencies.SlicesRuleDefinition.slices;

import com.tngtech.archunit.core.domain.JavaClass;
import com.tngtech.archunit.core.domain.JavaClasses;
import com.tngtech.archunit.core.importer.ClassFileImporter;
import com.tngtech.archunit.core.importer.ImportOption;
import org.junit.jupiter.api.Test;
import org.porchlight.relay.HouseRules;

/** Keeps the import picture of ARCHITECTURE.md true for control. */
class ArchitectureTest {

    private static final String ROOT = "org.porchlight.control";
    private static final String RELAY = "org.porchlight.relay";

    private static final JavaClasses CLASSES = new ClassFileImporter()
            .withImportOption(new ImportOption.DoNotIncludeTests())
            .importPackages(ROOT);

    @Test
    void seesOfRelayOnlyItsFaces() {
        noClasses()
                .that()
                .resideInAPackage(ROOT + "..")
                .should()
                .dependOnClassesThat(JavaClass.Predicates.resideInAPackage(RELAY + "..")
                        .and(JavaClass.Predicates.resideOutsideOfPackages(
                                RELAY + ".admission..", RELAY + ".metrics..", RELAY + ".server..")))
                .allowEmptyShould(true)
                .check(CLASSES);
    }

    @Test
    void doesNotKnowTheBench() {
        HouseRules.doesNotImport(ROOT + "..", "org.porchlight.bench..").check(CLASSES);
    }

    @Test
    void onlyWiringImportsEverything() {
        noClasses()
                .that()
                .resideOutsideOfPackage(ROOT + ".server..")
                .should()
                .dependOnClassesThat()
                .resideInAPackage(ROOT + ".server..")
                .allowEmptyShould(true)
                .check(CLASSES);
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
