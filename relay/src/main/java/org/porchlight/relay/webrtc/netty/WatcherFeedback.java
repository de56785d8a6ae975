package org.porchlight.relay.webrtc.netty;

import io.netty.buffer.ByteBuf;
import org.porchlight.relay.egress.PacketViewer;
import org.porchlight.relay.metrics.Counter;
import org.porchlight.relay.metrics.LoopCounters;
import org.porchlight.relay.rtp.RtcpReader;
import org.porchlight.relay.rtp.RtcpVisitor;

/** What a browser says of what it is sent, passed on to its viewer. Owner: the session's loop. */
final class WatcherFeedback implements RtcpVisitor {
    private static final int NO_COMMAND = -1;

    private final PacketViewer viewer;
    private final LoopCounters counters;
    private int lastCommand = NO_COMMAND;
    private long nowNanos;

    WatcherFeedback(PacketViewer viewer, LoopCounters counters) {
        this.viewer = viewer;
        this.counters = counters;
    }

    /** One RTCP packet, compound or of reduced size, at {@code [index, index + length)} of a borrowed buffer. */
    void receive(ByteBuf packet, int index, int length, long now) {
        nowNanos = now;
        counters.increment(Counter.RTCP_RECEIVED);
        if (RtcpReader.read(packet, index, length, this) != RtcpReader.Result.OK) {
            counters.increment(Counter.RTCP_MALFORMED);
        }
        viewer.endOfFeedback();
    }

    @Override
    public void onNack(int senderSsrc, int mediaSsrc, int packetId, int lostBitmask) {
        viewer.onNack(mediaSsrc, packetId, lostBitmask, nowNanos);
    }

    @Override
    public void onPli(int senderSsrc, int mediaSsrc) {
        viewer.onPli(nowNanos);
    }

    @Override
    public void onFir(int senderSsrc, int mediaSsrc, int commandNumber) {
        // The same number again repeats the command until the picture has come (RFC 5104 section 4.3.1.1).
        if (commandNumber != lastCommand) {
            lastCommand = commandNumber;
            viewer.onFir(nowNanos);
        }
    }

    @Override
    public void onRemb(int senderSsrc, long bitsPerSecond) {
        viewer.onRemb(bitsPerSecond, nowNanos);
    }

    @Override
    public void onTransportFeedback(int senderSsrc, int mediaSsrc, ByteBuf buf, int offset, int length) {
        viewer.onTransportCc(buf, offset, length, nowNanos);
    }
}
