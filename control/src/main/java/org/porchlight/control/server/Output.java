package org.porchlight.control.server;

import java.io.PrintWriter;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Model.CommandSpec;

/** Where a command prints. */
final class Output {
    private Output() {}

    /** Standard output of the command line that a command belongs to; it is set before the command is called. */
    static PrintWriter of(@Nullable CommandSpec spec) {
        if (spec == null) {
            throw new IllegalStateException("the command was not called by its command line");
        }
        return spec.commandLine().getOut();
    }
}
