package org.porchlight.control.server;

import java.util.Optional;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.IVersionProvider;

/** The command line. */
@Command(
        name = "porchlight",
        description = "A live video relay: cameras in, viewers out, nothing without permission.",
        versionProvider = Main.Version.class,
        mixinStandardHelpOptions = true,
        subcommands = {
            RunCommand.class,
            CheckConfigCommand.class,
            HashPasswordCommand.class,
            MakeTokenCommand.class,
            VersionCommand.class
        })
public final class Main {
    private Main() {}

    /** Runs a command and ends the process with its code. */
    public static void main(String[] arguments) {
        System.exit(commandLine(RelayFactories.installed()).execute(arguments));
    }

    /** The command line with the media plane that {@code run} is to start. */
    static CommandLine commandLine(Optional<RelayFactory> relays) {
        CommandLine line = new CommandLine(new Main(), new CommandLine.IFactory() {
            @Override
            public <K> K create(Class<K> type) throws Exception {
                return type.equals(RunCommand.class)
                        ? type.cast(new RunCommand(relays))
                        : CommandLine.defaultFactory().create(type);
            }
        });
        line.setCaseInsensitiveEnumValuesAllowed(true);
        line.setExecutionExceptionHandler(new UserErrors());
        return line;
    }

    /** The version as the build wrote it into the jar. */
    static String version() {
        return Optional.ofNullable(Main.class.getPackage().getImplementationVersion())
                .orElse("(not from a jar)");
    }

    /** For {@code --version}. */
    static final class Version implements IVersionProvider {
        @Override
        public String[] getVersion() {
            return new String[] {"porchlight " + version()};
        }
    }
}
