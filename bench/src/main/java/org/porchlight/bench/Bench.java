package org.porchlight.bench;

import picocli.CommandLine;
import picocli.CommandLine.Command;

/** Command line of the bench. */
@Command(
        name = "bench",
        description = "Camera fleet, viewer swarm and limits, against any RTSP server.",
        mixinStandardHelpOptions = true,
        subcommands = {
            CamerasCommand.class,
            ViewersCommand.class,
            LimitCommand.class,
            ReportCommand.class,
            JmhCommand.class
        })
public final class Bench {

    private Bench() {}

    static CommandLine commandLine() {
        return new CommandLine(new Bench()).setCaseInsensitiveEnumValuesAllowed(true);
    }

    public static void main(String[] args) {
        System.exit(commandLine().execute(args));
    }
}
