package org.porchlight.bench;

import java.io.IOException;
import java.io.PrintWriter;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Callable;
import org.porchlight.bench.report.MarkdownReport;
import org.porchlight.bench.report.ResultFiles;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/** {@code bench report}: tables of several runs, with the ratio of each to the limit of the same hour. */
@Command(
        name = "report",
        mixinStandardHelpOptions = true,
        description = "Prints Markdown tables from the JSON files of cameras, viewers and limit.")
final class ReportCommand implements Callable<Integer> {
    @Spec
    @SuppressWarnings("NullAway.Init")
    CommandSpec command;

    @Parameters(
            arity = "1..*",
            paramLabel = "FILE",
            description = "JSON files, in the order in which rows shall stand.")
    List<Path> files = new ArrayList<>();

    @Override
    public Integer call() throws IOException {
        PrintWriter out = command.commandLine().getOut();
        out.print(MarkdownReport.write(ResultFiles.read(files)));
        out.flush();
        return 0;
    }
}
