package org.porchlight.bench;

import io.netty.channel.EventLoopGroup;
import java.io.IOException;
import java.io.PrintWriter;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.Callable;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import org.jspecify.annotations.Nullable;
import org.porchlight.bench.camera.BitRate;
import org.porchlight.bench.camera.Camera;
import org.porchlight.bench.camera.CameraGate;
import org.porchlight.bench.camera.CameraMedia;
import org.porchlight.bench.camera.CameraSpec;
import org.porchlight.bench.camera.CameraSpecs;
import org.porchlight.bench.camera.FleetCounters;
import org.porchlight.bench.camera.LiveEncoder;
import org.porchlight.bench.camera.RebootSchedule;
import org.porchlight.bench.camera.netty.CameraServer;
import org.porchlight.bench.camera.netty.Publishers;
import org.porchlight.bench.media.AacEncoder;
import org.porchlight.bench.media.AudioClip;
import org.porchlight.bench.media.ClipLibrary;
import org.porchlight.bench.media.Encoders;
import org.porchlight.bench.media.VideoClip;
import org.porchlight.bench.media.VideoFormat;
import org.porchlight.bench.report.ProcessCpu;
import org.porchlight.bench.rtsp.Login;
import org.porchlight.relay.codec.Codec;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Spec;

/** {@code bench cameras}: a fleet of synthetic cameras that is pulled from or pushes. */
@Command(
        name = "cameras",
        mixinStandardHelpOptions = true,
        description = "Runs synthetic cameras. They serve RTSP (default) or publish to a server.")
final class CamerasCommand implements Callable<Integer> {
    private static final double CALIBRATION_SECONDS = 5;

    @Spec
    @SuppressWarnings("NullAway.Init")
    CommandSpec command;

    @Option(names = "--count", defaultValue = "1", description = "Cameras, 1 to 10000 (default ${DEFAULT-VALUE}).")
    int count;

    @Option(
            names = "--bind",
            defaultValue = "127.0.0.1",
            description = "Address to serve on (default ${DEFAULT-VALUE}).")
    String bind = "";

    @Option(
            names = "--port",
            defaultValue = "9554",
            description = "Port to serve on, 0: any (default ${DEFAULT-VALUE}).")
    int port;

    @Option(
            names = "--publish",
            paramLabel = "URL",
            description = "Push by ANNOUNCE and RECORD to rtsp://host:port/path{} instead; {} is the camera's number.")
    @Nullable
    String publish;

    @Option(names = "--udp", description = "Publish over UDP (default: TCP).")
    boolean publishOverUdp;

    @Option(
            names = "--name",
            defaultValue = "cam{}",
            description = "Path of each served camera, {} is its number (default ${DEFAULT-VALUE}).")
    String name = "";

    @Option(names = "--codec", defaultValue = "h264", description = "h264 or h265 (default ${DEFAULT-VALUE}).")
    String codec = "";

    @Option(
            names = "--rate",
            defaultValue = "2M",
            description = "Bits per second, for example 4M or 600k (default ${DEFAULT-VALUE}).")
    String rate = "";

    @Option(names = "--fps", defaultValue = "25", description = "Frames per second (default ${DEFAULT-VALUE}).")
    int framesPerSecond;

    @Option(names = "--size", defaultValue = "640x360", description = "Width x height (default ${DEFAULT-VALUE}).")
    String size = "";

    @Option(
            names = "--gop",
            defaultValue = "2",
            description = "Seconds from keyframe to keyframe (default ${DEFAULT-VALUE}).")
    double gopSeconds;

    @Option(names = "--audio", description = "Add an AAC track.")
    boolean audio;

    @Option(
            names = "--transport",
            defaultValue = "any",
            description = "What the cameras agree to: any, tcp, udp (default ${DEFAULT-VALUE}).")
    String transport = "";

    @Option(names = "--loss", defaultValue = "0", description = "Percent of packets lost on purpose.")
    String loss = "";

    @Option(
            names = "--reorder",
            defaultValue = "0",
            description = "Percent of packets that change places with the next.")
    String reorder = "";

    @Option(names = "--jitter", defaultValue = "0", description = "Most that a frame is late, ms.")
    String jitter = "";

    @Option(
            names = "--reboot",
            defaultValue = "0",
            description = "Each camera restarts every so many seconds; 0: never.")
    String reboot = "";

    @Option(
            names = "--reboot-down",
            defaultValue = "3",
            description = "Seconds that a restart takes (default ${DEFAULT-VALUE}).")
    int rebootDownSeconds;

    @Option(
            names = "--packet",
            defaultValue = "1200",
            description = "Length of a full RTP packet (default ${DEFAULT-VALUE}).")
    String packet = "";

    @Option(
            names = "--camera",
            paramLabel = "N:KEY=VALUE,...",
            description =
                    "Makes camera N different. Keys: name, codec, size, fps, gop, rate, audio, transport, loss, reorder, jitter, reboot,"
                            + " packet. May be repeated.")
    List<String> overrides = new ArrayList<>();

    @Option(
            names = "--live-encode",
            description = "Encode really live, with a true clock, instead of replaying a clip. Costs CPU.")
    boolean liveEncode;

    @Option(
            names = "--user",
            paramLabel = "USER:PASSWORD",
            description = "Ask for (serve) or answer with (publish) these credentials.")
    @Nullable
    String user;

    @Option(
            names = "--auth",
            defaultValue = "digest",
            description = "basic, digest, digest_sha256 (default ${DEFAULT-VALUE}).")
    CameraGate.Scheme scheme = CameraGate.Scheme.DIGEST;

    @Mixin
    LoopOptions loopOptions = new LoopOptions();

    @Mixin
    JsonOption jsonOption = new JsonOption();

    @Option(
            names = "--duration",
            defaultValue = "0",
            description = "Seconds to run, 0: until stopped (default ${DEFAULT-VALUE}).")
    int durationSeconds;

    @Option(
            names = "--report",
            defaultValue = "10",
            description = "Seconds between two lines of figures, 0: none (default ${DEFAULT-VALUE}).")
    int reportSeconds;

    @Override
    public Integer call() throws IOException, InterruptedException {
        PrintWriter out = command.commandLine().getOut();
        List<CameraSpec> specs = specs();
        long zero = System.nanoTime();
        List<Camera> cameras = cameras(specs, zero, out);
        FleetCounters counters = new FleetCounters();
        EventLoopGroup loops = loopOptions.open();
        CountDownLatch stopped = new CountDownLatch(1);
        AtomicBoolean finished = new AtomicBoolean();
        Runtime.getRuntime().addShutdownHook(new Thread(() -> {
            stopped.countDown();
            awaitQuietly(finished);
        }));
        try {
            Runnable close = start(loops, cameras, counters, out);
            try {
                out.flush();
                run(stopped, counters, out);
            } finally {
                close.run();
            }
        } finally {
            LoopOptions.close(loops);
            finished.set(true);
        }
        return 0;
    }

    /** The JVM ends when its hooks do; the totals must be written by then. */
    private static void awaitQuietly(AtomicBoolean finished) {
        long deadline = System.nanoTime() + 3_000_000_000L;
        while (!finished.get() && System.nanoTime() - deadline < 0) {
            java.util.concurrent.locks.LockSupport.parkNanos(10_000_000);
        }
    }

    private List<CameraSpec> specs() {
        try {
            if (count < 1 || count > 10_000) {
                throw new IllegalArgumentException("count must be 1 to 10000");
            }
            VideoFormat format = new VideoFormat(
                    Codec.H264,
                    640,
                    360,
                    framesPerSecond,
                    CameraSpec.gopFrames(gopSeconds, framesPerSecond),
                    BitRate.parse(rate));
            CameraSpec example = new CameraSpec(1, name, format, audio, CameraSpec.Transports.ANY, 0, 0, 0, 0, 1_200)
                    .with("size", size)
                    .with("codec", codec)
                    .with("transport", transport)
                    .with("loss", loss)
                    .with("reorder", reorder)
                    .with("jitter", jitter)
                    .with("reboot", reboot)
                    .with("packet", packet);
            return CameraSpecs.of(example, count, name, overrides);
        } catch (IllegalArgumentException e) {
            throw new ParameterException(command.commandLine(), String.valueOf(e.getMessage()), e);
        }
    }

    private List<Camera> cameras(List<CameraSpec> specs, long zero, PrintWriter out) {
        ClipLibrary library = new ClipLibrary();
        Map<List<Object>, CameraMedia> shared = new HashMap<>();
        Optional<AudioClip> tone =
                specs.stream().anyMatch(CameraSpec::audio) ? Optional.of(AacEncoder.tone()) : Optional.empty();
        List<Camera> cameras = new ArrayList<>();
        for (CameraSpec spec : specs) {
            VideoClip clip = library.clip(spec.video())
                    .orElseThrow(() -> new ParameterException(
                            command.commandLine(), "camera " + spec.number() + ": " + Encoders.NO_HEVC));
            AudioClip sound = spec.audio() ? tone.orElse(null) : null;
            CameraMedia media = shared.computeIfAbsent(List.of(spec.video(), spec.audio(), spec.packetBytes()), key -> {
                CameraMedia made = CameraMedia.of(clip, sound, spec.packetBytes());
                out.printf(
                        Locale.ROOT,
                        "clip %s %dx%d %d/s, GOP %d frames, %.3f Mb/s, %.1f packets a frame, by %s%n",
                        spec.video().codec(),
                        spec.video().width(),
                        spec.video().height(),
                        spec.video().framesPerSecond(),
                        spec.video().gopFrames(),
                        made.videoBitsPerSecond() / 1e6,
                        made.meanPacketsPerFrame(),
                        clip.encoder());
                return made;
            });
            LiveEncoder live = liveEncode ? LiveEncoder.open(spec) : null;
            if (liveEncode && live == null) {
                out.printf(
                        "camera %d: %s cannot be encoded live here, it replays a clip%n",
                        spec.number(), spec.video().codec());
            }
            if (live != null) {
                live.start();
            }
            RebootSchedule reboots = RebootSchedule.of(zero, spec, specs.size(), rebootDownSeconds * 1_000_000_000L);
            cameras.add(new Camera(spec, media, reboots, live));
        }
        return cameras;
    }

    private Runnable start(EventLoopGroup loops, List<Camera> cameras, FleetCounters counters, PrintWriter out)
            throws IOException {
        Login login = user == null ? null : Login.parse(user);
        if (publish != null) {
            out.printf("%d cameras publish to %s over %s%n", count, publish, publishOverUdp ? "UDP" : "TCP");
            return Publishers.start(loops, cameras, publish, publishOverUdp, login, counters, loopOptions.seed)::close;
        }
        CameraGate gate = CameraGate.of(
                scheme, login, Long.toHexString(new java.util.SplittableRandom(loopOptions.seed).nextLong()));
        CameraServer server = CameraServer.start(loops, bind, port, cameras, gate, counters, loopOptions.seed);
        out.printf(
                "%d cameras serve rtsp://%s:%d/%s%n",
                count, bind, server.port(), count == 1 ? cameras.get(0).spec().name() : name);
        return server::close;
    }

    private void run(CountDownLatch stopped, FleetCounters counters, PrintWriter out)
            throws IOException, InterruptedException {
        long start = System.nanoTime();
        long end = durationSeconds == 0 ? Long.MAX_VALUE : durationSeconds * 1_000_000_000L;
        long step = reportSeconds == 0 ? Long.MAX_VALUE : reportSeconds * 1_000_000_000L;
        long lastBytes = 0;
        double lastCpu = ProcessCpu.ownSeconds();
        double best = 0;
        long reported = 0;
        while (true) {
            long since = System.nanoTime() - start;
            long wait = Math.min(end - since, step == Long.MAX_VALUE ? Long.MAX_VALUE : reported + step - since);
            if (wait > 0 && stopped.await(wait, TimeUnit.NANOSECONDS)) {
                break;
            }
            since = System.nanoTime() - start;
            double cpu = ProcessCpu.ownSeconds();
            double seconds = Math.max(1e-9, (since - reported) / 1e9);
            long bytes = counters.bytes.sum();
            double gigabits = (bytes - lastBytes) * 8 / 1e9;
            double perCore = cpu > lastCpu ? gigabits / (cpu - lastCpu) : 0;
            if (seconds > CALIBRATION_SECONDS / 2) {
                best = Math.max(best, perCore);
            }
            if (reportSeconds > 0 && !Thread.currentThread().isInterrupted()) {
                out.printf(
                        Locale.ROOT,
                        "%d sessions, %.3f Gb/s, %.2f cores, %.2f Gb/s per core, left out: %d blocked, %d late%n",
                        counters.sessions.get(),
                        gigabits / seconds,
                        (cpu - lastCpu) / seconds,
                        perCore,
                        counters.framesLeftOutBlocked.sum(),
                        counters.framesLeftOutLate.sum());
                out.flush();
            }
            reported = since;
            lastBytes = bytes;
            lastCpu = cpu;
            if (since >= end) {
                break;
            }
        }
        if (counters.framesLeftOutLate.sum() > 0) {
            out.println(
                    "WARNING: this machine could not keep the fleet's pace; the figures of the run are worth little");
        }
        Map<String, Object> totals = new LinkedHashMap<>();
        totals.put("kind", "cameras");
        totals.put("cameras", count);
        totals.put("seconds", (System.nanoTime() - start) / 1e9);
        totals.put("cpuSeconds", ProcessCpu.ownSeconds());
        totals.put("bestGigabitsPerCpuSecond", best);
        totals.putAll(counters.snapshot());
        jsonOption.write(totals);
        out.flush();
    }
}
