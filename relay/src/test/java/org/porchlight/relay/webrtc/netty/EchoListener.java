package org.porchlight.relay.webrtc.netty;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.PooledByteBufAllocator;
import java.util.concurrent.CompletableFuture;
import org.jspecify.annotations.Nullable;
import org.porchlight.relay.egress.DatagramTransport;
import org.porchlight.relay.rtp.RtpHeader;
import org.porchlight.relay.webrtc.ice.IcePath;
import org.porchlight.relay.webrtc.session.SessionEnd;
import org.porchlight.relay.webrtc.session.SessionListener;
import org.porchlight.relay.webrtc.session.WebRtcSession;
import org.porchlight.relay.webrtc.srtp.SrtpSender;

/** Sends every packet back under another SSRC. Owner: the session's loop. */
final class EchoListener implements SessionListener {
    private static final int SSRC = 0x4004;

    final CompletableFuture<HostedSession> hosted = new CompletableFuture<>();
    final CompletableFuture<Thread> connected = new CompletableFuture<>();
    final CompletableFuture<SessionEnd> ended = new CompletableFuture<>();
    private @Nullable WebRtcSession session;
    private @Nullable IcePath path;

    @Override
    public void onConnected(WebRtcSession connectedSession, long nowNanos) {
        session = connectedSession;
        connected.complete(Thread.currentThread());
    }

    @Override
    public void onPath(IcePath selected) {
        path = selected;
    }

    @Override
    public void onRtp(ByteBuf packet, int index, int length, long nowNanos) {
        WebRtcSession open = session;
        IcePath to = path;
        SrtpSender sender = open == null ? null : open.sender();
        if (sender == null || to == null || Thread.currentThread() != connected.join()) {
            throw new AssertionError("a packet of a session that is not connected, or on another loop");
        }
        ByteBuf out = PooledByteBufAllocator.DEFAULT.directBuffer(1500);
        RtpHeader.write(out.writerIndex(12), 0, false, 96, RtpHeader.sequenceNumber(packet, index), 0, SSRC);
        int payload = length - RtpHeader.FIXED_LENGTH;
        int size =
                sender.protectRtp(out, 0, RtpHeader.FIXED_LENGTH, 0, packet, index + RtpHeader.FIXED_LENGTH, payload);
        DatagramTransport transport = hosted.join().transport(to);
        transport.send(out.writerIndex(size), 0, size, size, to.remote(), false);
        transport.flush();
        out.release();
    }

    @Override
    public void onRtcp(ByteBuf packet, int index, int length, long nowNanos) {}

    @Override
    public void onEnded(SessionEnd end) {
        ended.complete(end);
        connected.completeExceptionally(new IllegalStateException("ended: " + end));
    }
}
