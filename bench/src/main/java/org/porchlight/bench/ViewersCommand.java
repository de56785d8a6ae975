package org.porchlight.bench;

import io.netty.channel.EventLoopGroup;
import java.io.IOException;
import java.io.PrintWriter;
import java.net.URI;
import java.time.Instant;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import org.porchlight.bench.report.ProcessCpu;
import org.porchlight.bench.report.ProcessSample;
import org.porchlight.bench.rtsp.Login;
import org.porchlight.bench.rtsp.RtspTarget;
import org.porchlight.bench.viewer.CutOrder;
import org.porchlight.bench.viewer.CutTally;
import org.porchlight.bench.viewer.LoopTally;
import org.porchlight.bench.viewer.ViewerPlan;
import org.porchlight.bench.viewer.netty.ViewerSwarm;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Spec;

/** {@code bench viewers}: a swarm of RTSP clients that count what they get. */
@Command(
        name = "viewers",
        mixinStandardHelpOptions = true,
        description =
                "Watches any RTSP server with many viewers and reports loss, latency, time to the first picture, and the"
                        + " server's CPU and memory.")
final class ViewersCommand implements Callable<Integer> {
    private static final long POLL_MILLIS = 100;
    private static final long CUT_WATCH_MILLIS = 2_000;

    @Spec
    @SuppressWarnings("NullAway.Init")
    CommandSpec command;

    @Option(
            names = "--url",
            required = true,
            description = "rtsp://host:port/path{}; {} is filled with 1 to --cameras in turn. May be repeated.")
    List<String> urls = new ArrayList<>();

    @Option(names = "--cameras", defaultValue = "1", description = "Cameras that {} counts (default ${DEFAULT-VALUE}).")
    int cameras;

    @Option(names = "--count", defaultValue = "1", description = "Viewers, 1 to 20000 (default ${DEFAULT-VALUE}).")
    int count;

    @Option(names = "--udp", description = "Watch over UDP (default: TCP interleaved).")
    boolean udp;

    @Option(names = "--user", paramLabel = "USER:PASSWORD", description = "Credentials for Digest or Basic.")
    @Nullable
    String user;

    @Option(names = "--ramp", defaultValue = "200", description = "Joins per second (default ${DEFAULT-VALUE}).")
    double rampPerSecond;

    @Option(
            names = "--warmup",
            defaultValue = "3",
            description = "Seconds from the last join to the window (default ${DEFAULT-VALUE}).")
    int warmupSeconds;

    @Option(
            names = "--duration",
            defaultValue = "10",
            description = "Seconds of the window of measurement (default ${DEFAULT-VALUE}).")
    int durationSeconds;

    @Option(
            names = "--frozen",
            defaultValue = "0",
            description = "So many of the viewers stop reading when the window begins.")
    int frozen;

    @Option(names = "--slow", defaultValue = "0", description = "So many read only --slow-rate bytes per second (TCP).")
    int slow;

    @Option(
            names = "--slow-rate",
            defaultValue = "20000",
            description = "Bytes per second of a slow reader (default ${DEFAULT-VALUE}).")
    long slowRate;

    @Option(
            names = "--vanish",
            defaultValue = "0",
            description = "So many vanish without a word and come back, again and again.")
    int vanishing;

    @Option(
            names = "--vanish-after",
            defaultValue = "5",
            description = "Mean seconds until one vanishes (default ${DEFAULT-VALUE}).")
    double vanishAfterSeconds;

    @Option(names = "--come-back", description = "Frozen and slow viewers that were sent away join again.")
    boolean comeBack;

    @Option(names = "--late", defaultValue = "0", description = "So many join one by one within the window.")
    int late;

    @Option(
            names = "--stall",
            defaultValue = "1000",
            description = "A pause between frames above this many ms is a stall (default ${DEFAULT-VALUE}).")
    long stallMillis;

    @Option(names = "--any-camera", description = "Do not check that stamps bear the number that the URL asked for.")
    boolean anyCamera;

    @Option(
            names = "--receive-buffer",
            defaultValue = "524288",
            description = "Of each UDP socket, bytes (default ${DEFAULT-VALUE}).")
    int receiveBuffer;

    @Option(names = "--gro", description = "Let the kernel hand runs of UDP packets over as one: cheaper receivers.")
    boolean gro;

    @Option(
            names = "--cut",
            paramLabel = "URL",
            description =
                    "Behind the window, have the camera cut at this address of the management port (http://host:port/cuts)"
                            + " and tell when the viewers got their last packets. With one camera only.")
    @Nullable
    URI cut;

    @Option(names = "--pid", description = "Process of the server; its CPU and memory are reported.")
    @Nullable
    Long pid;

    @Mixin
    LoopOptions loopOptions = new LoopOptions();

    @Mixin
    JsonOption jsonOption = new JsonOption();

    @Option(names = "--label", defaultValue = "", description = "Name of this run in reports.")
    String label = "";

    @Override
    public Integer call() throws IOException, InterruptedException {
        PrintWriter out = command.commandLine().getOut();
        List<ViewerPlan> plans = plans();
        EventLoopGroup loops = loopOptions.open();
        try {
            Map<String, Object> figures = measure(loops, plans, out);
            print(figures, out);
            jsonOption.write(figures);
        } finally {
            LoopOptions.close(loops);
            out.flush();
        }
        return 0;
    }

    private Map<String, Object> measure(EventLoopGroup loops, List<ViewerPlan> plans, PrintWriter out)
            throws IOException, InterruptedException {
        ViewerSwarm swarm = new ViewerSwarm(
                loops,
                new ViewerSwarm.Settings(
                        udp,
                        user == null ? null : Login.parse(user),
                        stallMillis * 1_000_000L,
                        receiveBuffer,
                        slowRate,
                        (long) (vanishAfterSeconds * 1e9),
                        gro,
                        comeBack),
                loopOptions.seed);
        swarm.start(plans.stream().filter(plan -> !plan.late()).toList());
        awaitJoins(swarm, out);
        Thread.sleep(warmupSeconds * 1_000L);
        ProcessSample serverBefore = pid == null ? null : ProcessSample.of(pid);
        double ownBefore = ProcessCpu.ownSeconds();
        long dropsBefore = ProcessSample.udpReceiveDrops();
        swarm.beginWindow();
        swarm.start(plans.stream().filter(ViewerPlan::late).toList());
        long begin = System.nanoTime();
        Thread.sleep(durationSeconds * 1_000L);
        LoopTally tally = swarm.endWindow();
        double seconds = (System.nanoTime() - begin) / 1e9;
        Map<String, Object> figures = new LinkedHashMap<>();
        figures.put("kind", "viewers");
        figures.put("label", label);
        figures.put("transport", udp ? "udp" : "tcp");
        figures.put("viewers", count);
        figures.put("frozen", frozen);
        figures.put("slow", slow);
        figures.put("vanishing", vanishing);
        figures.put("seconds", seconds);
        figures.put("gigabitsPerSecond", tally.bytes() * 8 / 1e9 / seconds);
        figures.putAll(tally.snapshot());
        figures.put("udpReceiveDrops", ProcessSample.udpReceiveDrops() - dropsBefore);
        figures.put("benchCores", (ProcessCpu.ownSeconds() - ownBefore) / seconds);
        if (pid != null && serverBefore != null) {
            ProcessSample after = ProcessSample.of(pid);
            double cpu = after.cpuSeconds() - serverBefore.cpuSeconds();
            figures.put("server", after.since(serverBefore, seconds));
            if (tally.packets() > 0) {
                figures.put("serverCpuNanosPerPacket", cpu * 1e9 / tally.packets());
                figures.put("serverCpuSecondsPerGigabit", cpu / (tally.bytes() * 8 / 1e9));
            }
        }
        if (cut != null) {
            figures.putAll(cut(swarm, cut, plans.get(0).target()));
        }
        swarm.close();
        return figures;
    }

    private static Map<String, Object> cut(ViewerSwarm swarm, URI cuts, RtspTarget target)
            throws IOException, InterruptedException {
        String path = URI.create(target.uri()).getPath();
        CutOrder order = new CutOrder(cuts, path.substring(1));
        order.prepare();
        swarm.watchCut();
        Instant now = Instant.now();
        CutTally tally = new CutTally(now.getEpochSecond() * 1_000_000_000L + now.getNano());
        Map<String, Object> figures = new LinkedHashMap<>(order.cut());
        // Whatever was on its way comes now, if anything does.
        Thread.sleep(CUT_WATCH_MILLIS);
        swarm.tellCut(tally);
        figures.putAll(tally.snapshot());
        return figures;
    }

    private void awaitJoins(ViewerSwarm swarm, PrintWriter out) throws InterruptedException {
        int expected = count - late;
        long patience = System.nanoTime() + (long) (expected / rampPerSecond * 1e9) + 30_000_000_000L;
        int playing = 0;
        while (playing + swarm.failures() < expected && System.nanoTime() - patience < 0) {
            Thread.sleep(POLL_MILLIS);
            playing = swarm.playing();
        }
        out.printf("%d of %d viewers play%n", swarm.playing(), expected);
        out.flush();
    }

    private List<ViewerPlan> plans() {
        if (count < 1 || count > 20_000 || cameras < 1 || !(rampPerSecond > 0)) {
            throw new ParameterException(command.commandLine(), "count must be 1 to 20000, cameras and ramp above 0");
        }
        if (frozen + slow + vanishing + late > count) {
            throw new ParameterException(
                    command.commandLine(), "more frozen, slow, vanishing and late viewers than there are viewers");
        }
        List<ViewerPlan> plans = new ArrayList<>(count);
        for (int i = 0; i < count; i++) {
            boolean isLate = i >= count - late;
            ViewerPlan.Manners manners = i < frozen
                    ? ViewerPlan.Manners.FROZEN
                    : i < frozen + slow
                            ? ViewerPlan.Manners.SLOW
                            : i < frozen + slow + vanishing ? ViewerPlan.Manners.VANISHING : ViewerPlan.Manners.GOOD;
            String pattern = urls.get(i % urls.size());
            int camera = pattern.contains("{}") ? i / urls.size() % cameras + 1 : 0;
            long join = isLate
                    ? (i - (count - late)) * 900_000_000L * durationSeconds / late
                    : (long) (i / rampPerSecond * 1e9);
            try {
                plans.add(
                        new ViewerPlan(RtspTarget.of(pattern, camera), anyCamera ? 0 : camera, manners, join, isLate));
            } catch (IllegalArgumentException e) {
                throw new ParameterException(command.commandLine(), String.valueOf(e.getMessage()), e);
            }
        }
        return plans;
    }

    private static void print(Map<String, Object> figures, PrintWriter out) {
        figures.forEach((name, value) -> {
            if (value instanceof Map<?, ?> inner) {
                StringBuilder line = new StringBuilder();
                inner.forEach((key, number) ->
                        line.append("  ").append(key).append(' ').append(shown(number)));
                out.printf("%-28s%s%n", name, line);
            } else {
                out.printf("%-28s  %s%n", name, shown(value));
            }
        });
    }

    private static String shown(@Nullable Object value) {
        return value instanceof Double number ? String.format(Locale.ROOT, "%.3f", number) : String.valueOf(value);
    }
}
