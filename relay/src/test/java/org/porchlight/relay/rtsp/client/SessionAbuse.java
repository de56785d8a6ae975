package org.porchlight.relay.rtsp.client;

import static org.assertj.core.api.Assertions.assertThat;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import java.net.InetAddress;

/** What holds for a session whatever the camera sends: no exception, an end to its outputs, indices within bounds. */
final class SessionAbuse {
    private static final int MOST_OUTPUTS = 100_000;

    private SessionAbuse() {}

    static void run(byte[] fromCamera, int piece) {
        CameraMemory memory = new CameraMemory(
                RtspUrl.parse("rtsp://192.0.2.7/live").orElseThrow().url(),
                new CameraCredentials("u", "p"),
                TransportChoice.AUTO,
                () -> "c");
        RtspClientSession session =
                new RtspClientSession(ClientSettings.DEFAULT, memory, InetAddress.getLoopbackAddress());
        ByteBuf buf = Unpooled.wrappedBuffer(fromCamera);
        long now = 0;
        session.start(now);
        int outputs = drain(session, now);
        int consumed = 0;
        for (int to = Math.min(piece, fromCamera.length); consumed < fromCamera.length; ) {
            int next = session.receive(buf, consumed, to, piece, now, new Bounds(fromCamera.length));
            assertThat(next).isBetween(consumed, to);
            consumed = next;
            outputs += drain(session, now);
            if (to == fromCamera.length) {
                break;
            }
            to = Math.min(fromCamera.length, to + piece);
            now += 1_000_000;
        }
        for (int i = 0; i < 50 && session.nextDeadlineNanos() != Long.MAX_VALUE; i++) {
            now = Math.max(now, session.nextDeadlineNanos());
            session.onDeadline(now);
            outputs += drain(session, now);
        }
        session.onConnectionLost("over", now);
        outputs += drain(session, now);
        assertThat(session.nextDeadlineNanos()).isEqualTo(Long.MAX_VALUE);
        assertThat(outputs).isLessThan(MOST_OUTPUTS);
        buf.release();
    }

    private static int drain(RtspClientSession session, long now) {
        int count = 0;
        ClientOutput output = session.poll();
        while (output != null) {
            count++;
            if (output instanceof ClientOutput.BindPorts) {
                session.onPorts(5000, 5001, now);
            }
            output = session.poll();
        }
        return count;
    }

    private record Bounds(int end) implements RtspClientSession.MediaSink {
        @Override
        public void rtp(int track, ByteBuf buf, int offset, int length) {
            assertThat(offset + length).isLessThanOrEqualTo(end);
        }

        @Override
        public void rtcp(int track, ByteBuf buf, int offset, int length) {
            assertThat(offset + length).isLessThanOrEqualTo(end);
        }
    }
}
