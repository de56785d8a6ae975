package org.porchlight.bench;

import static org.assertj.core.api.Assertions.assertThat;

import io.netty.channel.EventLoopGroup;
import io.netty.channel.MultiThreadIoEventLoopGroup;
import io.netty.channel.epoll.EpollIoHandler;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.porchlight.bench.camera.Camera;
import org.porchlight.bench.camera.CameraGate;
import org.porchlight.bench.camera.CameraMedia;
import org.porchlight.bench.camera.CameraSpec;
import org.porchlight.bench.camera.CameraSpecs;
import org.porchlight.bench.camera.FleetCounters;
import org.porchlight.bench.camera.RebootSchedule;
import org.porchlight.bench.camera.netty.CameraServer;
import org.porchlight.bench.media.ClipLibrary;
import org.porchlight.bench.media.VideoFormat;
import org.porchlight.bench.rtsp.Login;
import org.porchlight.bench.rtsp.RtspTarget;
import org.porchlight.bench.viewer.LoopTally;
import org.porchlight.bench.viewer.ViewerPlan;
import org.porchlight.bench.viewer.netty.ViewerSwarm;
import org.porchlight.relay.codec.Codec;

/** Cameras and viewers of this module against each other, over real sockets. */
class LoopbackTest {
    private static final int CAMERAS = 3;
    private static final Login LOGIN = new Login("city", "p:w@#");
    private static final long PATIENCE_NANOS = 20_000_000_000L;

    private final EventLoopGroup loops = new MultiThreadIoEventLoopGroup(2, EpollIoHandler.newFactory());
    private final FleetCounters counters = new FleetCounters();

    @AfterEach
    void stopLoops() {
        loops.shutdownGracefully(0, 1, TimeUnit.SECONDS).awaitUninterruptibly();
    }

    @Test
    void viewersOverTcpWithDigestGetEveryFrameOfTheRightCamera() throws Exception {
        LoopTally tally = watch(false, CameraGate.Scheme.DIGEST_SHA256, List.of(), good());
        assertNothingLost(tally);
    }

    @Test
    void viewersOverUdpWithBasicGetEveryFrameOfTheRightCamera() throws Exception {
        LoopTally tally = watch(true, CameraGate.Scheme.BASIC, List.of(), good());
        assertNothingLost(tally);
    }

    @Test
    void viewersSeeTheLossThatACameraIsToldToMake() throws Exception {
        LoopTally tally = watch(true, null, List.of("1:loss=20", "2:loss=20", "3:loss=20"), good());
        assertThat(tally.packetsLost()).isPositive();
        assertThat(counters.packetsLostOnPurpose.sum()).isPositive();
    }

    @Test
    void aFrozenViewerCostsTheOthersNothing() throws Exception {
        List<ViewerPlan.Manners> manners = new ArrayList<>(good());
        manners.set(0, ViewerPlan.Manners.FROZEN);
        assertNothingLost(watch(false, null, List.of(), manners));
    }

    @Test
    void aCameraThatSpeaksOnlyTcpRefusesUdp() throws Exception {
        LoopTally tally = watch(true, null, List.of("1:transport=tcp", "2:transport=tcp", "3:transport=tcp"), good());
        assertThat(tally.snapshot()).containsEntry("refused", 6L).containsEntry("frames", 0L);
    }

    private static List<ViewerPlan.Manners> good() {
        return List.of(
                ViewerPlan.Manners.GOOD,
                ViewerPlan.Manners.GOOD,
                ViewerPlan.Manners.GOOD,
                ViewerPlan.Manners.GOOD,
                ViewerPlan.Manners.GOOD,
                ViewerPlan.Manners.GOOD);
    }

    private static void assertNothingLost(LoopTally tally) {
        Map<String, Object> figures = tally.snapshot();
        assertThat(tally.frames()).isGreaterThanOrEqualTo(60);
        assertThat(figures)
                .containsEntry("framesLost", 0L)
                .containsEntry("packetsLost", 0L)
                .containsEntry("framesDamaged", 0L)
                .containsEntry("framesWithoutStamp", 0L)
                .containsEntry("framesOfWrongCamera", 0L)
                .containsEntry("malformed", 0L)
                .containsEntry("refused", 0L)
                .containsEntry("connectFailures", 0L);
        assertThat(tally.latencyNanos.getTotalCount()).isPositive();
        assertThat(tally.firstKeyframeNanos.getTotalCount()).isPositive();
    }

    /** Watches until so many frames were sent that each viewer has some. */
    private LoopTally watch(
            boolean udp, CameraGate.@Nullable Scheme scheme, List<String> overrides, List<ViewerPlan.Manners> manners)
            throws Exception {
        VideoFormat format = new VideoFormat(Codec.H264, 160, 96, 25, 25, 300_000);
        CameraSpec example = new CameraSpec(1, "cam", format, false, CameraSpec.Transports.ANY, 0, 0, 0, 0, 1_200);
        CameraMedia media = CameraMedia.of(new ClipLibrary().clip(format).orElseThrow(), null, 1_200);
        List<Camera> cameras = CameraSpecs.of(example, CAMERAS, "cam{}", overrides).stream()
                .map(spec -> new Camera(spec, media, RebootSchedule.never(), null))
                .toList();
        CameraGate gate = scheme == null ? null : new CameraGate(scheme, LOGIN, "5ca1ab1e");
        try (CameraServer server = CameraServer.start(loops, "127.0.0.1", 0, cameras, gate, counters, 1)) {
            ViewerSwarm swarm = new ViewerSwarm(
                    loops,
                    new ViewerSwarm.Settings(
                            udp, LOGIN, 1_000_000_000L, 512 << 10, 20_000, 1_000_000_000L, false, false),
                    1);
            swarm.beginWindow();
            List<ViewerPlan> plans = new ArrayList<>();
            for (int i = 0; i < manners.size(); i++) {
                int camera = i % CAMERAS + 1;
                RtspTarget target = RtspTarget.of("rtsp://127.0.0.1:" + server.port() + "/cam{}", camera);
                plans.add(new ViewerPlan(target, camera, manners.get(i), 0, false));
            }
            swarm.start(plans);
            long wanted = 30L * plans.size();
            long deadline = System.nanoTime() + PATIENCE_NANOS;
            while (counters.frames.sum() < wanted && swarm.failures() < plans.size()) {
                assertThat(System.nanoTime() - deadline).as("in good time").isNegative();
                LockSupport.parkNanos(5_000_000);
            }
            LoopTally tally = swarm.endWindow();
            swarm.close();
            return tally;
        }
    }
}
