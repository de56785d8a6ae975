package org.porchlight.relay.rtsp.netty;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import io.netty.handler.ssl.SslContext;
import io.netty.handler.ssl.SslContextBuilder;
import java.io.ByteArrayInputStream;
import java.io.EOFException;
import java.io.IOException;
import java.net.DatagramPacket;
import java.net.DatagramSocket;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.net.SocketException;
import java.net.SocketTimeoutException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.function.BooleanSupplier;
import org.junit.jupiter.api.Test;
import org.porchlight.relay.metrics.Counter;
import org.porchlight.relay.metrics.Level;
import org.porchlight.relay.rtsp.server.ServerPolicy;
import org.porchlight.relay.server.SelfSigned;
import org.porchlight.relay.stream.PublishRule;

/** Many connections, connections by IPv6, and tunnels inside TLS. */
class ConnectionsTest {
    private static final byte[] IPV6_LOOPBACK = {0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 1};

    @Test
    void ofOneAddressAreServedUpToTheLimitAndTheSurplusIsRefusedAtOnce() throws Exception {
        int limit = 1_000;
        try (ServerFixture fixture = new ServerFixture(ServerPolicy.DEFAULT, PublishRule.OFF, limit)) {
            List<RtspSocket> sockets = new ArrayList<>();
            try {
                for (int i = 0; i < 2 * limit; i++) {
                    sockets.add(fixture.connect());
                }
                int served = 0;
                for (RtspSocket socket : sockets) {
                    served += isServed(socket) ? 1 : 0;
                }
                assertThat(served).isEqualTo(limit);
                assertThat(fixture.server.connections()).isEqualTo(limit);
                assertThat(fixture.count(Counter.CONNECTIONS_REFUSED_ADDRESS_LIMIT))
                        .isEqualTo(limit);
                assertThat(fixture.count(Counter.CONNECTIONS_ACCEPTED)).isEqualTo(limit);
            } finally {
                for (RtspSocket socket : sockets) {
                    socket.close();
                }
            }
            awaitTrue(
                    "all are closed", () -> fixture.server.connections() == 0 && fixture.level(Level.CONNECTIONS) == 0);
            try (RtspSocket next = fixture.connect()) {
                assertThat(isServed(next)).isTrue();
            }
        }
    }

    /** Whether a request is answered; no answer and no end within the socket's patience is a failure. */
    private static boolean isServed(RtspSocket socket) throws IOException {
        try {
            return socket.ask("OPTIONS", "/").status() == 200;
        } catch (SocketTimeoutException neither) {
            throw neither;
        } catch (SocketException | EOFException refused) {
            return false;
        }
    }

    private static void awaitTrue(String what, BooleanSupplier condition) {
        long deadline = System.nanoTime() + TimeUnit.SECONDS.toNanos(10);
        while (!condition.getAsBoolean()) {
            assertThat(System.nanoTime() - deadline).as(what).isNegative();
            Thread.onSpinWait();
        }
    }

    @Test
    void byIpv6WatchOverTcpAndUdp() throws Exception {
        InetAddress loopback = InetAddress.getByAddress(IPV6_LOOPBACK);
        assumeTrue(canBind(loopback), "this machine has no ::1");
        try (ServerFixture fixture = ServerFixture.open()) {
            InetSocketAddress address = fixture.listen(new InetSocketAddress(loopback, 0));
            try (RtspSocket publisher = new RtspSocket(address);
                    RtspSocket tcp = new RtspSocket(address);
                    RtspSocket udp = new RtspSocket(address);
                    DatagramSocket media = new DatagramSocket(0, loopback);
                    DatagramSocket reports = new DatagramSocket(0, loopback)) {
                media.setSoTimeout(10_000);
                assertThat(publisher.publish("/yard").status()).isEqualTo(200);
                publisher.send(RtspSocket.interleaved(0, RtspSocket.keyframe(1, 1000)));
                assertThat(tcp.ask("DESCRIBE", "/yard").body()).contains("c=IN IP6 ::");
                assertThat(tcp.watch("/yard").status()).isEqualTo(200);
                RtspSocket.Reply setup = udp.ask(
                        "SETUP",
                        "/yard/trackID=0",
                        "Transport: RTP/AVP;unicast;client_port=" + media.getLocalPort() + "-"
                                + reports.getLocalPort());
                assertThat(setup.status()).isEqualTo(200);
                assertThat(udp.ask("PLAY", "/yard").status()).isEqualTo(200);
                publisher.send(RtspSocket.interleaved(0, RtspSocket.keyframe(2, 700)));

                RtspSocket.Frame frame = RtspServerTest.mediaFrame(tcp);
                while (frame.payload().length != 712) {
                    frame = RtspServerTest.mediaFrame(tcp);
                }
                DatagramPacket received = new DatagramPacket(new byte[2000], 2000);
                do {
                    received.setLength(2000);
                    media.receive(received);
                } while (received.getLength() != 712);
                int port = RtspServerTest.serverPort(setup);
                assertThat(received.getSocketAddress()).isEqualTo(new InetSocketAddress(loopback, port));

                byte[] report = {(byte) 0x80, (byte) 201, 0, 1, 1, 2, 3, 4};
                reports.send(new DatagramPacket(report, report.length, loopback, port + 1));
                awaitTrue("the report is one of a viewer", () -> fixture.count(Counter.RTCP_RECEIVED) == 1);
            }
        }
    }

    private static boolean canBind(InetAddress address) {
        try (ServerSocket socket = new ServerSocket(0, 1, address)) {
            return socket.isBound();
        } catch (IOException e) {
            return false;
        }
    }

    @Test
    void tunnelThroughHttpInsideTls() throws Exception {
        SelfSigned identity = SelfSigned.create();
        SslContext tls = SslContextBuilder.forServer(
                        new ByteArrayInputStream(identity.certificate().getBytes(StandardCharsets.US_ASCII)),
                        new ByteArrayInputStream(identity.key().getBytes(StandardCharsets.US_ASCII)))
                .build();
        try (ServerFixture fixture = new ServerFixture(ServerPolicy.DEFAULT, PublishRule.REPLACE, 100, () -> tls);
                RtspSocket publisher = new RtspSocket(RtspServerTest.tlsSocket(fixture));
                RtspSocket down = new RtspSocket(RtspServerTest.tlsSocket(fixture));
                RtspSocket up = new RtspSocket(RtspServerTest.tlsSocket(fixture))) {
            publisher.publish("/yard");
            publisher.send(RtspSocket.interleaved(0, RtspSocket.keyframe(1, 100)));
            down.send("GET /yard HTTP/1.1\r\nx-sessioncookie: abc\r\nAccept: application/x-rtsp-tunnelled\r\n\r\n");
            assertThat(down.reply().status()).isEqualTo(200);
            up.send("POST /yard HTTP/1.1\r\nx-sessioncookie: abc\r\nContent-Length: 32767\r\n\r\n"
                    + RtspServerTest.base64(up.request("SETUP", "/yard/trackID=0", "", "Transport: RTP/AVP/TCP")));
            RtspSocket.Reply setup = down.reply();
            assertThat(setup.header("Transport")).isEqualTo("RTP/AVP/TCP;unicast;interleaved=0-1");
            String session = "Session: " + setup.header("Session").split(";")[0];
            up.send(RtspServerTest.base64(up.request("PLAY", "/yard", "", session)));
            assertThat(down.reply().status()).isEqualTo(200);
            byte[] large = RtspSocket.keyframe(2, 30_000);
            publisher.send(RtspSocket.interleaved(0, large));
            RtspSocket.Frame frame = RtspServerTest.mediaFrame(down);
            while (frame.payload().length != large.length) {
                frame = RtspServerTest.mediaFrame(down);
            }
            assertThat(RtspServerTest.payload(frame.payload())).isEqualTo(RtspServerTest.payload(large));
            up.send(RtspServerTest.base64(up.request("TEARDOWN", "/yard", "", session)));
            assertThat(down.reply().status()).isEqualTo(200);
            assertThat(fixture.nextReport().reason()).isEqualTo("teardown");
        }
    }
}
