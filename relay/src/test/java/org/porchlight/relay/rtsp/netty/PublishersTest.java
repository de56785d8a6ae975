package org.porchlight.relay.rtsp.netty;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.net.DatagramPacket;
import java.net.DatagramSocket;
import java.net.InetAddress;
import java.nio.ByteBuffer;
import java.util.Arrays;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.porchlight.relay.admission.SessionReport;
import org.porchlight.relay.metrics.Counter;

/** What publishers are told, and what ends them, over real sockets. */
class PublishersTest {
    private static final InetAddress LOOPBACK = InetAddress.getLoopbackAddress();
    private static final int SSRC = 0x01020304;

    @Test
    void getReceiverReportsOverTcpAndUdp() throws Exception {
        try (ServerFixture fixture = ServerFixture.open();
                RtspSocket tcp = fixture.connect();
                RtspSocket udp = fixture.connect();
                DatagramSocket media = new DatagramSocket(0, LOOPBACK);
                DatagramSocket reports = new DatagramSocket(0, LOOPBACK)) {
            reports.setSoTimeout(10_000);
            int port = publishByUdp(udp, "/porch", media.getLocalPort() + "-" + reports.getLocalPort());
            byte[] packet = RtspSocket.keyframe(1, 500);
            media.send(new DatagramPacket(packet, packet.length, LOOPBACK, port));
            tcp.publish("/yard");
            tcp.send(RtspSocket.interleaved(0, RtspSocket.keyframe(7, 1000)));

            RtspSocket.Frame frame = tcp.frame();
            assertThat(frame.channel()).isEqualTo(1);
            isReportOn(frame.payload(), 7);
            DatagramPacket report = new DatagramPacket(new byte[500], 500);
            reports.receive(report);
            isReportOn(Arrays.copyOf(report.getData(), report.getLength()), 1);
            assertThat(report.getPort()).as("our RTCP port").isEqualTo(port + 1);
        }
    }

    private static void isReportOn(byte[] compound, int highestSequenceNumber) {
        ByteBuffer report = ByteBuffer.wrap(compound);
        assertThat(report.get(0) & 0xff).as("version 2, one block").isEqualTo(0x81);
        assertThat(report.get(1) & 0xff).as("receiver report").isEqualTo(201);
        assertThat(report.getInt(8)).isEqualTo(SSRC);
        assertThat(report.getInt(16)).isEqualTo(highestSequenceNumber);
    }

    @Test
    void areCutOffOverTcpWhenTheySendMoreThanTheCameraMay() throws Exception {
        try (ServerFixture fixture = ServerFixture.open();
                RtspSocket publisher = fixture.connect()) {
            publisher.publish("/narrow/1");
            byte[] frame = RtspSocket.interleaved(0, RtspSocket.keyframe(1, 60_000));
            int sent = sendUntilCut(1_000, () -> publisher.send(frame));
            assertThat(sent)
                    .as("frames of 60 kB before the cut")
                    .isGreaterThan(60)
                    .isLessThan(1_000);
            isCutForFlood(fixture);
        }
    }

    @Test
    void areCutOffOverUdpWhenTheySendMoreThanTheCameraMay() throws Exception {
        try (ServerFixture fixture = ServerFixture.open();
                RtspSocket publisher = fixture.connect();
                DatagramSocket media = new DatagramSocket(0, LOOPBACK)) {
            int port = publishByUdp(publisher, "/narrow/2", Integer.toString(media.getLocalPort()));
            byte[] packet = RtspSocket.keyframe(1, 60_000);
            DatagramPacket datagram = new DatagramPacket(packet, packet.length, LOOPBACK, port);
            long deadline = System.nanoTime() + TimeUnit.SECONDS.toNanos(10);
            while (fixture.reports.isEmpty() && System.nanoTime() - deadline < 0) {
                media.send(datagram);
            }
            isCutForFlood(fixture);
            assertThat(publisher.endsOrderly()).isFalse();
        }
    }

    private interface Sending {
        void send() throws IOException;
    }

    private static int sendUntilCut(int atMost, Sending sending) {
        int sent = 0;
        try {
            while (sent < atMost) {
                sending.send();
                sent++;
            }
        } catch (IOException reset) {
            return sent;
        }
        return sent;
    }

    private static void isCutForFlood(ServerFixture fixture) throws InterruptedException {
        SessionReport report = fixture.nextReport();
        assertThat(report.reason()).isEqualTo("flood");
        // A burst of 4 MiB is allowed, and the packet that goes beyond it does not enter.
        assertThat(report.bytes()).isBetween((4L << 20) - 60_012, 5L << 20);
        assertThat(fixture.count(Counter.PUBLISHERS_FLOOD)).isEqualTo(1);
    }

    @Test
    void keepTheirPortsWhenTheySetUpATrackAgain() throws Exception {
        try (ServerFixture fixture = ServerFixture.open();
                RtspSocket publisher = fixture.connect()) {
            publisher.askWithBody("ANNOUNCE", "/yard", RtspSocket.SDP);
            int first = setUpUdp(publisher, "/yard", "5000");
            assertThat(setUpUdp(publisher, "/yard", "5002")).isEqualTo(first);
        }
    }

    private static int publishByUdp(RtspSocket publisher, String path, String clientPorts) throws IOException {
        publisher.askWithBody("ANNOUNCE", path, RtspSocket.SDP);
        int port = setUpUdp(publisher, path, clientPorts);
        assertThat(publisher.ask("RECORD", path).status()).isEqualTo(200);
        return port;
    }

    private static int setUpUdp(RtspSocket publisher, String path, String clientPorts) throws IOException {
        RtspSocket.Reply setup = publisher.ask(
                "SETUP", path + "/trackID=0", "Transport: RTP/AVP;unicast;client_port=" + clientPorts + ";mode=record");
        assertThat(setup.status()).isEqualTo(200);
        return RtspServerTest.serverPort(setup);
    }
}
