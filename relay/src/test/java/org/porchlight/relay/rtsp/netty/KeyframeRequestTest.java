package org.porchlight.relay.rtsp.netty;

import static java.util.Objects.requireNonNull;
import static org.assertj.core.api.Assertions.assertThat;

import java.net.DatagramPacket;
import java.net.DatagramSocket;
import java.net.InetAddress;
import java.nio.ByteBuffer;
import java.util.Arrays;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;
import org.porchlight.relay.admission.Rendition;
import org.porchlight.relay.metrics.Counter;

/** A viewer's picture loss indication through the server to the publisher, over TCP and UDP. */
class KeyframeRequestTest {
    private static final Pattern SERVER_PORT = Pattern.compile("server_port=(\\d+)-");

    /** Payload-specific feedback, format 1 (RFC 4585 section 6.3.1), alone. */
    private static byte[] pli() {
        return ByteBuffer.allocate(12)
                .putInt(0x81ce_0002)
                .putInt(7)
                .putInt(0x01020304)
                .array();
    }

    /** A receiver report, and behind report and name the indication about the SSRC that the publisher knows. */
    private static void assertRequest(byte[] packet) {
        ByteBuffer bytes = ByteBuffer.wrap(packet);
        assertThat(bytes.get(1) & 0xff).as("receiver report").isEqualTo(201);
        assertThat(bytes.getInt(packet.length - 12)).isEqualTo(0x81ce_0002);
        assertThat(bytes.getInt(packet.length - 4)).isEqualTo(0x01020304);
    }

    private static void assertAsked(RtspSocket publisher) throws Exception {
        RtspSocket.Frame frame = publisher.frame();
        while (frame.payload().length < 12 || (frame.payload()[frame.payload().length - 11] & 0xff) != 206) {
            frame = publisher.frame();
        }
        assertThat(frame.channel()).isEqualTo(1);
        assertRequest(frame.payload());
    }

    private static void emptyCache(ServerFixture fixture) {
        requireNonNull(fixture.hub.find("yard", Rendition.MAIN))
                .purge()
                .toCompletableFuture()
                .join();
    }

    @Test
    void isAnsweredFromTheCacheWithTheNextNumber() throws Exception {
        try (ServerFixture fixture = ServerFixture.open();
                RtspSocket publisher = fixture.connect();
                RtspSocket viewer = fixture.connect()) {
            publisher.publish("/yard");
            publisher.send(RtspSocket.interleaved(0, RtspSocket.keyframe(1, 1000)));
            viewer.watch("/yard");
            byte[] first = viewer.frame().payload();
            viewer.send(RtspSocket.interleaved(1, pli()));
            byte[] again = viewer.frame().payload();
            assertThat(again.length).isEqualTo(first.length);
            assertThat(ByteBuffer.wrap(again).getShort(2))
                    .isEqualTo((short) (ByteBuffer.wrap(first).getShort(2) + 1));
            assertThat(Arrays.copyOfRange(again, 8, again.length))
                    .isEqualTo(Arrays.copyOfRange(first, 8, first.length));
        }
    }

    @Test
    void goesFromTheViewersChannelToThePublishers() throws Exception {
        try (ServerFixture fixture = ServerFixture.open();
                RtspSocket publisher = fixture.connect();
                RtspSocket viewer = fixture.connect()) {
            publisher.publish("/yard");
            publisher.send(RtspSocket.interleaved(0, RtspSocket.keyframe(1, 1000)));
            viewer.watch("/yard");
            assertThat(viewer.frame().channel()).isZero();
            emptyCache(fixture);
            viewer.send(RtspSocket.interleaved(1, pli()));
            assertAsked(publisher);
            assertThat(fixture.count(Counter.RTCP_RECEIVED)).isEqualTo(1);
        }
    }

    @Test
    void goesFromTheViewersPortToThePublishers() throws Exception {
        InetAddress loopback = InetAddress.getLoopbackAddress();
        try (ServerFixture fixture = ServerFixture.open();
                RtspSocket publisher = fixture.connect();
                RtspSocket viewer = fixture.connect();
                DatagramSocket rtp = new DatagramSocket(0, loopback);
                DatagramSocket rtcp = new DatagramSocket(0, loopback)) {
            publisher.publish("/yard");
            publisher.send(RtspSocket.interleaved(0, RtspSocket.keyframe(1, 1000)));
            RtspSocket.Reply setup = viewer.ask(
                    "SETUP",
                    "/yard/trackID=0",
                    "Transport: RTP/AVP;unicast;client_port=" + rtp.getLocalPort() + "-" + rtcp.getLocalPort());
            assertThat(setup.status()).isEqualTo(200);
            Matcher port = SERVER_PORT.matcher(setup.head());
            assertThat(port.find()).isTrue();
            assertThat(viewer.ask("PLAY", "/yard").status()).isEqualTo(200);
            emptyCache(fixture);
            int rtcpPort = Integer.parseInt(port.group(1)) + 1;
            rtcp.send(new DatagramPacket(pli(), pli().length, loopback, rtcpPort));
            assertAsked(publisher);
            assertThat(fixture.count(Counter.RTCP_RECEIVED)).isEqualTo(1);
        }
    }
}
