package org.porchlight.control.server;

import ch.qos.logback.classic.Level;
import java.lang.management.ManagementFactory;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.Callable;
import java.util.concurrent.CountDownLatch;
import org.porchlight.control.configuration.ConfigurationLoader;
import org.porchlight.control.configuration.ConfigurationLoader.Loaded;
import org.porchlight.control.configuration.Surroundings;
import org.porchlight.relay.server.Relay;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;

/** Runs a node until the process is told to end. */
@Command(name = "run", description = "Run a node until SIGTERM or SIGINT.", mixinStandardHelpOptions = true)
final class RunCommand implements Callable<Integer> {
    /** Levels that may be asked for. */
    enum LogLevel {
        ERROR,
        WARN,
        INFO,
        DEBUG
    }

    private final Optional<RelayFactory> relays;

    @Option(names = "--config", required = true, paramLabel = "FILE", description = "The configuration file.")
    private Path config = Path.of("");

    @Option(
            names = "--log-format",
            defaultValue = "human",
            description = "How log lines look: human or json (default: ${DEFAULT-VALUE}).")
    private LogOutput.Format logFormat = LogOutput.Format.HUMAN;

    @Option(
            names = "--log-level",
            defaultValue = "info",
            description = "error, warn, info or debug (default: ${DEFAULT-VALUE}).")
    private LogLevel logLevel = LogLevel.INFO;

    RunCommand(Optional<RelayFactory> relays) {
        this.relays = relays;
    }

    @Override
    public Integer call() throws Exception {
        LogOutput.configure(logFormat, Level.toLevel(logLevel.name()));
        ConfigurationLoader loader = new ConfigurationLoader(Surroundings.ofProcess());
        Loaded loaded = loader.load(config);
        Node node = new Node(config, loader, loaded, relays);
        CountDownLatch ended = new CountDownLatch(1);
        Thread hook = new Thread(
                () -> {
                    log().info("stopping");
                    node.stop();
                    log().info("stopped");
                    ended.countDown();
                },
                "porchlight-shutdown");
        try {
            node.start();
        } catch (Exception e) {
            node.stop();
            throw e;
        }
        Runtime.getRuntime().addShutdownHook(hook);
        announce(node, loaded);
        ended.await();
        return ExitCode.OK;
    }

    private static void announce(Node node, Loaded loaded) {
        long millis = System.currentTimeMillis()
                - ManagementFactory.getRuntimeMXBean().getStartTime();
        List<String> listeners =
                node.listeners().stream().map(RunCommand::shown).toList();
        log().info(
                        "porchlight {} runs: {} camera entries, {} users, media on {}, management port {}, {} ms after the start of the process",
                        Main.version(),
                        loaded.configuration().cameras().size(),
                        loaded.configuration().access().users().size(),
                        listeners.isEmpty() ? "no port" : String.join(", ", listeners),
                        node.managementPort(),
                        millis);
    }

    private static String shown(Relay.BoundListener listener) {
        return listener.scheme() + " port " + listener.port();
    }

    /** Fetched late, so that it logs as configured. */
    private static Logger log() {
        return LoggerFactory.getLogger(RunCommand.class);
    }
}
