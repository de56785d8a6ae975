package org.porchlight.bench.jmh;

import java.util.concurrent.TimeUnit;
import org.openjdk.jmh.annotations.AuxCounters;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.BenchmarkMode;
import org.openjdk.jmh.annotations.Level;
import org.openjdk.jmh.annotations.Measurement;
import org.openjdk.jmh.annotations.Mode;
import org.openjdk.jmh.annotations.OutputTimeUnit;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.Setup;
import org.openjdk.jmh.annotations.State;
import org.openjdk.jmh.annotations.TearDown;
import org.openjdk.jmh.annotations.Warmup;

/**
 * What a packet costs inside the relay, without any system call: the way in ({@code ingest}), and what is made of a batch for one group of
 * viewers and handed to one socket ({@code represent…}). One operation is a GOP; {@code packets} tells packets per second, always counted as
 * the camera sends them.
 */
@State(Scope.Thread)
@BenchmarkMode(Mode.Throughput)
@OutputTimeUnit(TimeUnit.SECONDS)
@Warmup(iterations = 3, time = 1)
@Measurement(iterations = 5, time = 1)
public class PacketPathBenchmark {
    private static final int USUAL_PACKET = 1_200;
    private static final int LARGE_PACKET = 8_000;

    /** Packets beside operations. */
    @State(Scope.Thread)
    @AuxCounters(AuxCounters.Type.OPERATIONS)
    public static class Packets {
        public long packets;

        @Setup(Level.Iteration)
        public void clear() {
            packets = 0;
        }
    }

    private RelayPath usual = new RelayPath(USUAL_PACKET);
    private RelayPath large = new RelayPath(LARGE_PACKET);
    private RelayPath tcp = new RelayPath(USUAL_PACKET);
    private RelayPath udp = new RelayPath(USUAL_PACKET);
    private RelayPath cut = new RelayPath(LARGE_PACKET);

    @Setup
    public void warm() {
        for (RelayPath path : new RelayPath[] {tcp, udp, cut}) {
            path.gop();
            if (path == tcp) {
                path.watchByTcp();
            } else {
                path.watchByUdp();
            }
            path.record();
        }
    }

    @TearDown
    public void close() {
        for (RelayPath path : new RelayPath[] {usual, large, tcp, udp, cut}) {
            path.close();
        }
    }

    @Benchmark
    public void ingest(Packets counted) {
        usual.gop();
        counted.packets += usual.packets();
    }

    /** Packets that have to be measured for viewers over UDP. */
    @Benchmark
    public void ingestLargePackets(Packets counted) {
        large.gop();
        counted.packets += large.packets();
    }

    @Benchmark
    public long representTcpInPlace(Packets counted) {
        return replay(tcp, counted);
    }

    @Benchmark
    public long representUdp(Packets counted) {
        return replay(udp, counted);
    }

    /** Large packets that are cut. */
    @Benchmark
    public long representUdpCut(Packets counted) {
        return replay(cut, counted);
    }

    private static long replay(RelayPath path, Packets counted) {
        path.replay();
        counted.packets += path.packets();
        return path.sentBytes();
    }
}
