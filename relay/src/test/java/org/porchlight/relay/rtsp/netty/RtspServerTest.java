package org.porchlight.relay.rtsp.netty;

import static org.assertj.core.api.Assertions.assertThat;

import io.netty.handler.ssl.SslContext;
import io.netty.handler.ssl.SslContextBuilder;
import io.netty.handler.ssl.util.InsecureTrustManagerFactory;
import java.io.ByteArrayInputStream;
import java.net.DatagramPacket;
import java.net.DatagramSocket;
import java.net.InetAddress;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Base64;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.porchlight.relay.admission.Cut;
import org.porchlight.relay.admission.SessionReport;
import org.porchlight.relay.metrics.Counter;
import org.porchlight.relay.rtsp.server.ServerPolicy;
import org.porchlight.relay.server.SelfSigned;
import org.porchlight.relay.stream.PublishRule;

class RtspServerTest {

    @Test
    void relaysFromPublisherToViewerOverTcp() throws Exception {
        try (ServerFixture fixture = ServerFixture.open();
                RtspSocket publisher = fixture.connect();
                RtspSocket viewer = fixture.connect()) {
            assertThat(publisher.publish("/yard").status()).isEqualTo(200);
            publisher.send(RtspSocket.interleaved(0, RtspSocket.keyframe(1, 1000)));
            assertThat(viewer.watch("/yard").status()).isEqualTo(200);
            List<RtspSocket.Frame> frames = new ArrayList<>();
            for (int i = 2; i <= 300; i++) {
                publisher.send(RtspSocket.interleaved(0, RtspSocket.keyframe(i, 50 + 31 * i)));
                frames.add(mediaFrame(viewer));
            }
            for (int i = 1; i < frames.size(); i++) {
                byte[] sent = RtspSocket.keyframe(
                        payloadSequence(frames.get(i).payload()), frames.get(i).payload().length - 12);
                assertThat(payload(frames.get(i).payload())).isEqualTo(payload(sent));
                assertThat(sequence(frames.get(i).payload()))
                        .isEqualTo((sequence(frames.get(i - 1).payload()) + 1) & 0xffff);
            }
            assertThat(publisher.ask("TEARDOWN", "/yard").status()).isEqualTo(200);
            SessionReport report = fixture.nextReport();
            assertThat(report.reason()).isEqualTo("teardown");
            assertThat(report.packets()).isEqualTo(300);
            assertThat(fixture.firstKeyframes).hasValue(1);
            assertThat(fixture.count(Counter.PUBLISHERS_TEARDOWN)).isEqualTo(1);
        }
    }

    @Test
    void takesPacketsOfAnySizeHoweverTheirBytesCome() throws Exception {
        try (ServerFixture fixture = ServerFixture.open();
                RtspSocket publisher = fixture.connect();
                RtspSocket viewer = fixture.connect()) {
            publisher.publish("/yard");
            publisher.send(RtspSocket.interleaved(0, RtspSocket.keyframe(1, 100)));
            viewer.watch("/yard");
            int[] sizes = {60_000, 20, 65_000, 1400, 30_000, 64_000, 2, 65_523};
            for (int i = 0; i < sizes.length; i++) {
                byte[] frame = RtspSocket.interleaved(0, RtspSocket.keyframe(i + 2, sizes[i]));
                int cut = frame.length / 3 + 1;
                for (int at = 0; at < frame.length; at += cut) {
                    publisher.send(Arrays.copyOfRange(frame, at, Math.min(frame.length, at + cut)));
                }
            }
            RtspSocket.Frame frame = mediaFrame(viewer);
            for (int size : sizes) {
                while (frame.payload().length != size + 12) {
                    frame = mediaFrame(viewer);
                }
            }
            assertThat(payloadSequence(frame.payload())).isEqualTo(sizes.length + 1);
        }
    }

    @Test
    void servesUdpViewersFromAUdpPublisher() throws Exception {
        InetAddress loopback = InetAddress.getLoopbackAddress();
        try (ServerFixture fixture = ServerFixture.open();
                RtspSocket publisher = fixture.connect();
                RtspSocket viewer = fixture.connect();
                DatagramSocket from = new DatagramSocket(0, loopback);
                DatagramSocket to = new DatagramSocket(0, loopback)) {
            to.setSoTimeout(10_000);
            publisher.askWithBody("ANNOUNCE", "/yard", RtspSocket.SDP);
            RtspSocket.Reply setup = publisher.ask(
                    "SETUP",
                    "/yard/trackID=0",
                    "Transport: RTP/AVP;unicast;client_port=" + from.getLocalPort() + ";mode=record");
            assertThat(setup.status()).isEqualTo(200);
            assertThat(publisher.ask("RECORD", "/yard").status()).isEqualTo(200);
            int port = serverPort(setup);
            assertThat(port & 1).isZero();
            byte[] first = RtspSocket.keyframe(1, 500);
            from.send(new DatagramPacket(first, first.length, loopback, port));
            RtspSocket.Reply viewed = viewer.ask(
                    "SETUP", "/yard/trackID=0", "Transport: RTP/AVP;unicast;client_port=" + to.getLocalPort());
            assertThat(viewed.status()).isEqualTo(200);
            assertThat(viewer.ask("PLAY", "/yard").status()).isEqualTo(200);
            byte[] second = RtspSocket.keyframe(2, 700);
            from.send(new DatagramPacket(second, second.length, loopback, port));
            DatagramPacket received = new DatagramPacket(new byte[2000], 2000);
            do {
                received.setLength(2000);
                to.receive(received);
            } while (received.getLength() != second.length);
            byte[] packet = Arrays.copyOf(received.getData(), received.getLength());
            assertThat(payload(packet)).isEqualTo(payload(second));
            assertThat(received.getPort()).isEqualTo(serverPort(viewed));
        }
    }

    @Test
    void tunnelsThroughHttp() throws Exception {
        try (ServerFixture fixture = ServerFixture.open();
                RtspSocket publisher = fixture.connect();
                RtspSocket down = fixture.connect();
                RtspSocket up = fixture.connect()) {
            publisher.publish("/yard");
            publisher.send(RtspSocket.interleaved(0, RtspSocket.keyframe(1, 100)));
            down.send("GET /yard HTTP/1.1\r\nx-sessioncookie: abc\r\nAccept: application/x-rtsp-tunnelled\r\n\r\n");
            assertThat(down.reply().status()).isEqualTo(200);
            up.send("POST /yard HTTP/1.1\r\nx-sessioncookie: abc\r\nContent-Length: 32767\r\n\r\n"
                    + base64(up.request(
                            "SETUP",
                            "/yard/trackID=0",
                            "",
                            "Transport: RTP/AVP;unicast;client_port=5000,RTP/AVP/TCP")));
            RtspSocket.Reply setup = down.reply();
            assertThat(setup.header("Transport")).isEqualTo("RTP/AVP/TCP;unicast;interleaved=0-1");
            String session = "Session: " + setup.header("Session").split(";")[0];
            String play = base64(up.request("PLAY", "/yard", "", session));
            up.send(play.substring(0, 7));
            up.send(play.substring(7));
            assertThat(down.reply().status()).isEqualTo(200);
            publisher.send(RtspSocket.interleaved(0, RtspSocket.keyframe(2, 300)));
            assertThat(mediaFrame(down)).isNotNull();
            up.send("!!!!");
            assertThat(up.endsOrderly()).isTrue();
        }
    }

    @Test
    void knowsNoUpwardHalfWithoutItsDownwardHalf() throws Exception {
        try (ServerFixture fixture = ServerFixture.open();
                RtspSocket up = fixture.connect();
                RtspSocket page = fixture.connect()) {
            up.send("POST /yard HTTP/1.1\r\nx-sessioncookie: nobody\r\n\r\n");
            assertThat(up.reply().status()).isEqualTo(404);
            assertThat(up.endsOrderly()).isTrue();
            page.send("GET / HTTP/1.1\r\nHost: relay\r\n\r\n");
            assertThat(page.reply().status()).isEqualTo(404);
            assertThat(page.endsOrderly()).isTrue();
        }
    }

    @Test
    void cutsAtOnceAndThrowsAwayWhatWasNotSent() throws Exception {
        try (ServerFixture fixture = ServerFixture.open();
                RtspSocket publisher = fixture.connect();
                RtspSocket viewer = fixture.connect()) {
            publisher.publish("/yard");
            publisher.send(RtspSocket.interleaved(0, RtspSocket.keyframe(1, 1000)));
            assertThat(viewer.watch("/yard").status()).isEqualTo(200);
            fixture.sessions.cut(new Cut("c1", Cut.Scope.PERSON, "ann", 1, "CONSENT_WITHDRAWN"));
            assertThat(viewer.endsOrderly()).isFalse();
            assertThat(publisher.endsOrderly()).isFalse();
            assertThat(fixture.receipts.poll(10, TimeUnit.SECONDS).sessions()).isEqualTo(2);
            assertThat(List.of(
                            fixture.nextReport().reason(), fixture.nextReport().reason()))
                    .containsOnly("CONSENT_WITHDRAWN");
            assertThat(fixture.count(Counter.VIEWERS_CUT)).isEqualTo(1);
            assertThat(fixture.count(Counter.PUBLISHERS_CUT)).isEqualTo(1);
        }
    }

    @Test
    void letsASecondPublisherTakeOverWhileViewersStay() throws Exception {
        try (ServerFixture fixture = ServerFixture.open();
                RtspSocket first = fixture.connect();
                RtspSocket second = fixture.connect();
                RtspSocket viewer = fixture.connect()) {
            first.publish("/yard");
            first.send(RtspSocket.interleaved(0, RtspSocket.keyframe(1, 1000)));
            viewer.watch("/yard");
            assertThat(second.publish("/yard").status()).isEqualTo(200);
            assertThat(first.endsOrderly()).isTrue();
            second.send(RtspSocket.interleaved(0, RtspSocket.keyframe(9, 777)));
            RtspSocket.Frame frame = mediaFrame(viewer);
            while (frame.payload().length != 789) {
                frame = mediaFrame(viewer);
            }
            assertThat(fixture.nextReport().reason()).isEqualTo("replaced");
        }
    }

    @Test
    void refusesASecondPublisherWhereTheRuleSaysSo() throws Exception {
        try (ServerFixture fixture = new ServerFixture(ServerPolicy.DEFAULT, PublishRule.REFUSE, 100);
                RtspSocket first = fixture.connect();
                RtspSocket second = fixture.connect();
                RtspSocket closed = fixture.connect()) {
            assertThat(first.publish("/yard").status()).isEqualTo(200);
            assertThat(second.publish("/yard").status()).isEqualTo(503);
            first.socket().close();
            assertThat(fixture.nextReport().reason()).isEqualTo("disconnected");
            assertThat(second.ask("RECORD", "/yard").status()).isEqualTo(200);
            assertThat(closed.askWithBody("ANNOUNCE", "/closed/1", RtspSocket.SDP)
                            .status())
                    .isEqualTo(405);
            assertThat(fixture.nextReport().reason()).isEqualTo("unused");
        }
    }

    @Test
    void answersPipelinedRequestsInOrder() throws Exception {
        try (ServerFixture fixture = ServerFixture.open();
                RtspSocket client = fixture.connect()) {
            StringBuilder all = new StringBuilder();
            for (int i = 0; i < 12; i++) {
                all.append(client.request(i % 2 == 0 ? "DESCRIBE" : "OPTIONS", "/nothing", ""));
            }
            client.send(all.toString());
            for (int i = 1; i <= 12; i++) {
                RtspSocket.Reply reply = client.reply();
                assertThat(reply.header("CSeq")).isEqualTo(Integer.toString(i));
                assertThat(reply.status()).isEqualTo(i % 2 == 1 ? 404 : 200);
            }
        }
    }

    @Test
    void tellsWhoSendsAHugeHeaderAndHangsUp() throws Exception {
        try (ServerFixture fixture = ServerFixture.open();
                RtspSocket client = fixture.connect()) {
            client.send("OPTIONS * RTSP/1.0\r\nCSeq: 1\r\nX: " + "a".repeat(100_000));
            assertThat(client.reply().status()).isEqualTo(400);
            client.socket().shutdownOutput();
            assertThat(client.endsOrderly()).isTrue();
            assertThat(fixture.count(Counter.REQUESTS_TOO_LARGE)).isEqualTo(1);
        }
    }

    @Test
    void hangsUpOnGarbageAndOnSilence() throws Exception {
        ServerPolicy hasty = new ServerPolicy(
                "Porchlight",
                true,
                ServerPolicy.DEFAULT.framing(),
                2048,
                16,
                8,
                Duration.ofMillis(150),
                Duration.ofMillis(150),
                Duration.ofSeconds(60),
                Duration.ofSeconds(10),
                Duration.ofSeconds(10),
                Duration.ofSeconds(15));
        try (ServerFixture fixture = new ServerFixture(hasty, PublishRule.OFF, 100);
                RtspSocket silent = fixture.connect();
                RtspSocket slow = fixture.connect();
                RtspSocket noisy = fixture.connect()) {
            slow.send("OPTIONS * RTSP/1.0\r\n");
            assertThat(slow.reply().status()).isEqualTo(408);
            assertThat(silent.endsOrderly()).isTrue();
            noisy.send("\0".repeat(70_000));
            noisy.endsOrderly();
            assertThat(fixture.count(Counter.CONNECTIONS_REFUSED_SILENT)).isGreaterThanOrEqualTo(1);
        }
    }

    @Test
    void letsOneAddressHaveOnlySoManyConnections() throws Exception {
        try (ServerFixture fixture = new ServerFixture(ServerPolicy.DEFAULT, PublishRule.OFF, 5)) {
            List<RtspSocket> sockets = new ArrayList<>();
            for (int i = 0; i < 5; i++) {
                sockets.add(fixture.connect());
                assertThat(sockets.get(i).ask("OPTIONS", "/").status()).isEqualTo(200);
            }
            for (int i = 0; i < 200; i++) {
                try (RtspSocket refused = fixture.connect()) {
                    refused.endsOrderly();
                }
            }
            assertThat(fixture.count(Counter.CONNECTIONS_REFUSED_ADDRESS_LIMIT)).isEqualTo(200);
            assertThat(sockets.get(4).ask("OPTIONS", "/").status()).isEqualTo(200);
            for (RtspSocket socket : sockets) {
                socket.socket().close();
            }
        }
    }

    @Test
    void servesOverTlsAndNeverByUdpThere() throws Exception {
        SelfSigned identity = SelfSigned.create();
        SslContext tls = SslContextBuilder.forServer(
                        new ByteArrayInputStream(identity.certificate().getBytes(StandardCharsets.US_ASCII)),
                        new ByteArrayInputStream(identity.key().getBytes(StandardCharsets.US_ASCII)))
                .build();
        try (ServerFixture fixture = new ServerFixture(ServerPolicy.DEFAULT, PublishRule.REPLACE, 100, () -> tls);
                RtspSocket publisher = new RtspSocket(tlsSocket(fixture));
                RtspSocket viewer = new RtspSocket(tlsSocket(fixture));
                RtspSocket plain = fixture.connect()) {
            publisher.publish("/yard");
            publisher.send(RtspSocket.interleaved(0, RtspSocket.keyframe(1, 2000)));
            RtspSocket.Reply udp =
                    viewer.ask("SETUP", "/yard/trackID=0", "Transport: RTP/AVP;unicast;client_port=5000");
            assertThat(udp.status()).isEqualTo(461);
            assertThat(viewer.watch("/yard").status()).isEqualTo(200);
            publisher.send(RtspSocket.interleaved(0, RtspSocket.keyframe(2, 40_000)));
            RtspSocket.Frame frame = mediaFrame(viewer);
            while (frame.payload().length != 40_012) {
                frame = mediaFrame(viewer);
            }
            assertThat(payload(frame.payload())).isEqualTo(payload(RtspSocket.keyframe(2, 40_000)));
            plain.send("OPTIONS * RTSP/1.0\r\nCSeq: 1\r\n\r\n");
            plain.endsOrderly();
            assertThat(fixture.count(Counter.CONNECTIONS_REFUSED_TLS)).isEqualTo(1);
        }
    }

    static Socket tlsSocket(ServerFixture fixture) throws Exception {
        javax.net.ssl.SSLContext context = javax.net.ssl.SSLContext.getInstance("TLS");
        context.init(null, InsecureTrustManagerFactory.INSTANCE.getTrustManagers(), null);
        return context.getSocketFactory().createSocket(fixture.address.getAddress(), fixture.address.getPort());
    }

    static RtspSocket.Frame mediaFrame(RtspSocket viewer) throws Exception {
        RtspSocket.Frame frame = viewer.frame();
        while (frame.channel() != 0) {
            frame = viewer.frame();
        }
        return frame;
    }

    static int serverPort(RtspSocket.Reply setup) {
        String transport = setup.header("Transport");
        int at = transport.indexOf("server_port=") + 12;
        return Integer.parseInt(transport.substring(at, transport.indexOf('-', at)));
    }

    static String base64(String text) {
        return Base64.getEncoder().encodeToString(text.getBytes(StandardCharsets.ISO_8859_1));
    }

    static byte[] payload(byte[] packet) {
        return Arrays.copyOfRange(packet, 12, packet.length);
    }

    private static int sequence(byte[] packet) {
        return (packet[2] & 0xff) << 8 | (packet[3] & 0xff);
    }

    /** The sequence number with which a packet of {@link RtspSocket#keyframe} was made, from its payload. */
    private static int payloadSequence(byte[] packet) {
        return packet.length < 15 ? -1 : (packet[14] - 14) & 0xff;
    }
}
