package org.porchlight.control.configuration;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.porchlight.control.configuration.ConfigurationWatch.Outcome;

final class ConfigurationWatchTest {
    private final ConfigurationLoader loader = new ConfigurationLoader(Surroundings.ofProcess());

    @TempDir
    Path folder;

    @Test
    void aChangeCountsWhenItHasSettled() throws Exception {
        Path file = write("porchlight.yaml", "limits: {connections: 5}");
        ConfigurationWatch watch = watch(file);
        assertThat(watch.poll()).isInstanceOf(Outcome.Unchanged.class);

        write("porchlight.yaml", "limits: {connections: 66}");
        assertThat(watch.poll()).isInstanceOf(Outcome.Settling.class);
        write("porchlight.yaml", "limits: {connections: 777}");
        assertThat(watch.poll()).isInstanceOf(Outcome.Settling.class);
        assertThat(changed(watch).limits().connections()).isEqualTo(777);
        assertThat(watch.poll()).isInstanceOf(Outcome.Unchanged.class);
    }

    @Test
    void aChangeBetweenLoadingAndWatchingIsNotMissed() throws Exception {
        Path file = write("porchlight.yaml", "limits: {connections: 5}");
        ConfigurationLoader.Loaded loaded = loader.load(file);
        write("porchlight.yaml", "limits: {connections: 6}");
        ConfigurationWatch watch = new ConfigurationWatch(file, loader, loaded);
        assertThat(watch.poll()).isInstanceOf(Outcome.Settling.class);
        assertThat(changed(watch).limits().connections()).isEqualTo(6);
    }

    @Test
    void noticesAnAtomicRenameAlsoOfTheSameSize() throws Exception {
        Path file = write("porchlight.yaml", "limits: {connections: 5}");
        ConfigurationWatch watch = watch(file);
        for (int connections = 6; connections <= 9; connections++) {
            Path next = write("porchlight.yaml.new", "limits: {connections: " + connections + "}");
            Files.move(next, file, StandardCopyOption.ATOMIC_MOVE);
            assertThat(watch.poll()).isInstanceOf(Outcome.Settling.class);
            assertThat(changed(watch).limits().connections()).isEqualTo(connections);
        }
    }

    @Test
    void noticesExchangedSymbolicLinksAsKubernetesMakesThem() throws Exception {
        Files.createDirectory(folder.resolve("..1"));
        Files.createDirectory(folder.resolve("..2"));
        write("..1/porchlight.yaml", "limits: {connections: 1, connections-per-address: 1}");
        write("..2/porchlight.yaml", "limits: {connections: 2, connections-per-address: 1}");
        Path data = Files.createSymbolicLink(folder.resolve("..data"), Path.of("..1"));
        Path file = Files.createSymbolicLink(folder.resolve("porchlight.yaml"), Path.of("..data/porchlight.yaml"));
        ConfigurationWatch watch = watch(file);
        assertThat(watch.poll()).isInstanceOf(Outcome.Unchanged.class);

        Path next = Files.createSymbolicLink(folder.resolve("..data_tmp"), Path.of("..2"));
        Files.move(next, data, StandardCopyOption.ATOMIC_MOVE);
        assertThat(watch.poll()).isInstanceOf(Outcome.Settling.class);
        assertThat(changed(watch).limits().connections()).isEqualTo(2);
    }

    @Test
    void aBrokenFileIsRefusedOnceAndTheRepairedOneTaken() throws Exception {
        Path file = write("porchlight.yaml", "limits: {connections: 5}");
        ConfigurationWatch watch = watch(file);
        write("porchlight.yaml", "limits: {connections: five}");
        assertThat(watch.poll()).isInstanceOf(Outcome.Settling.class);
        assertThat(watch.poll())
                .isInstanceOfSatisfying(
                        Outcome.Refused.class,
                        refused -> assertThat(refused.cause()).hasMessageContaining("porchlight.yaml:1:23"));
        assertThat(watch.poll()).isInstanceOf(Outcome.Unchanged.class);

        Files.delete(file);
        assertThat(watch.poll()).isInstanceOf(Outcome.Settling.class);
        assertThat(watch.poll()).isInstanceOf(Outcome.Refused.class);
        write("porchlight.yaml", "limits: {connections: 8}");
        assertThat(watch.poll()).isInstanceOf(Outcome.Settling.class);
        assertThat(changed(watch).limits().connections()).isEqualTo(8);
    }

    @Test
    void aRewrittenFileThatSaysTheSameIsNoChange() throws Exception {
        Path file = write("porchlight.yaml", "limits: {connections: 5}");
        ConfigurationWatch watch = watch(file);
        write("porchlight.yaml", "# a comment\nlimits: {connections: 5}");
        assertThat(watch.poll()).isInstanceOf(Outcome.Settling.class);
        assertThat(watch.poll()).isInstanceOf(Outcome.Unchanged.class);
        assertThat(watch.poll()).isInstanceOf(Outcome.Unchanged.class);
    }

    @Test
    void aChangedSecretFileIsAChangeAlsoWhenItCameInLater() throws Exception {
        Path file = write("porchlight.yaml", "limits: {connections: 5}");
        ConfigurationWatch watch = watch(file);
        write("secret", "one");
        write("porchlight.yaml", "access: {users: {al: {password: \"${file:secret}\", view: [\"*\"]}}}");
        assertThat(watch.poll()).isInstanceOf(Outcome.Settling.class);
        assertThat(changed(watch).access().users()).hasSize(1);
        assertThat(watch.watched()).contains(folder.resolve("secret"));

        write("secret", "another");
        pollUntilSettled(watch);
        assertThat(changed(watch)
                        .access()
                        .users()
                        .get(0)
                        .password()
                        .orElseThrow()
                        .reveal())
                .isEqualTo("another");
    }

    private static void pollUntilSettled(ConfigurationWatch watch) {
        assertThat(watch.poll()).isInstanceOf(Outcome.Settling.class);
    }

    private static NodeConfiguration changed(ConfigurationWatch watch) {
        Outcome outcome = watch.poll();
        assertThat(outcome).isInstanceOf(Outcome.Changed.class);
        return ((Outcome.Changed) outcome).loaded().configuration();
    }

    private ConfigurationWatch watch(Path file) throws ConfigurationException {
        ConfigurationWatch watch = new ConfigurationWatch(file, loader, loader.load(file));
        assertThat(watch.poll()).isInstanceOf(Outcome.Settling.class);
        assertThat(watch.poll()).isInstanceOf(Outcome.Unchanged.class);
        return watch;
    }

    private Path write(String name, String text) throws IOException {
        return Files.writeString(folder.resolve(name), text);
    }
}
