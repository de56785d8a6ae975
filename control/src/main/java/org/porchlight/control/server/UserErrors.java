package org.porchlight.control.server;

import java.io.PrintWriter;
import org.porchlight.control.configuration.ConfigurationException;
import org.porchlight.relay.server.BindFailure;
import picocli.CommandLine;

/** Says what the user can mend in one line each, and shows a stack trace only for what is our fault. */
final class UserErrors implements CommandLine.IExecutionExceptionHandler {
    @Override
    public int handleExecutionException(Exception e, CommandLine command, CommandLine.ParseResult arguments) {
        PrintWriter out = command.getErr();
        if (e instanceof ConfigurationException configuration) {
            configuration.problems().forEach(out::println);
            return ExitCode.CONFIGURATION;
        }
        if (e instanceof BindFailure bind) {
            out.println("porchlight: cannot listen on " + bind.getMessage() + " (key " + bind.key() + ")");
            return ExitCode.BIND;
        }
        if (e instanceof UserError) {
            out.println("porchlight: " + e.getMessage());
            return ExitCode.USAGE;
        }
        e.printStackTrace(out);
        return ExitCode.FAILURE;
    }
}
