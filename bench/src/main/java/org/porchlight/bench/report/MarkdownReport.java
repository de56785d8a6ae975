package org.porchlight.bench.report;

import java.util.List;
import java.util.Locale;
import java.util.Map;

/** Tables for people: what each run cost, and how far from the limit of the same machine and hour it was. */
public final class MarkdownReport {
    private static final String NOTHING = "–";

    private MarkdownReport() {}

    public static String write(ResultFiles results) {
        StringBuilder out = new StringBuilder();
        if (!results.viewers().isEmpty()) {
            viewers(out, results);
            delivered(out, results.viewers());
        }
        if (!results.limits().isEmpty()) {
            limits(out, results.limits());
        }
        if (!results.cameras().isEmpty()) {
            cameras(out, results.cameras());
        }
        return out.toString();
    }

    private static void viewers(StringBuilder out, ResultFiles results) {
        out.append(
                "| run | transport | viewers | Gb/s | server cores | CPU ns/packet | CPU s/Gb | against the limit | against the plain way |\n");
        out.append("|---|---|--:|--:|--:|--:|--:|--:|--:|\n");
        for (Map<?, ?> run : results.viewers()) {
            double nanos = ResultFiles.number(run, "serverCpuNanosPerPacket");
            boolean tcp = "tcp".equals(run.get("transport"));
            double viewers = ResultFiles.number(run, "viewers");
            double limit = tcp
                    ? limitOf(results.limits(), viewers, "tcp")
                    : least(
                            limitOf(results.limits(), viewers, "udp-gso"),
                            limitOf(results.limits(), viewers, "udp-mmsg"));
            double plain = limitOf(results.limits(), viewers, tcp ? "tcp-packet" : "udp-sendto");
            out.append("| ")
                    .append(text(run.get("label")))
                    .append(" | ")
                    .append(run.get("transport"))
                    .append(" | ")
                    .append(format(viewers, 0))
                    .append(" | ")
                    .append(format(ResultFiles.number(run, "gigabitsPerSecond"), 3))
                    .append(" | ")
                    .append(format(ResultFiles.number(run, "server", "cores"), 2))
                    .append(" | ")
                    .append(format(nanos, 0))
                    .append(" | ")
                    .append(format(ResultFiles.number(run, "serverCpuSecondsPerGigabit"), 4))
                    .append(" | ")
                    .append(ratio(nanos / limit))
                    .append(" | ")
                    .append(ratio(nanos / plain))
                    .append(" |\n");
        }
        out.append('\n');
    }

    private static double least(double a, double b) {
        return Double.isNaN(a) ? b : Double.isNaN(b) ? a : Math.min(a, b);
    }

    /** CPU ns per packet of a mode, at the number of viewers that is nearest (by ratio). */
    static double limitOf(List<Map<?, ?>> limits, double viewers, String mode) {
        double best = Double.NaN;
        double distance = Double.MAX_VALUE;
        for (Map<?, ?> limit : limits) {
            double away = Math.abs(Math.log(ResultFiles.number(limit, "viewers") / viewers));
            if (mode.equals(limit.get("mode")) && away < distance) {
                distance = away;
                best = ResultFiles.number(limit, "cpuNanosPerPacket");
            }
        }
        return best;
    }

    private static void delivered(StringBuilder out, List<Map<?, ?>> runs) {
        out.append(
                "| run | frames expected | lost | damaged | packets lost | stalls | latency ms p50 / p99 / max | first keyframe ms p50 / p99 | server MB (growth) |\n");
        out.append("|---|--:|--:|--:|--:|--:|--:|--:|--:|\n");
        for (Map<?, ?> run : runs) {
            out.append("| ").append(text(run.get("label")));
            for (String name : List.of("framesExpected", "framesLost", "framesDamaged", "packetsLost", "stalls")) {
                out.append(" | ").append(format(ResultFiles.number(run, name), 0));
            }
            out.append(" | ")
                    .append(format(ResultFiles.number(run, "latencyMillis", "p50"), 2))
                    .append(" / ")
                    .append(format(ResultFiles.number(run, "latencyMillis", "p99"), 2))
                    .append(" / ")
                    .append(format(ResultFiles.number(run, "latencyMillis", "max"), 1))
                    .append(" | ")
                    .append(format(ResultFiles.number(run, "firstKeyframeMillis", "p50"), 1))
                    .append(" / ")
                    .append(format(ResultFiles.number(run, "firstKeyframeMillis", "p99"), 1))
                    .append(" | ")
                    .append(format(ResultFiles.number(run, "server", "residentMegabytes"), 0))
                    .append(" (")
                    .append(format(ResultFiles.number(run, "server", "residentGrowthMegabytes"), 1))
                    .append(") |\n");
        }
        out.append('\n');
    }

    private static void limits(StringBuilder out, List<Map<?, ?>> limits) {
        out.append(
                "| limit, sender | mode | viewers | CPU ns/packet | CPU s/Gb | Gb/s per core |\n|---|---|--:|--:|--:|--:|\n");
        for (Map<?, ?> limit : limits) {
            double perGigabit = ResultFiles.number(limit, "cpuSecondsPerGigabit");
            out.append("| ")
                    .append(text(limit.get("sender")))
                    .append(" | ")
                    .append(text(limit.get("mode")))
                    .append(" | ")
                    .append(format(ResultFiles.number(limit, "viewers"), 0))
                    .append(" | ")
                    .append(format(ResultFiles.number(limit, "cpuNanosPerPacket"), 0))
                    .append(" | ")
                    .append(format(perGigabit, 4))
                    .append(" | ")
                    .append(format(1 / perGigabit, 1))
                    .append(" |\n");
        }
        out.append('\n');
    }

    private static void cameras(StringBuilder out, List<Map<?, ?>> fleets) {
        out.append(
                "| cameras | Gb/s per core at best | frames | left out, late | left out, blocked |\n|--:|--:|--:|--:|--:|\n");
        for (Map<?, ?> fleet : fleets) {
            out.append("| ").append(format(ResultFiles.number(fleet, "cameras"), 0));
            out.append(" | ").append(format(ResultFiles.number(fleet, "bestGigabitsPerCpuSecond"), 2));
            for (String name : List.of("frames", "framesLeftOutLate", "framesLeftOutBlocked")) {
                out.append(" | ").append(format(ResultFiles.number(fleet, name), 0));
            }
            out.append(" |\n");
        }
        out.append('\n');
    }

    private static String text(@org.jspecify.annotations.Nullable Object value) {
        return value == null || value.toString().isBlank()
                ? NOTHING
                : value.toString().replace('|', '/');
    }

    private static String ratio(double value) {
        return Double.isNaN(value) ? NOTHING : String.format(Locale.ROOT, "%.2fx", value);
    }

    private static String format(double value, int digits) {
        return Double.isFinite(value) ? String.format(Locale.ROOT, "%." + digits + "f", value) : NOTHING;
    }
}
