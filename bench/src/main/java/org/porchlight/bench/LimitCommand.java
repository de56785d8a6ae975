package org.porchlight.bench;

import java.io.IOException;
import java.io.PrintWriter;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.Callable;
import org.porchlight.bench.camera.BitRate;
import org.porchlight.bench.limit.FanOut;
import org.porchlight.bench.limit.JavaLimit;
import org.porchlight.bench.limit.LimitMode;
import org.porchlight.bench.limit.NativeLimit;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Spec;

/** {@code bench limit}: what the kernel work of a fan-out costs on this machine, now. */
@Command(
        name = "limit",
        mixinStandardHelpOptions = true,
        description =
                "Measures the floor of a fan-out: a sender that does only the kernel's part, in C where gcc is at hand, else in Java.")
final class LimitCommand implements Callable<Integer> {
    @Spec
    @SuppressWarnings("NullAway.Init")
    CommandSpec command;

    @Option(
            names = "--viewers",
            split = ",",
            defaultValue = "500",
            description = "Viewers; several numbers by comma (default ${DEFAULT-VALUE}).")
    List<Integer> viewers = new ArrayList<>();

    @Option(
            names = "--mode",
            split = ",",
            defaultValue = "TCP,TCP_PACKET,UDP_GSO,UDP_MMSG,UDP_SENDTO",
            description = "Any of ${COMPLETION-CANDIDATES} (default: all).")
    List<LimitMode> modes = new ArrayList<>();

    @Option(
            names = "--rate",
            defaultValue = "4M",
            description = "Bits per second of the stream (default ${DEFAULT-VALUE}).")
    String rate = "";

    @Option(names = "--fps", defaultValue = "25", description = "Frames per second (default ${DEFAULT-VALUE}).")
    int framesPerSecond;

    @Option(
            names = "--packet",
            defaultValue = "1200",
            description = "Length of a full RTP packet (default ${DEFAULT-VALUE}).")
    int packetBytes;

    @Option(names = "--seconds", defaultValue = "5", description = "Of each measurement (default ${DEFAULT-VALUE}).")
    double seconds;

    @Option(names = "--java", description = "Use the Java sender even if gcc is at hand.")
    boolean java;

    @Mixin
    JsonOption jsonOption = new JsonOption();

    @Override
    public Integer call() throws IOException, InterruptedException {
        PrintWriter out = command.commandLine().getOut();
        Optional<NativeLimit> compiled = java ? Optional.empty() : NativeLimit.compile();
        List<Map<String, Object>> results = new ArrayList<>();
        try {
            out.printf(
                    "floor by the %s sender%n%-12s %8s %10s %14s %14s %6s%n",
                    compiled.isPresent() ? "C" : "Java",
                    "mode",
                    "viewers",
                    "Gb/s",
                    "CPU ns/packet",
                    "CPU s/Gb",
                    "late");
            for (int count : viewers) {
                for (LimitMode mode : modes) {
                    FanOut fanOut = fanOut(count);
                    Map<String, Object> figures = compiled.isPresent()
                            ? compiled.get().measure(mode, fanOut)
                            : JavaLimit.measure(mode, fanOut);
                    results.add(result(compiled.isPresent(), mode, count, figures));
                    out.printf(
                            Locale.ROOT,
                            "%-12s %8d %10.3f %14.0f %14.4f %6.0f%n",
                            mode.word(),
                            count,
                            number(figures, "gigabits") / number(figures, "seconds"),
                            number(figures, "cpuNanosPerPacket"),
                            number(figures, "cpuSecondsPerGigabit"),
                            number(figures, "late"));
                    out.flush();
                }
            }
        } finally {
            if (compiled.isPresent()) {
                compiled.get().close();
            }
        }
        Map<String, Object> all = new LinkedHashMap<>();
        all.put("kind", "limit");
        all.put("results", results);
        jsonOption.write(all);
        return 0;
    }

    private FanOut fanOut(int count) {
        try {
            return FanOut.ofBitRate(count, BitRate.parse(rate), packetBytes, framesPerSecond, seconds);
        } catch (IllegalArgumentException e) {
            throw new ParameterException(command.commandLine(), String.valueOf(e.getMessage()), e);
        }
    }

    private static Map<String, Object> result(boolean inC, LimitMode mode, int viewers, Map<String, Object> figures) {
        Map<String, Object> result = new LinkedHashMap<>();
        result.put("sender", inC ? "c" : "java");
        result.put("mode", mode.word());
        result.put("viewers", viewers);
        result.putAll(figures);
        return result;
    }

    private static double number(Map<String, Object> figures, String name) {
        return figures.get(name) instanceof Number value ? value.doubleValue() : Double.NaN;
    }
}
