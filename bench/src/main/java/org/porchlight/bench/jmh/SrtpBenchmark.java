package org.porchlight.bench.jmh;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import java.lang.management.ManagementFactory;
import java.lang.management.ThreadMXBean;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.openjdk.jmh.annotations.AuxCounters;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.BenchmarkMode;
import org.openjdk.jmh.annotations.Level;
import org.openjdk.jmh.annotations.Measurement;
import org.openjdk.jmh.annotations.Mode;
import org.openjdk.jmh.annotations.OutputTimeUnit;
import org.openjdk.jmh.annotations.Param;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.Setup;
import org.openjdk.jmh.annotations.State;
import org.openjdk.jmh.annotations.TearDown;
import org.openjdk.jmh.annotations.Warmup;
import org.porchlight.relay.rtp.RtpHeader;
import org.porchlight.relay.webrtc.srtp.CipherProvider;
import org.porchlight.relay.webrtc.srtp.MasterKey;
import org.porchlight.relay.webrtc.srtp.SrtpFailure;
import org.porchlight.relay.webrtc.srtp.SrtpProfile;
import org.porchlight.relay.webrtc.srtp.SrtpReceiver;
import org.porchlight.relay.webrtc.srtp.SrtpSender;

/**
 * What it costs to protect and to open one SRTP packet of 1,200 bytes, from shared payload to the packet and back. {@code cpuNanos} is the
 * thread's own time for a packet, which other work of the machine disturbs less than the time on the wall.
 */
@State(Scope.Thread)
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.NANOSECONDS)
@Warmup(iterations = 3, time = 1)
@Measurement(iterations = 1, time = 3) // JMH would add up cpuNanos of several
public class SrtpBenchmark {
    private static final int PAYLOAD_BYTES = 1_188;
    private static final int PLAIN_BYTES = RtpHeader.FIXED_LENGTH + PAYLOAD_BYTES;
    /** Protected packets that are opened in turn; then a new receiver, which has not seen them, takes over. */
    private static final int SEALED_PACKETS = 4_096;

    /** Processor time of the measuring thread for a packet. */
    @State(Scope.Thread)
    @AuxCounters(AuxCounters.Type.EVENTS)
    public static class Cpu {
        private static final ThreadMXBean THREADS = ManagementFactory.getThreadMXBean();

        private long begin;
        private long packets;

        @Setup(Level.Iteration)
        public void begin() {
            packets = 0;
            begin = THREADS.getCurrentThreadCpuTime();
        }

        public double cpuNanos() {
            return (double) (THREADS.getCurrentThreadCpuTime() - begin) / packets;
        }
    }

    /** As many viewers as send in turn: a thousand find their keys no longer in the caches. */
    @State(Scope.Thread)
    public static class Senders {
        @Param({"1", "1000"})
        public int senders = 1;

        private final List<SrtpSender> all = new ArrayList<>();
        private int next;
        private int sequenceNumber;

        @Setup
        public void prepare(SrtpBenchmark benchmark) {
            for (int i = 0; i < senders; i++) {
                all.add(new SrtpSender(benchmark.key, benchmark.provider));
            }
        }

        @TearDown
        public void close() {
            all.forEach(SrtpSender::close);
            all.clear();
        }

        private int protect(ByteBuf out, ByteBuf payload) {
            SrtpSender sender = all.get(next++);
            if (next == all.size()) {
                next = 0;
                sequenceNumber++;
            }
            return SrtpBenchmark.protect(sender, sequenceNumber, out, 0, payload);
        }
    }

    /** Where AES comes from: {@code jdk} or {@code libcrypto}. */
    @Param({"jdk", "libcrypto"})
    public String cipher = "jdk";

    @Param
    public SrtpProfile profile = SrtpProfile.AEAD_AES_128_GCM;

    private CipherProvider provider = CipherProvider.jdk();
    private MasterKey key = zeroKey(profile);
    private SrtpReceiver receiver = new SrtpReceiver(key, provider);

    private final ByteBuf payload = Unpooled.directBuffer(PAYLOAD_BYTES).writeZero(PAYLOAD_BYTES);
    private final ByteBuf packet = Unpooled.directBuffer(PLAIN_BYTES + SrtpProfile.MAX_RTP_OVERHEAD);
    private ByteBuf sealed = Unpooled.EMPTY_BUFFER;
    private int sealedBytes;
    private int opened;

    @Setup
    public void prepare() {
        release();
        provider = cipher.equals("jdk")
                ? CipherProvider.jdk()
                : CipherProvider.libcrypto().orElseThrow(() -> new IllegalStateException("no libcrypto for this JDK"));
        key = zeroKey(profile);
        sealedBytes = PLAIN_BYTES + profile.rtpOverhead();
        sealed = Unpooled.directBuffer(SEALED_PACKETS * sealedBytes);
        try (SrtpSender sender = new SrtpSender(key, provider)) {
            for (int i = 0; i < SEALED_PACKETS; i++) {
                protect(sender, i, sealed, i * sealedBytes, payload);
            }
        }
        receiver = new SrtpReceiver(key, provider);
    }

    private static MasterKey zeroKey(SrtpProfile profile) {
        return new MasterKey(profile, new byte[profile.keyLength()], new byte[profile.saltLength()]);
    }

    private static int protect(SrtpSender sender, int sequenceNumber, ByteBuf out, int index, ByteBuf payload) {
        RtpHeader.write(out, index, false, 96, sequenceNumber, 0, 1);
        return checked(sender.protectRtp(out, index, RtpHeader.FIXED_LENGTH, 0, payload, 0, PAYLOAD_BYTES));
    }

    private static int checked(int result) {
        if (result < 0) {
            throw new IllegalStateException(SrtpFailure.of(result).name());
        }
        return result;
    }

    @TearDown
    public void release() {
        receiver.close();
        if (sealed.refCnt() > 0 && sealed.capacity() > 0) {
            sealed.release();
        }
    }

    @Benchmark
    public int protect(Senders senders, Cpu cpu) {
        cpu.packets++;
        return senders.protect(packet, payload);
    }

    /** With the copy of 1.2 KB that keeps the protected packet for the next turn. */
    @Benchmark
    public int unprotect(Cpu cpu) {
        cpu.packets++;
        if (opened == SEALED_PACKETS) {
            opened = 0;
            receiver.close();
            receiver = new SrtpReceiver(key, provider);
        }
        packet.setBytes(0, sealed, opened++ * sealedBytes, sealedBytes);
        return checked(receiver.unprotectRtp(packet, 0, sealedBytes));
    }
}
