package org.porchlight.control.server;

import java.io.PrintWriter;
import java.nio.file.Path;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import org.porchlight.control.configuration.ConfigurationLoader;
import org.porchlight.control.configuration.ConfigurationLoader.Loaded;
import org.porchlight.control.configuration.Surroundings;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

/** Reads a configuration as {@code run} would, and says what is wrong. */
@Command(
        name = "check-config",
        description = "Check a configuration file and all it refers to, without running.",
        mixinStandardHelpOptions = true)
final class CheckConfigCommand implements Callable<Integer> {
    @Spec
    private @Nullable CommandSpec spec;

    @Option(names = "--config", required = true, paramLabel = "FILE", description = "The configuration file.")
    private Path config = Path.of("");

    @Override
    public Integer call() throws Exception {
        Loaded loaded = new ConfigurationLoader(Surroundings.ofProcess()).load(config);
        PrintWriter out = Output.of(spec);
        loaded.warnings().forEach(warning -> out.println("warning: " + warning));
        out.println(config + ": good; " + loaded.configuration().cameras().size() + " camera entries, "
                + loaded.configuration().access().users().size() + " users");
        return ExitCode.OK;
    }
}
