package org.porchlight.bench;

import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Callable;
import org.openjdk.jmh.profile.GCProfiler;
import org.openjdk.jmh.runner.Runner;
import org.openjdk.jmh.runner.RunnerException;
import org.openjdk.jmh.runner.options.ChainedOptionsBuilder;
import org.openjdk.jmh.runner.options.OptionsBuilder;
import org.porchlight.bench.jmh.LoopThreads;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** {@code bench jmh}: the benchmarks of the packet path, with allocation. */
@Command(
        name = "jmh",
        mixinStandardHelpOptions = true,
        description = "Runs the JMH benchmarks of the packet path with the allocation profile.")
final class JmhCommand implements Callable<Integer> {
    @Parameters(
            arity = "0..*",
            paramLabel = "PATTERN",
            description = "Regular expressions of benchmark names (default: all).")
    List<String> patterns = new ArrayList<>();

    @Option(names = "--forks", defaultValue = "1", description = "JVMs for each benchmark (default ${DEFAULT-VALUE}).")
    int forks;

    @Override
    public Integer call() throws RunnerException {
        ChainedOptionsBuilder options = new OptionsBuilder()
                .forks(forks)
                .addProfiler(GCProfiler.class)
                .jvmArgsAppend(
                        "-Dio.netty.leakDetection.level=disabled",
                        "-Djmh.executor=CUSTOM",
                        "-Djmh.executor.class=" + LoopThreads.class.getName());
        if (patterns.isEmpty()) {
            options.include("org\\.porchlight\\.bench\\.jmh\\..*");
        }
        patterns.forEach(options::include);
        new Runner(options.build()).run();
        return 0;
    }
}
