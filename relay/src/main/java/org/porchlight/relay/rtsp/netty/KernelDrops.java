package org.porchlight.relay.rtsp.netty;

import java.io.BufferedReader;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.Executor;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;

/**
 * How many datagrams the kernel has dropped because a socket's buffer was full, read from {@code /proc/net/udp} and {@code udp6} at most every 10 s, off the event loops.
 * The socket option that tells the same with each datagram (SO_RXQ_OVFL) is not within reach of the transport that we use. Thread-safe. Where
 * the files are missing no drops are known.
 */
final class KernelDrops {
    private static final long INTERVAL_NANOS = TimeUnit.SECONDS.toNanos(10);
    /** More sockets than that are not looked at. */
    private static final int MAX_LINES = 100_000;

    private final List<Path> files;
    private final Executor worker;
    private final AtomicLong nextLookNanos;
    private volatile Look last;

    /** What one look found, begun at that time. */
    private record Look(long nanos, Map<Integer, Long> dropsByPort) {}

    /** @param worker where the files are read; may refuse */
    KernelDrops(Executor worker, long nowNanos) {
        this(List.of(Path.of("/proc/net/udp"), Path.of("/proc/net/udp6")), worker, nowNanos);
    }

    KernelDrops(List<Path> files, Executor worker, long nowNanos) {
        this.files = files;
        this.worker = worker;
        this.nextLookNanos = new AtomicLong(nowNanos);
        this.last = new Look(nowNanos, Map.of());
    }

    /** Has the files read anew if that is due; what they say is known a moment later. */
    void look(long nowNanos) {
        long next = nextLookNanos.get();
        if (nowNanos - next < 0 || !nextLookNanos.compareAndSet(next, nowNanos + INTERVAL_NANOS)) {
            return;
        }
        try {
            worker.execute(() -> read(nowNanos));
        } catch (RejectedExecutionException e) {
            // too much to do: the next look is in 10 s
        }
    }

    private void read(long nowNanos) {
        Map<Integer, Long> found = new HashMap<>();
        for (Path file : files) {
            try (BufferedReader reader = Files.newBufferedReader(file, StandardCharsets.US_ASCII)) {
                String line = reader.readLine(); // the heading
                for (int i = 0; i < MAX_LINES && line != null; i++) {
                    line = reader.readLine();
                    if (line != null) {
                        add(line, found);
                    }
                }
            } catch (IOException e) {
                // no such protocol, or no such file system
            }
        }
        last = new Look(nowNanos, found);
    }

    /** {@code sl local_address rem_address st tx:rx tr:when retrnsmt uid timeout inode ref pointer drops}; the address ends in ":port". */
    private static void add(String line, Map<Integer, Long> found) {
        String[] words = line.strip().split("\\s+");
        if (words.length < 13) {
            return;
        }
        try {
            int port = Integer.parseInt(words[1].substring(words[1].lastIndexOf(':') + 1), 16);
            long drops = Long.parseLong(words[words.length - 1]);
            if (drops > 0) {
                found.merge(port, drops, Long::sum);
            }
        } catch (NumberFormatException e) {
            // a line of another form tells nothing
        }
    }

    /**
     * Datagrams dropped at these local ports since their sockets were opened, as of the last look.
     *
     * @param openedNanos when they were opened: what an earlier look found there belongs to others
     */
    long at(int[] ports, long openedNanos) {
        Look known = last;
        if (known.nanos() - openedNanos < 0) {
            return 0;
        }
        long sum = 0;
        for (int port : ports) {
            sum += known.dropsByPort().getOrDefault(port, 0L);
        }
        return sum;
    }
}
