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
import org.porchlight.relay.webrtc.srtp.CipherProvider;
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
        List<String> jvmArgs = new ArrayList<>(List.of(
                "-Dio.netty.leakDetection.level=disabled",
                "-Djmh.executor=CUSTOM",
                "-Djmh.executor.class=" + LoopThreads.class.getName()));
        if (Runtime.version().feature() >= 22) {
            // The forked JVM has a class path, not the jar whose manifest allows this.
            jvmArgs.add("--enable-native-access=ALL-UNNAMED");
        }
        ChainedOptionsBuilder options = new OptionsBuilder()
                .forks(forks)
                .addProfiler(GCProfiler.class)
                .jvmArgsAppend(jvmArgs.toArray(String[]::new));
        if (CipherProvider.libcrypto().isEmpty()) {
            options.param("cipher", "jdk");
        }
        if (patterns.isEmpty()) {
            options.include("org\\.porchlight\\.bench\\.jmh\\..*");
        }
        patterns.forEach(options::include);
        new Runner(options.build()).run();
        return 0;
    }
}
