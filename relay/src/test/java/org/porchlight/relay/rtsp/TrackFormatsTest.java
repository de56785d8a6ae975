package org.porchlight.relay.rtsp;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.porchlight.relay.codec.Codec;
import org.porchlight.relay.codec.MediaKind;
import org.porchlight.relay.codec.TrackFormat;
import org.porchlight.relay.rtsp.TrackFormats.Flaw;
import org.porchlight.relay.sdp.MediaDescription;
import org.porchlight.relay.sdp.SdpParser;
import org.porchlight.relay.sdp.SdpWriter;
import org.porchlight.relay.sdp.SessionDescription;

class TrackFormatsTest {
    private static TrackFormats.Reading read(String... lines) {
        return TrackFormats.of(media(lines)).orElseThrow();
    }

    private static MediaDescription media(String... lines) {
        return SdpParser.parse(String.join("\n", lines)).description().media().get(0);
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', textBlock = """
                    video       | H264/90000                   | VIDEO    | H264           | 90000 | 1
                    video       | h265/90000                   | VIDEO    | H265           | 90000 | 1
                    video       | HEVC/90000                   | VIDEO    | H265           | 90000 | 1
                    video       | AV1/90000                    | VIDEO    | AV1            | 90000 | 1
                    video       | VP8/90000                    | VIDEO    | VP8            | 90000 | 1
                    video       | VP9/90000                    | VIDEO    | VP9            | 90000 | 1
                    video       | JPEG/90000                   | VIDEO    | MJPEG          | 90000 | 1
                    video       | MP4V-ES/90000                | VIDEO    | OPAQUE         | 90000 | 1
                    audio       | mpeg4-generic/16000/2        | AUDIO    | AAC            | 16000 | 2
                    audio       | MP4A-LATM/44100              | AUDIO    | AAC            | 44100 | 1
                    audio       | opus/48000/2                 | AUDIO    | OPUS           | 48000 | 2
                    audio       | PCMU/16000                   | AUDIO    | PCMU           | 16000 | 1
                    audio       | L16/48000/2                  | AUDIO    | LPCM           | 48000 | 2
                    audio       | G726-32/8000                 | AUDIO    | OPAQUE         | 8000  | 1
                    application | vnd.onvif.metadata/90000     | METADATA | ONVIF_METADATA | 90000 | 1
                    application | vnd.onvif.metadata.gzip/90000| METADATA | ONVIF_METADATA | 90000 | 1
                    application | H264/90000                   | VIDEO    | H264           | 90000 | 1
                    """)
    void readsWhatIsWritten(String media, String map, MediaKind kind, Codec codec, int clockRate, int channels) {
        TrackFormats.Reading reading = read("m=" + media + " 0 RTP/AVP 97", "a=rtpmap:97 " + map);
        assertThat(reading.flaws()).isEmpty();
        assertThat(reading.format().kind()).isEqualTo(kind);
        assertThat(reading.format().codec()).isEqualTo(codec);
        assertThat(reading.format().payloadType()).isEqualTo(97);
        assertThat(reading.format().clockRate()).isEqualTo(clockRate);
        assertThat(reading.format().channels()).isEqualTo(channels);
    }

    @Test
    void knowsStaticPayloadTypesWithoutRtpmap() {
        assertThat(read("m=audio 0 RTP/AVP 8").format())
                .isEqualTo(new TrackFormat(MediaKind.AUDIO, Codec.PCMA, 8, "PCMA", 8_000, 1, ""));
        assertThat(read("m=video 0 RTP/AVP 26").format().codec()).isEqualTo(Codec.MJPEG);
        assertThat(read("m=video 0 RTP/AVP 26").flaws()).isEmpty();
    }

    @Test
    void putsWrongClocksRight() {
        assertThat(read("m=video 0 RTP/AVP 96", "a=rtpmap:96 H264/8000"))
                .satisfies(reading -> assertThat(reading.format().clockRate()).isEqualTo(90_000))
                .satisfies(reading -> assertThat(reading.flaws()).containsExactly(Flaw.CLOCK_WRONG));
        assertThat(read("m=audio 0 RTP/AVP 9", "a=rtpmap:9 G722/16000").format().clockRate())
                .isEqualTo(8_000);
        assertThat(read("m=audio 0 RTP/AVP 96", "a=rtpmap:96 mpeg4-generic", "a=fmtp:96 mode=AAC-hbr;config=1408")
                        .format()
                        .clockRate())
                .isEqualTo(16_000);
    }

    @Test
    void guessesWhereTheRtpmapIsMissing() {
        assertThat(read("m=video 0 RTP/AVP 96", "a=fmtp:96 sprop-vps=QAE=")
                        .format()
                        .codec())
                .isEqualTo(Codec.H265);
        TrackFormats.Reading bare = read("m=video 0 RTP/AVP 96");
        assertThat(bare.format().codec()).isEqualTo(Codec.H264);
        assertThat(bare.flaws()).containsExactly(Flaw.FORMAT_GUESSED);
        assertThat(read("m=audio 0 RTP/AVP 96").format().codec()).isEqualTo(Codec.OPAQUE);
    }

    @Test
    void bringsRtpmapAndMLineTogether() {
        TrackFormats.Reading reading =
                read("m=video 0 RTP/AVP 97", "a=rtpmap:96 H265/90000", "a=fmtp:96 sprop-vps=QAE=");
        assertThat(reading.format())
                .isEqualTo(new TrackFormat(MediaKind.VIDEO, Codec.H265, 97, "H265", 90_000, 1, "sprop-vps=QAE="));
        assertThat(reading.flaws()).containsExactly(Flaw.PAYLOAD_TYPE_MISMATCH);

        assertThat(read("m=video 0", "a=rtpmap:96 H264/90000").format().payloadType())
                .isEqualTo(96);
    }

    @Test
    void takesTheFirstFormatThatItUnderstands() {
        TrackFormat format = read("m=audio 0 RTP/AVP 98 0 8", "a=rtpmap:98 X-VENDOR/8000", "a=rtpmap:0 PCMU/8000")
                .format();
        assertThat(format.codec()).isEqualTo(Codec.PCMU);
    }

    @Test
    void leavesOutWhatIsNoRtp() {
        assertThat(TrackFormats.of(media("m=application 9 TCP/TLS 1"))).isEmpty();
        assertThat(TrackFormats.of(media("m=video 0 RTP/AVP"))).isEmpty();
    }

    @Test
    void writesWhatItReads() {
        TrackFormat opus = new TrackFormat(MediaKind.AUDIO, Codec.OPUS, 111, "opus", 48_000, 2, "useinbandfec=1");
        SessionDescription description =
                new SessionDescription("", "", "", "", List.of(), List.of(TrackFormats.describe(opus, "trackID=1")));
        MediaDescription read = SdpParser.parse(SdpWriter.write(description))
                .description()
                .media()
                .get(0);
        assertThat(read.control()).contains("trackID=1");
        assertThat(TrackFormats.of(read).orElseThrow().format()).isEqualTo(opus);
    }
}
