package org.porchlight.relay.rtsp.netty;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;
import org.porchlight.relay.admission.Rendition;

/** What PLAY says of the first packets is what then comes. */
class RtpInfoTest {
    private static final String SDP = """
            v=0\r
            o=- 0 0 IN IP4 127.0.0.1\r
            s=-\r
            t=0 0\r
            m=video 0 RTP/AVP 96\r
            a=rtpmap:96 H264/90000\r
            a=control:trackID=0\r
            m=audio 0 RTP/AVP 8\r
            a=control:trackID=1\r
            """;
    private static final int TICKS_PER_AUDIO_PACKET = 160;
    private static final int FRAMES = 6;

    @Test
    void namesTheFirstPacketOfEachTrackAndOneMomentForAll() throws Exception {
        try (ServerFixture fixture = ServerFixture.open();
                RtspSocket publisher = fixture.connect();
                RtspSocket viewer = fixture.connect()) {
            publish(publisher);
            publisher.send(RtspSocket.interleaved(0, RtspSocket.keyframe(1, 100)));
            publisher.send(RtspSocket.interleaved(2, audio(1)));
            for (int i = 2; i <= FRAMES; i++) {
                publisher.send(RtspSocket.interleaved(0, between(i)));
                publisher.send(RtspSocket.interleaved(2, audio(i)));
            }
            // Its answer comes when all before it has been taken.
            assertThat(publisher.ask("GET_PARAMETER", "/yard").status()).isEqualTo(200);
            assertThat(fixture.hub.find("yard", Rendition.MAIN)).isNotNull();

            viewer.ask("SETUP", "/yard/trackID=0", "Transport: RTP/AVP/TCP;interleaved=0-1");
            viewer.ask("SETUP", "/yard/trackID=1", "Transport: RTP/AVP/TCP;interleaved=2-3");
            String info = viewer.ask("PLAY", "/yard").header("RTP-Info");
            publisher.send(RtspSocket.interleaved(2, audio(FRAMES + 1)));
            byte[] firstVideo = first(viewer, 0);
            byte[] firstAudio = first(viewer, 2);

            assertThat(value(info, 0, "seq")).isEqualTo(number(firstVideo, 2, 2));
            assertThat(value(info, 0, "rtptime")).isEqualTo(number(firstVideo, 4, 4));
            assertThat(value(info, 1, "seq")).isEqualTo(number(firstAudio, 2, 2));
            // The cached pictures of 5 x 40 ms lie within the last 100 ms; the newest audio is one packet before the
            // first that comes.
            long newest = number(firstAudio, 4, 4) - TICKS_PER_AUDIO_PACKET;
            assertThat(value(info, 1, "rtptime")).isEqualTo((newest - 800) & 0xffff_ffffL);
        }
    }

    private static void publish(RtspSocket publisher) throws Exception {
        publisher.askWithBody("ANNOUNCE", "/yard", SDP, "Content-Type: application/sdp");
        publisher.ask("SETUP", "/yard/trackID=0", "Transport: RTP/AVP/TCP;interleaved=0-1;mode=record");
        publisher.ask("SETUP", "/yard/trackID=1", "Transport: RTP/AVP/TCP;interleaved=2-3;mode=record");
        assertThat(publisher.ask("RECORD", "/yard").status()).isEqualTo(200);
    }

    private static byte[] between(int number) {
        byte[] packet = RtspSocket.keyframe(number, 100);
        packet[12] = 0x41;
        return packet;
    }

    private static byte[] audio(int number) {
        byte[] packet = new byte[12 + TICKS_PER_AUDIO_PACKET];
        packet[0] = (byte) 0x80;
        packet[1] = 8;
        packet[3] = (byte) number;
        int timestamp = number * TICKS_PER_AUDIO_PACKET;
        packet[6] = (byte) (timestamp >> 8);
        packet[7] = (byte) timestamp;
        packet[11] = 9;
        return packet;
    }

    private static byte[] first(RtspSocket viewer, int channel) throws Exception {
        RtspSocket.Frame frame = viewer.frame();
        while (frame.channel() != channel) {
            frame = viewer.frame();
        }
        return frame.payload();
    }

    private static long number(byte[] packet, int offset, int bytes) {
        long value = 0;
        for (int i = offset; i < offset + bytes; i++) {
            value = (value << 8) | (packet[i] & 0xff);
        }
        return value;
    }

    private static long value(String info, int track, String name) {
        Matcher matcher = Pattern.compile("trackID=" + track + "(?:;[a-z]+=[0-9]+)*?;" + name + "=([0-9]+)")
                .matcher(info);
        assertThat(matcher.find()).as("%s of track %d in %s", name, track, info).isTrue();
        return Long.parseLong(matcher.group(1));
    }
}
