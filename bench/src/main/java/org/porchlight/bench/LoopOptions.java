package org.porchlight.bench;

import io.netty.channel.EventLoopGroup;
import io.netty.channel.MultiThreadIoEventLoopGroup;
import io.netty.channel.epoll.EpollIoHandler;
import java.util.concurrent.TimeUnit;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Spec;

/** Options of commands that run on event loops and roll dice. */
final class LoopOptions {
    private static final int MOST_THREADS = 64;
    private static final int CLOSE_MILLIS = 2_000;

    @Spec(Spec.Target.MIXEE)
    @SuppressWarnings("NullAway.Init")
    CommandSpec command;

    @Option(
            names = "--threads",
            defaultValue = "1",
            description = "Event loops, 1 to " + MOST_THREADS + " (default ${DEFAULT-VALUE}).")
    int threads;

    @Option(names = "--seed", defaultValue = "1", description = "Of everything random (default ${DEFAULT-VALUE}).")
    long seed;

    /** As many loops as asked for; the caller closes them with {@link #close}. */
    EventLoopGroup open() {
        if (threads < 1 || threads > MOST_THREADS) {
            throw new ParameterException(command.commandLine(), "threads must be 1 to " + MOST_THREADS);
        }
        return new MultiThreadIoEventLoopGroup(threads, EpollIoHandler.newFactory());
    }

    /** Waits until the loops have ended, for two seconds at most. */
    static void close(EventLoopGroup loops) {
        loops.shutdownGracefully(0, 1, TimeUnit.SECONDS).awaitUninterruptibly(CLOSE_MILLIS);
    }
}
