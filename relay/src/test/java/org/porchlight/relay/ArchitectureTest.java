package org.porchlight.relay;

import static com.tngtech.archunit.core.domain.JavaClass.Predicates.resideInAPackage;
import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.noClasses;
import static com.tngtech.archunit.library.dependencies.SlicesRuleDefinition.slices;
import static org.assertj.core.api.Assertions.assertThat;

import com.tngtech.archunit.base.DescribedPredicate;
import com.tngtech.archunit.core.domain.JavaClasses;
import com.tngtech.archunit.core.importer.ClassFileImporter;
import com.tngtech.archunit.core.importer.ImportOption;
import com.tngtech.archunit.lang.ArchRule;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestFactory;

/** Keeps the import picture of ARCHITECTURE.md true for the relay. */
class ArchitectureTest {

    private static final String ROOT = "org.porchlight.relay";

    /** The main line, outermost first: each room may import those after it, and every leaf. */
    private static final List<String> MAIN_LINE =
            List.of("server", "rtsp", "webrtc", "egress", "stream", "codec", "rtp");

    /** What a WebRTC session is put together from: pieces that know neither each other nor what they serve. */
    private static final List<String> WEBRTC_LEAVES = List.of("ice", "dtls", "srtp", "congestion");

    /** Rooms that import no other room. */
    private static final List<String> LEAVES = List.of("sdp", "admission", "metrics", "buffer");

    private static final JavaClasses CLASSES = new ClassFileImporter()
            .withImportOption(new ImportOption.DoNotIncludeTests())
            .importPackages(ROOT);

    @TestFactory
    Stream<DynamicTest> roomsImportOnlyWhatLiesBelowThem() {
        return Stream.concat(MAIN_LINE.stream(), LEAVES.stream())
                .map(room -> DynamicTest.dynamicTest(
                        room, () -> importsOnlyWhatLiesBelow(room).check(CLASSES)));
    }

    private static ArchRule importsOnlyWhatLiesBelow(String room) {
        List<String> forbidden = new ArrayList<>();
        if (LEAVES.contains(room)) {
            forbidden.addAll(MAIN_LINE);
            forbidden.addAll(LEAVES);
            forbidden.remove(room);
        } else {
            forbidden.addAll(MAIN_LINE.subList(0, MAIN_LINE.indexOf(room)));
        }
        String[] packages =
                forbidden.stream().map(other -> ROOT + "." + other + "..").toArray(String[]::new);
        return noClasses()
                .that()
                .resideInAPackage(ROOT + "." + room + "..")
                .should()
                .dependOnClassesThat()
                .resideInAnyPackage(packages.length == 0 ? new String[] {"nothing.at.all"} : packages)
                .allowEmptyShould(true);
    }

    @Test
    void everyPackageBelongsToARoom() {
        assertThat(CLASSES)
                .isNotEmpty()
                .allSatisfy(type -> assertThat(type.getPackageName())
                        .as("room of %s", type.getName())
                        .matches("org\\.porchlight\\.relay\\.(" + String.join("|", MAIN_LINE) + "|"
                                + String.join("|", LEAVES) + ")(\\..*)?"));
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
    void rtspMessagesKnowNeitherSideNorTheAdapters() {
        noClasses()
                .that()
                .resideInAPackage(ROOT + ".rtsp")
                .should()
                .dependOnClassesThat()
                .resideInAnyPackage(ROOT + ".rtsp.client..", ROOT + ".rtsp.server..", ROOT + ".rtsp.netty..")
                .allowEmptyShould(true)
                .check(CLASSES);
    }

    @Test
    void rtspSidesDoNotKnowEachOther() {
        HouseRules.doesNotImport(ROOT + ".rtsp.client..", ROOT + ".rtsp.server..", ROOT + ".rtsp.netty..")
                .check(CLASSES);
        HouseRules.doesNotImport(ROOT + ".rtsp.server..", ROOT + ".rtsp.client..", ROOT + ".rtsp.netty..")
                .check(CLASSES);
    }

    @Test
    void rtspAndWebrtcDoNotKnowEachOther() {
        HouseRules.doesNotImport(ROOT + ".rtsp..", ROOT + ".webrtc..").check(CLASSES);
        HouseRules.doesNotImport(ROOT + ".webrtc..", ROOT + ".rtsp..").check(CLASSES);
    }

    @TestFactory
    Stream<DynamicTest> webrtcLeavesStandAlone() {
        return WEBRTC_LEAVES.stream()
                .map(leaf -> DynamicTest.dynamicTest(
                        leaf,
                        () -> noClasses()
                                .that()
                                .resideInAPackage(ROOT + ".webrtc." + leaf + "..")
                                .should()
                                .dependOnClassesThat(resideInAPackage(ROOT + ".webrtc..")
                                        .and(DescribedPredicate.not(resideInAPackage(ROOT + ".webrtc." + leaf + ".."))))
                                .orShould()
                                .dependOnClassesThat()
                                .resideInAnyPackage(ROOT + ".egress..", ROOT + ".stream..")
                                .allowEmptyShould(true)
                                .check(CLASSES)));
    }

    @Test
    void relayKnowsNobodyAboveIt() {
        HouseRules.doesNotImport(
                        ROOT + "..",
                        "org.porchlight.control..",
                        "org.porchlight.bench..",
                        "org.bytedeco..",
                        "ch.qos.logback..")
                .check(CLASSES);
    }

    /** Vert.x serves the HTTP edges and never sees a packet. */
    @Test
    void onlyTheHttpEdgeAndItsWiringKnowVertx() {
        noClasses()
                .that()
                .resideOutsideOfPackages(ROOT + ".webrtc.whip.vertx..", ROOT + ".server..")
                .should()
                .dependOnClassesThat()
                .resideInAPackage("io.vertx..")
                .check(CLASSES);
    }

    @Test
    void protocolCoresDoNoInputAndOutput() {
        HouseRules.doNoInputAndOutput(cores()).check(CLASSES);
    }

    @Test
    void protocolCoresAreToldTheTimeAndTheDice() {
        HouseRules.readNoClockAndRollNoDice(cores()).check(CLASSES);
    }

    @Test
    void protocolCoresStartNoThreadAndTakeNoLock() {
        HouseRules.startNoThread(cores()).check(CLASSES);
    }

    @Test
    void namesSayWhatAThingIs() {
        HouseRules.NAMES_SAY_WHAT_A_THING_IS.check(CLASSES);
    }

    @Test
    void everyPackageIsNullMarked() {
        HouseRules.requireNullMarked(CLASSES);
    }

    private static String[] cores() {
        return Stream.of(
                        "rtp",
                        "codec",
                        "sdp",
                        "rtsp",
                        "rtsp.client",
                        "rtsp.server",
                        "webrtc.congestion",
                        "webrtc.ice",
                        "webrtc.negotiation",
                        "webrtc.publish",
                        "webrtc.session",
                        "webrtc.srtp",
                        "webrtc.whip")
                .map(room -> ROOT + "." + room)
                .toArray(String[]::new);
    }
}
