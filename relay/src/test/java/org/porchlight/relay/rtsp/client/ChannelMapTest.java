package org.porchlight.relay.rtsp.client;

import static org.assertj.core.api.Assertions.assertThat;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import java.util.EnumSet;
import java.util.List;
import java.util.Random;
import java.util.Set;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.porchlight.relay.codec.Codec;
import org.porchlight.relay.codec.MediaKind;
import org.porchlight.relay.codec.TrackFormat;

class ChannelMapTest {
    private static final int VIDEO_SSRC = 0x1111;
    private static final int AUDIO_SSRC = 0x2222;

    private final Set<CameraQuirk> quirks = EnumSet.noneOf(CameraQuirk.class);

    /** Two tracks with the same payload type, which some cameras give to all of them. */
    private ChannelMap twins(@Nullable Integer videoSsrc, @Nullable Integer audioSsrc) {
        return new ChannelMap(List.of(track(videoSsrc), track(audioSsrc)), new int[] {0, 2}, new int[] {1, 3}, quirks);
    }

    private static ClientTrack track(@Nullable Integer ssrc) {
        TrackFormat format = new TrackFormat(MediaKind.VIDEO, Codec.H264, 96, "H264", 90_000, 1, "");
        return new ClientTrack(format, "", ClientTrack.Transport.INTERLEAVED, null, ssrc, Set.of());
    }

    private static int rtp(ChannelMap map, int channel, int payloadType, int ssrc) {
        ByteBuf packet = Unpooled.buffer()
                .writeByte(0x80)
                .writeByte(payloadType)
                .writeShort(1)
                .writeInt(0)
                .writeInt(ssrc)
                .writeByte(0x65);
        return map.route(channel, packet, 0, packet.readableBytes());
    }

    private static int rtcp(ChannelMap map, int channel, int ssrc) {
        ByteBuf packet =
                Unpooled.buffer().writeByte(0x80).writeByte(201).writeShort(1).writeInt(ssrc);
        return map.route(channel, packet, 0, packet.readableBytes());
    }

    @Test
    void learnsAnUnknownChannelByAnAnnouncedSsrc() {
        ChannelMap map = twins(VIDEO_SSRC, AUDIO_SSRC);
        assertThat(rtp(map, 8, 96, AUDIO_SSRC)).isEqualTo(2);
        assertThat(rtp(map, 6, 96, VIDEO_SSRC)).isZero();
        assertThat(rtp(map, 8, 96, 0x3333)).as("learned for good").isEqualTo(2);
        assertThat(quirks).containsExactly(CameraQuirk.INTERLEAVED_CHANNELS);
    }

    @Test
    void learnsAnUnknownChannelByAnSsrcSeenElsewhere() {
        ChannelMap map = twins(null, null);
        assertThat(rtp(map, 8, 96, AUDIO_SSRC)).isEqualTo(ChannelMap.UNKNOWN);
        assertThat(rtp(map, 2, 96, AUDIO_SSRC)).isEqualTo(2);
        assertThat(rtp(map, 8, 96, AUDIO_SSRC)).isEqualTo(2);
    }

    @Test
    void learnsAChannelOfRtcpByTheSsrcOfItsSender() {
        ChannelMap map = twins(VIDEO_SSRC, AUDIO_SSRC);
        assertThat(rtcp(map, 20, AUDIO_SSRC)).isEqualTo(3);
        assertThat(rtcp(map, 21, 0x4444)).as("nobody's").isEqualTo(ChannelMap.UNKNOWN);
    }

    @Test
    void anSsrcThatTwoTracksHaveTellsNothing() {
        ChannelMap map = twins(VIDEO_SSRC, VIDEO_SSRC);
        assertThat(rtp(map, 8, 96, VIDEO_SSRC)).isEqualTo(ChannelMap.UNKNOWN);
        assertThat(rtcp(map, 9, VIDEO_SSRC)).isEqualTo(ChannelMap.UNKNOWN);
    }

    @Test
    void neverReadsBeyondAFrameOrNamesATrackThatIsNotThere() {
        Random random = new Random(11);
        ChannelMap map = twins(null, AUDIO_SSRC);
        for (int i = 0; i < 20_000; i++) {
            byte[] bytes = new byte[random.nextInt(20)];
            random.nextBytes(bytes);
            if (bytes.length > 0 && random.nextBoolean()) {
                bytes[0] = (byte) 0x80;
            }
            ByteBuf frame = Unpooled.wrappedBuffer(bytes);
            assertThat(map.route(random.nextInt(256), frame, 0, bytes.length)).isBetween(-1, 3);
        }
    }
}
