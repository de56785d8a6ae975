package org.porchlight.relay.sdp;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;

class SdpWriterTest {
    @Test
    void writesWhatTheGrammarAsks() {
        MediaDescription video = new MediaDescription(
                "video",
                0,
                "RTP/AVP",
                List.of("96"),
                "",
                512,
                List.of(new RtpMap(96, "H264", 90_000, 1).toAttribute(), Attribute.property("recvonly")));
        SessionDescription description = new SessionDescription(
                "", "", "IN IP4 0.0.0.0", "", List.of(new Attribute("control", "*")), List.of(video));

        assertThat(SdpWriter.write(description))
                .isEqualTo(String.join(
                        "\r\n",
                        "v=0",
                        "o=- 0 0 IN IP4 0.0.0.0",
                        "s=-",
                        "c=IN IP4 0.0.0.0",
                        "t=0 0",
                        "a=control:*",
                        "m=video 0 RTP/AVP 96",
                        "b=AS:512",
                        "a=rtpmap:96 H264/90000",
                        "a=recvonly",
                        ""));
    }

    @Test
    void writesTheChannelsOfStereo() {
        assertThat(new RtpMap(111, "opus", 48_000, 2).toAttribute().value()).isEqualTo("111 opus/48000/2");
    }

    @Test
    void refusesToSmuggleLines() {
        for (String bad : List.of("x\r\na=evil", "x\ny", "x\0")) {
            assertThatIllegalArgumentException()
                    .isThrownBy(() -> SdpWriter.write(new SessionDescription("", bad, "", "", List.of(), List.of())));
            assertThatIllegalArgumentException()
                    .isThrownBy(() -> SdpWriter.write(
                            new SessionDescription("", "", "", "", List.of(new Attribute("n", bad)), List.of())));
        }
    }

    @Test
    void refusesAnMLineWithoutFormat() {
        MediaDescription bare = new MediaDescription("video", 0, "RTP/AVP", List.of(), "", 0, List.of());
        assertThatIllegalArgumentException()
                .isThrownBy(() -> SdpWriter.write(new SessionDescription("", "", "", "", List.of(), List.of(bare))));
    }

    @Test
    void whatIsWrittenReadsTheSame() {
        Random random = new Random(7);
        for (int round = 0; round < 500; round++) {
            List<MediaDescription> media = new ArrayList<>();
            for (int m = random.nextInt(5); m > 0; m--) {
                media.add(new MediaDescription(
                        random.nextBoolean() ? "video" : "audio",
                        random.nextInt(65_536),
                        "RTP/SAVPF",
                        List.of(Integer.toString(random.nextInt(128)), "x" + random.nextInt(9)),
                        random.nextBoolean() ? "" : "IN IP4 192.0.2." + random.nextInt(256),
                        random.nextInt(3) * 1000,
                        attributes(random)));
            }
            SessionDescription description = new SessionDescription(
                    "- " + round + " 1 IN IP4 192.0.2.1", "n" + round, "", "0 0", attributes(random), media);
            assertThat(SdpParser.parse(SdpWriter.write(description)).description())
                    .isEqualTo(description);
        }
    }

    private static List<Attribute> attributes(Random random) {
        List<Attribute> attributes = new ArrayList<>();
        for (int i = random.nextInt(6); i > 0; i--) {
            attributes.add(
                    new Attribute("a" + random.nextInt(10), random.nextBoolean() ? "" : "v:=/;" + random.nextInt()));
        }
        return attributes;
    }
}
