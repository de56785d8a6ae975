package org.porchlight.relay.rtsp.client;

import io.netty.buffer.ByteBuf;
import java.net.InetSocketAddress;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.porchlight.relay.stream.FloodGauge;

/**
 * The media of one connection, however it comes: says which track a frame or datagram belongs to, whether it is RTP or RTCP, and what comes from strangers or too
 * fast. Owner: the loop of the connection.
 */
final class MediaIntake {
    private static final int LEAST_DATAGRAM_BYTES = 8;

    private final CameraMemory memory;
    private final FloodGauge flood;
    private @Nullable ChannelMap channels;
    private List<SenderLock> senderLocks = List.of();
    private long packets;
    private long bytes;
    private long garbageBytes;
    private long garbageRuns;
    private long unroutedFrames;
    private long strangerDatagrams;

    MediaIntake(CameraMemory memory, long maxBitsPerSecond, long nowNanos) {
        this.memory = memory;
        this.flood = new FloodGauge(maxBitsPerSecond, nowNanos);
    }

    /** The tracks are set up; media may come from now on. */
    void open(ChannelMap agreed, List<SenderLock> locks) {
        channels = agreed;
        senderLocks = List.copyOf(locks);
    }

    /** Whether so many more bytes are within the camera's limit. */
    boolean isWithinLimit(int more, long nowNanos) {
        return flood.take(more, nowNanos);
    }

    /** Passes an interleaved frame on; true if it was RTP of a track. */
    boolean frame(int channel, ByteBuf buf, int offset, int length, RtspClientSession.MediaSink sink) {
        ChannelMap map = channels;
        int what = map == null ? ChannelMap.UNKNOWN : map.route(channel, buf, offset, length);
        if (what == ChannelMap.UNKNOWN) {
            unroutedFrames++;
            return false;
        }
        return pass(what >> 1, (what & 1) == 1, buf, offset, length, sink);
    }

    /** Whether a datagram is taken: it comes from the sender that the port belongs to. */
    boolean isFromCamera(int track, boolean rtcpPort, InetSocketAddress sender, int length) {
        int lock = 2 * track + (rtcpPort ? 1 : 0);
        if (lock >= senderLocks.size()) {
            return false;
        }
        if (length < LEAST_DATAGRAM_BYTES || !senderLocks.get(lock).accepts(sender)) {
            strangerDatagrams++;
            return false;
        }
        return true;
    }

    /** Passes a datagram on; true if it was RTP. */
    boolean datagram(
            int track, boolean rtcpPort, ByteBuf buf, int offset, int length, RtspClientSession.MediaSink sink) {
        boolean rtcp = ChannelMap.isRtcp(buf, offset);
        if (rtcp != rtcpPort) {
            memory.note(rtcp ? CameraQuirk.RTCP_ON_RTP_CHANNEL : CameraQuirk.RTP_ON_RTCP_CHANNEL);
        }
        return pass(track, rtcp, buf, offset, length, sink);
    }

    private boolean pass(
            int track, boolean rtcp, ByteBuf buf, int offset, int length, RtspClientSession.MediaSink sink) {
        if (rtcp) {
            sink.rtcp(track, buf, offset, length);
            return false;
        }
        packets++;
        bytes += length;
        sink.rtp(track, buf, offset, length);
        return true;
    }

    void onGarbage(int skipped) {
        garbageBytes += skipped;
        garbageRuns++;
        memory.note(CameraQuirk.GARBAGE);
    }

    /** Interleaved channel for our RTCP of a track; -1: none. */
    int rtcpChannel(int track) {
        ChannelMap map = channels;
        return map == null ? -1 : map.rtcpChannel(track);
    }

    MediaFigures figures() {
        return new MediaFigures(packets, bytes, garbageBytes, garbageRuns, unroutedFrames, strangerDatagrams);
    }
}
