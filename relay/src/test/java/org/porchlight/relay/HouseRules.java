package org.porchlight.relay;

import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.noClasses;
import static org.assertj.core.api.Assertions.assertThat;

import com.tngtech.archunit.base.DescribedPredicate;
import com.tngtech.archunit.core.domain.JavaAccess;
import com.tngtech.archunit.core.domain.JavaClass;
import com.tngtech.archunit.core.domain.JavaClasses;
import com.tngtech.archunit.core.domain.JavaPackage;
import com.tngtech.archunit.lang.ArchRule;
import java.util.Set;
import java.util.TreeSet;
import java.util.concurrent.Executor;
import java.util.concurrent.ThreadLocalRandom;
import org.jspecify.annotations.NullMarked;

/** Rules of construction that hold in every module; each module's ArchitectureTest applies them to its own classes. */
public final class HouseRules {

    /** Words in type names that hide a missing idea. */
    public static final ArchRule NAMES_SAY_WHAT_A_THING_IS = noClasses()
            .that()
            .areTopLevelClasses()
            .should()
            .haveNameMatching(".*\\.[A-Za-z0-9]*(Util|Utils|Utilities|Common|Impl|Manager|Helper|Helpers)")
            .orShould()
            .haveNameMatching(".*\\.(Common|Abstract|I)[A-Z][A-Za-z0-9]*")
            .orShould()
            .resideInAnyPackage("..util..", "..common..", "..impl..", "..manager..", "..helper..")
            .allowEmptyShould(true);

    private static final Set<String> CLOCK_CALLS = Set.of(
            "java.lang.System.nanoTime",
            "java.lang.System.currentTimeMillis",
            "java.time.Instant.now",
            "java.time.LocalDateTime.now",
            "java.time.LocalDate.now",
            "java.time.OffsetDateTime.now",
            "java.time.ZonedDateTime.now",
            "java.time.Clock.systemUTC",
            "java.time.Clock.systemDefaultZone",
            "java.time.Clock.system");

    private static final Set<String> DICE = Set.of(
            "java.util.Random.<init>",
            "java.util.SplittableRandom.<init>",
            "java.security.SecureRandom.<init>",
            "java.security.SecureRandom.getInstanceStrong",
            "java.util.UUID.randomUUID",
            "java.lang.Math.random");

    private HouseRules() {}

    /** Classes of {@code packageIdentifier} depend on none of {@code others}. */
    public static ArchRule doesNotImport(String packageIdentifier, String... others) {
        return noClasses()
                .that()
                .resideInAPackage(packageIdentifier)
                .should()
                .dependOnClassesThat()
                .resideInAnyPackage(others)
                .allowEmptyShould(true);
    }

    /** Calculations: no channel, no socket, no file. Buffers are allowed. */
    public static ArchRule doNoInputAndOutput(String... packages) {
        return noClasses()
                .that()
                .resideInAnyPackage(packages)
                .should()
                .dependOnClassesThat()
                .resideInAnyPackage(
                        "io.netty.channel..",
                        "io.netty.bootstrap..",
                        "io.netty.handler..",
                        "java.nio.channels..",
                        "java.nio.file..",
                        "javax.net..")
                .orShould()
                .dependOnClassesThat()
                .haveNameMatching(
                        "java\\.net\\.(Datagram|Server|Multicast)?Socket|java\\.io\\.(File.*|RandomAccessFile)")
                .allowEmptyShould(true);
    }

    /** Time and randomness come as arguments. */
    public static ArchRule readNoClockAndRollNoDice(String... packages) {
        return noClasses()
                .that()
                .resideInAnyPackage(packages)
                .should()
                .accessTargetWhere(calls("a clock or dice", access -> {
                    String target = access.getTargetOwner().getFullName() + "." + access.getName();
                    return CLOCK_CALLS.contains(target) || DICE.contains(target);
                }))
                .orShould()
                .dependOnClassesThat()
                .areAssignableTo(ThreadLocalRandom.class)
                .allowEmptyShould(true);
    }

    /** No thread, no executor, no lock: the owner calls. */
    public static ArchRule startNoThread(String... packages) {
        return noClasses()
                .that()
                .resideInAnyPackage(packages)
                .should()
                .dependOnClassesThat()
                .areAssignableTo(Thread.class)
                .orShould()
                .dependOnClassesThat()
                .areAssignableTo(Executor.class)
                .orShould()
                .dependOnClassesThat()
                .resideInAnyPackage("java.util.concurrent.locks..", "io.netty.util.concurrent..")
                .allowEmptyShould(true);
    }

    /** Every package that has classes says {@link NullMarked}. */
    public static void requireNullMarked(JavaClasses classes) {
        Set<String> unmarked = new TreeSet<>();
        for (JavaClass type : classes) {
            JavaPackage home = type.getPackage();
            if (!home.isAnnotatedWith(NullMarked.class)) {
                unmarked.add(home.getName());
            }
        }
        assertThat(unmarked).as("packages without @NullMarked").isEmpty();
    }

    private static DescribedPredicate<JavaAccess<?>> calls(
            String what, java.util.function.Predicate<JavaAccess<?>> predicate) {
        return DescribedPredicate.describe("calls " + what, predicate);
    }
}
