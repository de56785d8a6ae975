package org.porchlight.relay.sdp;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.charset.StandardCharsets;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class SdpParserTest {
    private static final String CAMERA = String.join(
            "\r\n",
            "v=0",
            "o=- 1699000000 1 IN IP4 192.0.2.10",
            "s=Street corner",
            "i=ignored",
            "c=IN IP4 0.0.0.0",
            "b=AS:4096",
            "t=0 0",
            "a=control:*",
            "a=range:npt=now-",
            "m=video 0 RTP/AVP 96",
            "b=AS:4000",
            "a=rtpmap:96 H264/90000",
            "a=fmtp:96 packetization-mode=1;profile-level-id=4D0029;sprop-parameter-sets=Z00AKZpmA8ARPyzUBAQFAAADAAEAAAMAMI8WLZY=,aO48gA==",
            "a=control:trackID=1",
            "m=audio 0 RTP/AVP 0",
            "a=control:trackID=2",
            "m=application 0 RTP/AVP 107",
            "c=IN IP6 ::",
            "a=rtpmap:107 vnd.onvif.metadata/90000",
            "a=sendonly",
            "");

    @Test
    void readsACameraThatKeepsTheRules() {
        SdpParser.Result result = SdpParser.parse(CAMERA);

        assertThat(result.flaws()).isEmpty();
        SessionDescription description = result.description();
        assertThat(description.name()).isEqualTo("Street corner");
        assertThat(description.control()).contains("*");
        assertThat(description.media()).hasSize(3);
        MediaDescription video = description.media().get(0);
        assertThat(video.media()).isEqualTo("video");
        assertThat(video.bandwidthKbps()).isEqualTo(4000);
        assertThat(video.payloadTypes()).containsExactly(96);
        assertThat(video.rtpMap(96)).contains(new RtpMap(96, "H264", 90_000, 1));
        assertThat(video.fmtp(96)).startsWith("packetization-mode=1;").endsWith(",aO48gA==");
        assertThat(video.fmtp(97)).isEmpty();
        assertThat(video.control()).contains("trackID=1");
        assertThat(description.connectionOf(video)).isEqualTo("IN IP4 0.0.0.0");
        MediaDescription audio = description.media().get(1);
        assertThat(audio.rtpMap(0)).contains(new RtpMap(0, "PCMU", 8_000, 1));
        MediaDescription metadata = description.media().get(2);
        assertThat(metadata.attribute("sendonly")).contains("");
        assertThat(description.connectionOf(metadata)).isEqualTo("IN IP6 ::");
    }

    @ParameterizedTest
    @ValueSource(strings = {"\r", "\n", "\r\n", "\n\r\n", "\r\r\n", "\r\n\r\n"})
    void readsTheSameWhateverEndsTheLines(String lineEnd) {
        SessionDescription expected = SdpParser.parse(CAMERA).description();
        assertThat(SdpParser.parse(CAMERA.replace("\r\n", lineEnd)).description())
                .isEqualTo(expected);
    }

    @Test
    void readsMixedLineEndsAndAMissingLastOne() {
        StringBuilder mixed = new StringBuilder();
        String[] lines = CAMERA.strip().split("\r\n");
        for (int i = 0; i < lines.length; i++) {
            mixed.append(lines[i]).append(i == lines.length - 1 ? "" : new String[] {"\r", "\n", "\r\n"}[i % 3]);
        }
        SdpParser.Result result = SdpParser.parse(mixed.toString());
        assertThat(result.description()).isEqualTo(SdpParser.parse(CAMERA).description());
        assertThat(result.flaws()).containsExactly(SdpFlaw.LINE_ENDS);
    }

    @Test
    void takesADescriptionWithoutAnyHeader() {
        SdpParser.Result result = SdpParser.parse("m=video 0 RTP/AVP 26\na=control:track1\n");
        assertThat(result.flaws()).containsExactly(SdpFlaw.MISSING_HEADER);
        MediaDescription video = result.description().media().get(0);
        assertThat(video.rtpMap(26)).contains(new RtpMap(26, "JPEG", 90_000, 1));
    }

    @Test
    void takesAnMLineThatEndsAfterItsPort() {
        SdpParser.Result result = SdpParser.parse("v=0\no=-\ns=\nt=0 0\nm=video 0\na=rtpmap:96 H264/90000\n");
        assertThat(result.flaws()).containsExactly(SdpFlaw.SHORT_MEDIA_LINE);
        MediaDescription video = result.description().media().get(0);
        assertThat(video.protocol()).isEqualTo("RTP/AVP");
        assertThat(video.formats()).isEmpty();
        assertThat(video.rtpMaps()).hasSize(1);
    }

    @Test
    void takesAnMLineWithoutPort() {
        MediaDescription video =
                SdpParser.parse("m=video RTP/AVP 96").description().media().get(0);
        assertThat(video.protocol()).isEqualTo("RTP/AVP");
        assertThat(video.formats()).containsExactly("96");
    }

    @Test
    void takesAPortCount() {
        MediaDescription video = SdpParser.parse("m=video 4000/2 RTP/AVP 96")
                .description()
                .media()
                .get(0);
        assertThat(video.port()).isEqualTo(4000);
        assertThat(video.formats()).containsExactly("96");
    }

    @Test
    void tellsOfPayloadTypesThatAreNone() {
        SdpParser.Result result = SdpParser.parse("m=video 0 RTP/AVP 200 96 H264\na=rtpmap:999 H264/90000");
        assertThat(result.flaws()).contains(SdpFlaw.BAD_PAYLOAD_TYPE);
        assertThat(result.description().media().get(0).payloadTypes()).containsExactly(96);
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "96 H264/90000",
                " 96  H264/90000 ",
                "96\tH264 / 90000",
                "96 H264/90000/1",
                "96 H264/90000/",
                "96 H264/90000/1/extra",
                "96H264/90000"
            })
    void takesManySpellingsOfAnRtpmap(String value) {
        RtpMap map = RtpMap.parse(value).orElseThrow();
        assertThat(map).isEqualTo(new RtpMap(96, "H264", 90_000, 1));
    }

    @ParameterizedTest
    @ValueSource(strings = {"", "96", "H264/90000", "128 H264/90000", "-1 H264/90000", "96 /90000", "99999999999 X/1"})
    void refusesWhatIsNoRtpmap(String value) {
        assertThat(RtpMap.parse(value)).isEmpty();
    }

    @Test
    void takesAnRtpmapWithoutOrWithSenselessClock() {
        assertThat(RtpMap.parse("96 H264")).contains(new RtpMap(96, "H264", 0, 1));
        assertThat(RtpMap.parse("96 H264/fast")).contains(new RtpMap(96, "H264", 0, 1));
        assertThat(RtpMap.parse("96 H264/99999999999")).contains(new RtpMap(96, "H264", 0, 1));
    }

    @Test
    void dropsControlCharactersAndIndentation() {
        SdpParser.Result result = SdpParser.parse("v=0\no=-\ns=Ca\0me\1ra\nt=0 0\n \tm = video 0 RTP/AVP 96\n\0\0");
        assertThat(result.description().name()).isEqualTo("Camera");
        assertThat(result.description().media()).hasSize(1);
        assertThat(result.flaws()).containsExactly(SdpFlaw.STRAY_CHARACTERS);
    }

    @Test
    void keepsUnknownAttributesAndSkipsWhatIsNoLine() {
        SdpParser.Result result = SdpParser.parse("v=0\no=-\ns=-\nt=0 0\nnonsense\n=x\na=x-maker:1:2=3\na=:4\n");
        assertThat(result.description().attributes()).containsExactly(new Attribute("x-maker", "1:2=3"));
        assertThat(result.flaws()).containsExactly(SdpFlaw.MALFORMED_LINE);
    }

    @Test
    void readsBytesThatAreNotUtf8() {
        byte[] bytes = "s=Gr\u00fc\u00dfe\nm=audio 0 RTP/AVP 8\n".getBytes(StandardCharsets.ISO_8859_1);
        SessionDescription description = SdpParser.parse(bytes).description();
        assertThat(description.name()).isEqualTo("Gr\ufffd\ufffde");
        assertThat(description.media()).hasSize(1);
    }

    @Test
    void boundsEveryDimension() {
        StringBuilder huge = new StringBuilder("v=0\no=-\ns=-\nt=0 0\n");
        huge.append("a=long:").append("x".repeat(SdpParser.MAX_LINE)).append('\n');
        for (int i = 0; i < 300; i++) {
            huge.append("a=s").append(i).append('\n');
        }
        for (int m = 0; m < 40; m++) {
            huge.append("m=video 0 RTP/AVP").append(" 96".repeat(70)).append("\na=x\n");
        }
        SdpParser.Result result = SdpParser.parse(huge.toString());
        assertThat(result.flaws()).containsExactly(SdpFlaw.TOO_LARGE);
        assertThat(result.description().attributes()).hasSize(SdpParser.MAX_ATTRIBUTES);
        assertThat(result.description().media()).hasSize(SdpParser.MAX_MEDIA);
        assertThat(result.description().media().get(0).formats()).hasSize(SdpParser.MAX_FORMATS);

        String endless = "a=x\n".repeat(SdpParser.MAX_BYTES);
        assertThat(SdpParser.parse(endless).flaws()).contains(SdpFlaw.TOO_LARGE);
    }

    @Test
    void survivesRandomDamage() {
        Random random = new Random(20261121);
        byte[] original = CAMERA.getBytes(StandardCharsets.UTF_8);
        for (int round = 0; round < 5_000; round++) {
            byte[] damaged = original.clone();
            int changes = 1 + random.nextInt(40);
            for (int i = 0; i < changes; i++) {
                int at = random.nextInt(damaged.length);
                switch (random.nextInt(3)) {
                    case 0 -> damaged[at] = (byte) random.nextInt(256);
                    case 1 -> damaged[at] = (byte) "\r\n=:/ am0".charAt(random.nextInt(9));
                    default -> {
                        int to = random.nextInt(damaged.length);
                        int length = Math.min(random.nextInt(30), damaged.length - Math.max(at, to));
                        System.arraycopy(original, at, damaged, to, length);
                    }
                }
            }
            SdpInvariants.check(damaged);
        }
    }
}
