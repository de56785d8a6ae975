package org.porchlight.bench.report;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.Map;

/**
 * What Linux tells about a process at one moment, see proc(5).
 *
 * @param userSeconds CPU time in user mode since its start
 * @param systemSeconds CPU time in the kernel
 * @param residentKilobytes memory in use
 * @param peakKilobytes most that it ever was
 * @param proportionalKilobytes shared pages by their share, -1 when we may not read it
 * @param threads how many
 * @param descriptors open files and sockets
 * @param voluntarySwitches waits of all threads that live now
 * @param involuntarySwitches times they lost the CPU
 */
public record ProcessSample(
        double userSeconds,
        double systemSeconds,
        long residentKilobytes,
        long peakKilobytes,
        long proportionalKilobytes,
        int threads,
        int descriptors,
        long voluntarySwitches,
        long involuntarySwitches) {
    private static final double TICKS_PER_SECOND = 100;

    /**
     * Looks at a process.
     *
     * @throws IOException when there is no such process
     */
    public static ProcessSample of(long pid) throws IOException {
        Path proc = Path.of("/proc", String.valueOf(pid));
        String stat = Files.readString(proc.resolve("stat"), StandardCharsets.UTF_8);
        String[] fields = stat.substring(stat.lastIndexOf(')') + 2).split(" ");
        Map<String, Long> status = numbers(proc.resolve("status"));
        long voluntary = 0;
        long involuntary = 0;
        int threads = 0;
        try (DirectoryStream<Path> tasks = Files.newDirectoryStream(proc.resolve("task"))) {
            for (Path task : tasks) {
                try {
                    Map<String, Long> thread = numbers(task.resolve("status"));
                    voluntary += thread.getOrDefault("voluntary_ctxt_switches", 0L);
                    involuntary += thread.getOrDefault("nonvoluntary_ctxt_switches", 0L);
                    threads++;
                } catch (NoSuchFileException e) {
                    // the thread ended while we looked
                }
            }
        }
        return new ProcessSample(
                Long.parseLong(fields[11]) / TICKS_PER_SECOND,
                Long.parseLong(fields[12]) / TICKS_PER_SECOND,
                status.getOrDefault("VmRSS", 0L),
                status.getOrDefault("VmHWM", 0L),
                proportional(proc),
                threads,
                descriptors(proc),
                voluntary,
                involuntary);
    }

    private static long proportional(Path proc) {
        try {
            return numbers(proc.resolve("smaps_rollup")).getOrDefault("Pss", -1L);
        } catch (IOException e) {
            return -1;
        }
    }

    private static int descriptors(Path proc) throws IOException {
        try (DirectoryStream<Path> open = Files.newDirectoryStream(proc.resolve("fd"))) {
            int count = 0;
            for (Path unused : open) {
                count++;
            }
            return count;
        }
    }

    /** Lines like {@code Name:   123 kB}. */
    static Map<String, Long> numbers(Path file) throws IOException {
        Map<String, Long> numbers = new LinkedHashMap<>();
        for (String line : Files.readString(file, StandardCharsets.UTF_8).split("\n")) {
            int colon = line.indexOf(':');
            String[] words =
                    colon < 0 ? new String[0] : line.substring(colon + 1).trim().split("\\s+");
            if (words.length > 0 && !words[0].isEmpty() && words[0].chars().allMatch(c -> c >= '0' && c <= '9')) {
                numbers.put(line.substring(0, colon), Long.parseLong(words[0]));
            }
        }
        return numbers;
    }

    public double cpuSeconds() {
        return userSeconds + systemSeconds;
    }

    /** What the process used from {@code before} to this sample, with the memory as it is now. */
    public Map<String, Object> since(ProcessSample before, double seconds) {
        Map<String, Object> values = new LinkedHashMap<>();
        values.put("userSeconds", userSeconds - before.userSeconds);
        values.put("systemSeconds", systemSeconds - before.systemSeconds);
        values.put("cpuSeconds", cpuSeconds() - before.cpuSeconds());
        values.put("cores", (cpuSeconds() - before.cpuSeconds()) / seconds);
        values.put("residentMegabytes", residentKilobytes / 1_024.0);
        values.put("residentGrowthMegabytes", (residentKilobytes - before.residentKilobytes) / 1_024.0);
        values.put("peakMegabytes", peakKilobytes / 1_024.0);
        values.put("proportionalMegabytes", proportionalKilobytes / 1_024.0);
        values.put("threads", threads);
        values.put("descriptors", descriptors);
        values.put("voluntarySwitchesPerSecond", (voluntarySwitches - before.voluntarySwitches) / seconds);
        values.put("involuntarySwitchesPerSecond", (involuntarySwitches - before.involuntarySwitches) / seconds);
        return values;
    }

    /** Datagrams that this machine's sockets had no room for since boot, {@code RcvbufErrors} of UDP; -1: not told. */
    public static long udpReceiveDrops() {
        try {
            String[] names = new String[0];
            for (String line : Files.readString(Path.of("/proc/net/snmp"), StandardCharsets.UTF_8)
                    .split("\n")) {
                if (line.startsWith("Udp:")) {
                    String[] words = line.split("\\s+");
                    int at = java.util.Arrays.asList(names).indexOf("RcvbufErrors");
                    if (at > 0) {
                        return Long.parseLong(words[at]);
                    }
                    names = words;
                }
            }
        } catch (IOException e) {
            return -1;
        }
        return -1;
    }
}
