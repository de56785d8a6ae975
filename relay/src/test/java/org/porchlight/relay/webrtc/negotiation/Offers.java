package org.porchlight.relay.webrtc.negotiation;

import java.io.IOException;
import java.io.InputStream;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Random;
import org.porchlight.relay.codec.Codec;
import org.porchlight.relay.codec.MediaKind;
import org.porchlight.relay.codec.TrackFormat;
import org.porchlight.relay.webrtc.dtls.Fingerprint;
import org.porchlight.relay.webrtc.ice.IceCandidate;
import org.porchlight.relay.webrtc.ice.IceCredentials;

/** Offers as Chromium 156 writes them, tracks as cameras have them, and our own side. */
final class Offers {
    static final TrackFormat H264_HIGH =
            video(Codec.H264, "packetization-mode=1;profile-level-id=640033;sprop-parameter-sets=Z2QAMw==,aO48sA==");
    static final TrackFormat OPUS = new TrackFormat(MediaKind.AUDIO, Codec.OPUS, 97, "opus", 48_000, 2, "");
    static final TrackFormat PCMA = new TrackFormat(MediaKind.AUDIO, Codec.PCMA, 8, "PCMA", 8_000, 1, "");
    static final TrackFormat AAC =
            new TrackFormat(MediaKind.AUDIO, Codec.AAC, 97, "MPEG4-GENERIC", 16_000, 1, "mode=AAC-hbr;config=1408");
    static final TrackFormat METADATA =
            new TrackFormat(MediaKind.METADATA, Codec.ONVIF_METADATA, 98, "vnd.onvif.metadata", 90_000, 1, "");

    private Offers() {}

    static TrackFormat video(Codec codec, String fmtp) {
        return new TrackFormat(MediaKind.VIDEO, codec, 96, codec.name(), 90_000, 1, fmtp);
    }

    /** Two m-lines, video and audio, to receive. */
    static String viewer() {
        return resource("chromium-viewer.sdp");
    }

    /** Audio, video and a data channel, with candidates. */
    static String gathered() {
        return resource("chromium-viewer-gathered.sdp");
    }

    /** Audio and video to send. */
    static String publisher() {
        return resource("chromium-publisher.sdp");
    }

    /** Video in the three layers h, m and l. */
    static String simulcast() {
        return resource("chromium-simulcast.sdp");
    }

    private static String resource(String name) {
        try (InputStream in = Offers.class.getResourceAsStream("/offers/" + name)) {
            if (in == null) {
                throw new IllegalStateException("no offer " + name);
            }
            return new String(in.readAllBytes(), StandardCharsets.UTF_8);
        } catch (IOException e) {
            throw new IllegalStateException(e);
        }
    }

    static LocalTransport local() {
        Random ssrcs = new Random(8_829);
        return new LocalTransport(
                new IceCredentials("OURS", "ourPasswordForThisSession"),
                List.of(
                        IceCandidate.hostUdp(new InetSocketAddress("192.0.2.1", 8_189), 0),
                        IceCandidate.hostTcpPassive(new InetSocketAddress("192.0.2.1", 8_189), 0)),
                Fingerprint.of(Fingerprint.Hash.SHA_256, new byte[] {1, 2, 3}),
                42,
                "porchlight",
                ssrcs::nextInt);
    }
}
