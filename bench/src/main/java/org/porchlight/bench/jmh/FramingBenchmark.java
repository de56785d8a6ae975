package org.porchlight.bench.jmh;

import io.netty.buffer.ByteBuf;
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
import org.porchlight.relay.codec.PayloadScanner;
import org.porchlight.relay.codec.PayloadScanners;
import org.porchlight.relay.rtp.RtpHeader;
import org.porchlight.relay.rtsp.FramingError;
import org.porchlight.relay.rtsp.InterleavedFramer;
import org.porchlight.relay.rtsp.RtspMessage;

/** From a camera's bytes to known packets: framing alone, and with header check and scanner. {@code packets} tells packets per second. */
@State(Scope.Thread)
@BenchmarkMode(Mode.Throughput)
@OutputTimeUnit(TimeUnit.SECONDS)
@Warmup(iterations = 3, time = 1)
@Measurement(iterations = 5, time = 1)
public class FramingBenchmark {
    private ClipFrames frames = new ClipFrames();
    private InterleavedFramer framer = new InterleavedFramer(InterleavedFramer.Limits.client());
    private PayloadScanner scanner = PayloadScanners.forFormat(frames.track());

    /** Packets beside operations: one operation is a whole clip. */
    @State(Scope.Thread)
    @AuxCounters(AuxCounters.Type.OPERATIONS)
    public static class Packets {
        public long packets;

        @Setup(Level.Iteration)
        public void clear() {
            packets = 0;
        }
    }

    @TearDown
    public void release() {
        frames.release();
    }

    @Benchmark
    public int framing(Packets counted) {
        Counting sink = new Counting();
        ByteBuf stream = frames.streamView();
        framer.parse(stream, stream.readerIndex(), stream.writerIndex(), sink);
        counted.packets += sink.count;
        return sink.count;
    }

    @Benchmark
    public int framingHeaderAndScanner(Packets counted) {
        Scanning sink = new Scanning(frames.streamView(), scanner);
        ByteBuf stream = frames.streamView();
        framer.parse(stream, stream.readerIndex(), stream.writerIndex(), sink);
        counted.packets += sink.count;
        return sink.flags;
    }

    private static class Counting implements InterleavedFramer.Sink {
        int count;

        @Override
        public void onInterleaved(int channel, int offset, int length) {
            count++;
        }

        @Override
        public void onMessage(RtspMessage message) {
            throw new IllegalStateException("the clip holds no messages");
        }

        @Override
        public void onGarbage(int bytes) {
            throw new IllegalStateException("the clip holds no garbage");
        }

        @Override
        public void onFatal(FramingError error) {
            throw new IllegalStateException("the clip is well-formed");
        }
    }

    private static final class Scanning extends Counting {
        private final ByteBuf stream;
        private final PayloadScanner scanner;
        int flags;

        Scanning(ByteBuf stream, PayloadScanner scanner) {
            this.stream = stream;
            this.scanner = scanner;
        }

        @Override
        public void onInterleaved(int channel, int offset, int length) {
            super.onInterleaved(channel, offset, length);
            long layout = RtpHeader.parse(stream, offset, length);
            flags |= scanner.scan(
                    stream,
                    offset + RtpHeader.payloadOffset(layout),
                    RtpHeader.payloadLength(layout),
                    RtpHeader.marker(stream, offset),
                    RtpHeader.timestamp(stream, offset),
                    false);
        }
    }
}
