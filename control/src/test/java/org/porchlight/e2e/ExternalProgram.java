package org.porchlight.e2e;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * A running program of somebody else, and what it prints. Any thread may call; one reader thread fills the log, which is
 * guarded by {@code log}. Closing ends the process, first kindly.
 */
final class ExternalProgram implements AutoCloseable {

    /** Lines kept; older ones are forgotten. */
    private static final int MAX_LINES = 20_000;

    private static final Duration KINDNESS = Duration.ofSeconds(6);

    private final String name;
    private final Process process;
    private final Deque<String> log = new ArrayDeque<>();
    private final Thread reader;
    private boolean ended;
    private volatile boolean frozen;

    private ExternalProgram(String name, Process process) {
        this.name = name;
        this.process = process;
        this.reader = new Thread(this::read, name + "-output");
        reader.setDaemon(true);
        reader.start();
    }

    /** Starts {@code command}; standard error goes where standard output goes. */
    static ExternalProgram start(String name, List<String> command) {
        try {
            Process process =
                    new ProcessBuilder(command).redirectErrorStream(true).start();
            ExternalProgram program = new ExternalProgram(name, process);
            program.remember("$ " + String.join(" ", command));
            return program;
        } catch (IOException e) {
            throw new UncheckedIOException(name + " does not start; deploy/check installs what the tests need", e);
        }
    }

    private void read() {
        try (BufferedReader output =
                new BufferedReader(new InputStreamReader(process.getInputStream(), StandardCharsets.UTF_8))) {
            for (String line = output.readLine(); line != null; line = output.readLine()) {
                remember(line);
            }
        } catch (IOException e) {
            remember("(output lost: " + e.getMessage() + ")");
        }
        synchronized (log) {
            ended = true;
            log.notifyAll();
        }
    }

    private void remember(String line) {
        synchronized (log) {
            if (log.size() == MAX_LINES) {
                log.removeFirst();
            }
            log.addLast(line);
            log.notifyAll();
        }
    }

    long pid() {
        return process.pid();
    }

    boolean isRunning() {
        return process.isAlive();
    }

    /** Waits until a line matches, also one printed before; fails with the log when none does in time or the program ends. */
    Matcher awaitLine(Pattern pattern, Duration patience) {
        return awaitLines(pattern, 1, patience);
    }

    /** Waits until {@code count} lines match; the match of the last of them. */
    Matcher awaitLines(Pattern pattern, int count, Duration patience) {
        long deadline = System.nanoTime() + patience.toNanos();
        synchronized (log) {
            while (true) {
                int found = 0;
                for (String line : log) {
                    Matcher matcher = pattern.matcher(line);
                    if (matcher.find() && ++found == count) {
                        return matcher;
                    }
                }
                long left = TimeUnit.NANOSECONDS.toMillis(deadline - System.nanoTime());
                if (left <= 0 || ended) {
                    throw failure("printed " + found + " of " + count + " lines like '" + pattern + "' "
                            + (ended ? "before it ended" : "in " + patience));
                }
                try {
                    log.wait(left);
                } catch (InterruptedException e) {
                    Thread.currentThread().interrupt();
                    throw failure("interrupted");
                }
            }
        }
    }

    /** Lines printed so far that match. */
    int count(Pattern pattern) {
        synchronized (log) {
            return (int) log.stream().filter(pattern.asPredicate()).count();
        }
    }

    /** Waits for the end of the program; its exit code. A program that does not end in time is killed and fails the test. */
    int awaitExit(Duration patience) {
        try {
            if (!process.waitFor(patience.toMillis(), TimeUnit.MILLISECONDS)) {
                process.destroyForcibly();
                throw failure("still ran after " + patience);
            }
            reader.join(KINDNESS.toMillis());
            return process.exitValue();
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw failure("interrupted");
        }
    }

    /** Stops it where it stands (SIGSTOP): it keeps its sockets and reads no more. */
    void freeze() {
        signal("STOP");
        frozen = true;
    }

    /** Lets a frozen program go on (SIGCONT). */
    void thaw() {
        signal("CONT");
        frozen = false;
    }

    /** Asks it to end (SIGTERM). */
    void terminate() {
        process.destroy();
    }

    /** Ends it at once (SIGKILL). */
    void kill() {
        process.destroyForcibly();
    }

    private void signal(String signal) {
        try {
            int exit = new ProcessBuilder("/bin/kill", "-" + signal, Long.toString(pid()))
                    .inheritIO()
                    .start()
                    .waitFor();
            if (exit != 0) {
                throw failure("could not be sent SIG" + signal);
            }
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw failure("interrupted");
        }
    }

    /** All that it has printed. */
    String log() {
        synchronized (log) {
            return "---- " + name + " ----\n" + String.join("\n", log) + "\n";
        }
    }

    AssertionError failure(String what) {
        return new AssertionError(name + " " + what + "\n" + log());
    }

    @Override
    public void close() {
        try {
            process.getOutputStream().close();
        } catch (IOException e) {
            remember("(input already closed: " + e.getMessage() + ")");
        }
        try {
            if (process.isAlive()) {
                if (frozen) {
                    // A frozen process heeds SIGTERM only when it goes on.
                    thaw();
                }
                process.destroy();
            }
            if (!process.waitFor(KINDNESS.toMillis(), TimeUnit.MILLISECONDS)) {
                process.destroyForcibly();
            }
        } catch (InterruptedException e) {
            process.destroyForcibly();
            Thread.currentThread().interrupt();
        }
    }
}
