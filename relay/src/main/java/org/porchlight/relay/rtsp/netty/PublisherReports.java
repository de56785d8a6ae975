package org.porchlight.relay.rtsp.netty;

import io.netty.buffer.ByteBuf;
import io.netty.channel.Channel;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.function.IntFunction;
import org.jspecify.annotations.Nullable;
import org.porchlight.relay.metrics.Counter;
import org.porchlight.relay.metrics.LoopCounters;
import org.porchlight.relay.rtp.ReceiveStatistics;
import org.porchlight.relay.rtp.RtcpType;
import org.porchlight.relay.rtp.RtcpWriter;
import org.porchlight.relay.rtp.RtpHeader;
import org.porchlight.relay.rtsp.NumberPair;

/**
 * Tells a publisher what has come of its packets, and asks it for keyframes: one receiver report (RFC 3550 section 6.4.2) per track and interval, on the track's RTCP
 * channel or from our RTCP port to its. Owner: the connection's loop; of no more use after the end of the session.
 */
final class PublisherReports {
    /** The least interval of RFC 3550 section 6.2. */
    private static final long INTERVAL_NANOS = TimeUnit.SECONDS.toNanos(5);

    private static final int INTERLEAVED_HEADER = 4;
    private static final byte[] CNAME = "porchlight".getBytes(StandardCharsets.US_ASCII);

    /**
     * Where the reports on a track go.
     *
     * @param interleaved channels, for TCP
     * @param ours our ports, for UDP
     * @param theirs the publisher's ports, for UDP
     */
    record Way(
            @Nullable NumberPair interleaved,
            @Nullable PortPair ours,
            @Nullable NumberPair theirs) {}

    private final Channel channel;
    private final List<Way> ways;
    private final LoopCounters counters;
    private final int ownSsrc;
    private final int[] ssrcs;
    private long nextNanos;

    /**
     * The first report is due after one interval.
     *
     * @param channel the publisher's RTSP connection
     * @param ways by track of the stream
     */
    PublisherReports(Channel channel, List<Way> ways, LoopCounters counters, int ownSsrc, long nowNanos) {
        this.channel = channel;
        this.ways = ways;
        this.counters = counters;
        this.ownSsrc = ownSsrc;
        this.ssrcs = new int[ways.size()];
        this.nextNanos = nowNanos + INTERVAL_NANOS;
    }

    /** A packet as it came, before the stream has given it the SSRC of its own. */
    void onRtp(int track, ByteBuf buf, int offset, int length) {
        if (length >= RtpHeader.FIXED_LENGTH && track < ssrcs.length && !RtcpType.isRtcp(buf, offset, length)) {
            ssrcs[track] = RtpHeader.ssrc(buf, offset);
        }
    }

    long nextDeadlineNanos() {
        return nextNanos;
    }

    /**
     * Sends the reports if they are due; who does not read gets none.
     *
     * @param statistics by track
     */
    void onDeadline(IntFunction<ReceiveStatistics> statistics, long nowNanos) {
        if (nextNanos - nowNanos > 0) {
            return;
        }
        nextNanos = nowNanos + INTERVAL_NANOS;
        for (int track = 0; track < ways.size(); track++) {
            send(ways.get(track), statistics.apply(track), ssrcs[track], false, nowNanos);
        }
    }

    /**
     * Asks for a keyframe by a picture loss indication (RFC 4585 section 6.3.1), behind a receiver report as section 6.1 of RFC 3550 wants it. Publishers
     * that do not know it pass it over.
     *
     * @param track of pictures
     * @param received what came of it
     * @return false: it could not be sent, as nothing has come yet or the publisher does not read
     */
    boolean requestKeyframe(int track, ReceiveStatistics received, long nowNanos) {
        return received.received() > 0 && send(ways.get(track), received, ssrcs[track], true, nowNanos);
    }

    private boolean send(Way way, ReceiveStatistics received, int ssrc, boolean keyframe, long nowNanos) {
        NumberPair interleaved = way.interleaved();
        PortPair ours = way.ours();
        NumberPair theirs = way.theirs();
        if (interleaved != null ? !channel.isWritable() : ours == null || theirs == null) {
            return false;
        }
        ByteBuf out = channel.alloc().buffer();
        out.writeZero(interleaved != null ? INTERLEAVED_HEADER : 0);
        write(out, received, ssrc, nowNanos);
        if (keyframe) {
            RtcpWriter.writePli(out, ownSsrc, ssrc);
        }
        if (interleaved != null) {
            out.setByte(0, '$').setByte(1, interleaved.second()).setShort(2, out.readableBytes() - INTERLEAVED_HEADER);
            channel.writeAndFlush(out, channel.voidPromise());
        } else if (ours != null && theirs != null) {
            InetAddress publisher = ((InetSocketAddress) channel.remoteAddress()).getAddress();
            ours.send(true, out, new InetSocketAddress(publisher, theirs.second()));
        }
        counters.increment(Counter.RTCP_SENT);
        return true;
    }

    private void write(ByteBuf out, ReceiveStatistics received, int ssrc, long nowNanos) {
        boolean known = received.received() > 0;
        RtcpWriter.writeReceiverReport(out, ownSsrc, known ? 1 : 0);
        if (known) {
            received.writeReportBlock(out, ssrc, nowNanos);
        }
        RtcpWriter.writeCname(out, ownSsrc, CNAME);
    }
}
