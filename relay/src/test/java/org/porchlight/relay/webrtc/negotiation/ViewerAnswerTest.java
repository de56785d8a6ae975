package org.porchlight.relay.webrtc.negotiation;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.InstanceOfAssertFactories.type;
import static org.junit.jupiter.api.Assertions.assertTimeout;

import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.porchlight.relay.codec.Codec;
import org.porchlight.relay.codec.MediaKind;
import org.porchlight.relay.codec.TrackFormat;
import org.porchlight.relay.sdp.MediaDescription;
import org.porchlight.relay.sdp.SdpParser;
import org.porchlight.relay.sdp.SessionDescription;
import org.porchlight.relay.webrtc.ice.IceTransport;
import org.porchlight.relay.webrtc.negotiation.NegotiationException.Reason;

class ViewerAnswerTest {
    private static Agreement answer(String offer, TrackFormat... tracks) throws NegotiationException {
        return ViewerAnswer.answer(RemoteDescription.read(offer), List.of(tracks), Offers.local());
    }

    private static void refused(Reason reason, String offer, TrackFormat... tracks) {
        assertThatThrownBy(() -> answer(offer, tracks))
                .asInstanceOf(type(NegotiationException.class))
                .satisfies(e -> {
                    assertThat(e.reason()).as(e.getMessage()).isEqualTo(reason);
                    assertThat(e.getMessage()).endsWith(".");
                });
    }

    private static SessionDescription read(Agreement agreement) {
        SdpParser.Result result = SdpParser.parse(agreement.description());
        assertThat(result.flaws()).isEmpty();
        return result.description();
    }

    @Test
    void chromiumGetsTheCamerasVideoAndAudio() throws Exception {
        Agreement agreement = answer(Offers.viewer(), Offers.H264_HIGH, Offers.OPUS);
        assertThat(agreement.dtlsServer()).isTrue();
        assertThat(agreement.remote().credentials().ufrag()).hasSize(4);
        assertThat(agreement.remote().fingerprints()).hasSize(1);
        assertThat(agreement.remote().trickles()).isTrue();
        assertThat(agreement.remote().lite()).isFalse();

        AgreedMedia video = agreement.media().get(0);
        assertThat(video.mid()).isEqualTo("0");
        assertThat(video.track()).isZero();
        assertThat(video.format().payloadType()).as("main is nearest to high").isEqualTo(116);
        assertThat(video.format().fmtp()).as("the camera's own").contains("640033");
        assertThat(video.rtxPayloadType()).isEqualTo(117);
        assertThat(video.ssrc()).isNotZero();
        assertThat(video.rtxSsrc()).isNotZero().isNotEqualTo(video.ssrc());
        assertThat(video.feedback())
                .containsExactlyInAnyOrder(Feedback.NACK, Feedback.PLI, Feedback.FIR, Feedback.TRANSPORT_CC);
        assertThat(video.extensions().id(HeaderExtension.TRANSPORT_CC)).isEqualTo(4);
        assertThat(video.extensions().id(HeaderExtension.PLAYOUT_DELAY)).isEqualTo(5);
        assertThat(video.extensions().id(HeaderExtension.MID)).isEqualTo(9);
        assertThat(video.extensions().id(HeaderExtension.ABS_SEND_TIME)).isZero();
        assertThat(video.extensions().id(HeaderExtension.RID)).isZero();
        assertThat(video.reducedSizeRtcp()).isTrue();

        AgreedMedia audio = agreement.media().get(1);
        assertThat(audio.format().payloadType()).isEqualTo(111);
        assertThat(audio.hasRtx()).isFalse();
        assertThat(audio.rtxSsrc()).isZero();
        assertThat(audio.track()).isEqualTo(1);
        assertThat(audio.feedback()).containsExactly(Feedback.TRANSPORT_CC);
    }

    @Test
    void theAnswerSaysWhatWasAgreed() throws Exception {
        Agreement agreement = answer(Offers.viewer(), Offers.H264_HIGH, Offers.OPUS);
        SessionDescription answer = read(agreement);
        assertThat(answer.attribute("group")).hasValue("BUNDLE 0 1");
        assertThat(answer.attribute("ice-lite")).isPresent();
        assertThat(answer.attribute("extmap-allow-mixed")).isPresent();
        MediaDescription video = answer.media().get(0);
        assertThat(video.port()).isEqualTo(8_189);
        assertThat(video.connection()).isEqualTo("IN IP4 192.0.2.1");
        assertThat(video.protocol()).isEqualTo("UDP/TLS/RTP/SAVPF");
        assertThat(video.payloadTypes()).containsExactly(116, 117);
        assertThat(video.fmtp(116)).isEqualTo("level-asymmetry-allowed=1;packetization-mode=1;profile-level-id=4d001f");
        assertThat(video.fmtp(117)).isEqualTo("apt=116");
        assertThat(video.attribute("sendonly")).isPresent();
        assertThat(video.attribute("setup")).hasValue("passive");
        assertThat(video.attribute("rtcp-mux")).isPresent();
        assertThat(video.attribute("ice-ufrag")).hasValue("OURS");
        assertThat(video.attribute("fingerprint"))
                .hasValue(Offers.local().fingerprint().toString());
        long ssrc = Integer.toUnsignedLong(agreement.media().get(0).ssrc());
        long rtxSsrc = Integer.toUnsignedLong(agreement.media().get(0).rtxSsrc());
        assertThat(video.attribute("ssrc-group")).hasValue("FID " + ssrc + " " + rtxSsrc);
        assertThat(video.attributes().stream().filter(a -> a.isNamed("candidate")))
                .hasSize(2);
        assertThat(video.attribute("end-of-candidates")).isPresent();
        MediaDescription audio = answer.media().get(1);
        assertThat(audio.attribute("candidate")).isEmpty();
        assertThat(audio.payloadTypes()).containsExactly(111);
        assertThat(audio.rtpMap(111))
                .hasValueSatisfying(map -> assertThat(map.channels()).isEqualTo(2));
    }

    @Test
    void tracksThatBrowsersDoNotKnowAreLeftOut() throws Exception {
        Agreement agreement = answer(Offers.viewer(), Offers.H264_HIGH, Offers.AAC, Offers.METADATA);
        assertThat(agreement.media()).hasSize(1);
        SessionDescription answer = read(agreement);
        assertThat(answer.attribute("group")).hasValue("BUNDLE 0");
        MediaDescription audio = answer.media().get(1);
        assertThat(audio.port()).isZero();
        assertThat(audio.attribute("inactive")).isPresent();
        assertThat(audio.attribute("mid")).hasValue("1");
        assertThat(audio.payloadTypes())
                .as("a rejected m-line keeps its formats")
                .hasSize(8);
    }

    @Test
    void aDataChannelIsRejectedAndCandidatesAreRead() throws Exception {
        Agreement agreement = answer(Offers.gathered(), Offers.H264_HIGH, Offers.PCMA);
        assertThat(agreement.remote().candidates()).hasSize(4).allSatisfy(candidate -> {
            boolean active = candidate.tcpType().equals("active");
            assertThat(candidate.transport()).isEqualTo(active ? IceTransport.TCP : IceTransport.UDP);
        });
        assertThat(agreement.media()).extracting(m -> m.format().codec()).containsExactly(Codec.PCMA, Codec.H264);
        assertThat(agreement.media()).extracting(AgreedMedia::track).containsExactly(1, 0);
        SessionDescription answer = read(agreement);
        assertThat(answer.media()).hasSize(3);
        assertThat(answer.media().get(2).port()).isZero();
        assertThat(answer.media().get(2).protocol()).isEqualTo("UDP/DTLS/SCTP");
        assertThat(answer.attribute("group")).hasValue("BUNDLE 0 1");
    }

    @ParameterizedTest
    @CsvSource({
        // camera's fmtp | profile and mode offered that is taken
        "profile-level-id=42c01e;packetization-mode=1, 42e01f",
        "profile-level-id=420029;packetization-mode=1, 42001f",
        "profile-level-id=42e034;packetization-mode=0, 42e01f",
        "profile-level-id=4d0028;packetization-mode=1, 4d001f",
        "profile-level-id=4D4033, 4d001f",
        "profile-level-id=640033;packetization-mode=1, 4d001f",
        "profile-level-id=640c29;packetization-mode=1, 4d001f",
        "profile-level-id=zzz, 4d001f",
        "'', 4d001f",
        "profile-level-id=f40028;packetization-mode=1, f4001f",
    })
    void everyProfileThatBrowsersDecodeFindsItsNearest(String camera, String taken) throws Exception {
        Agreement agreement = answer(Offers.viewer(), Offers.video(Codec.H264, camera));
        int payloadType = agreement.media().get(0).format().payloadType();
        assertThat(read(agreement).media().get(0).fmtp(payloadType))
                .isEqualTo("level-asymmetry-allowed=1;packetization-mode=1;profile-level-id=" + taken);
    }

    @Test
    void profilesThatNobodyOffersAreRefusedWithBothSidesNames() {
        TrackFormat high10 = Offers.video(Codec.H264, "profile-level-id=6e0029;packetization-mode=1");
        refused(Reason.NO_CODEC_IN_COMMON, Offers.viewer(), high10, Offers.OPUS);
        assertThatThrownBy(() -> answer(Offers.viewer(), Offers.video(Codec.H265, "")))
                .hasMessageContaining("the camera sends H265")
                .hasMessageContaining("the viewer takes VP8, VP9, H264, AV1, opus, G722, PCMU, PCMA.");
        refused(Reason.NO_CODEC_IN_COMMON, Offers.viewer(), Offers.video(Codec.MJPEG, ""), Offers.OPUS);
        refused(Reason.NO_CODEC_IN_COMMON, Offers.viewer(), Offers.AAC);
        refused(Reason.NO_CODEC_IN_COMMON, Offers.viewer(), Offers.METADATA);
    }

    @ParameterizedTest
    @CsvSource({
        "VP8, '', 96",
        "VP9, '', 98",
        "VP9, profile-id=2, 100",
        "AV1, '', 45",
        "AV1, profile=1, 47",
    })
    void otherCodecsAreMatchedByTheirProfile(Codec codec, String fmtp, int payloadType) throws Exception {
        Agreement agreement = answer(Offers.viewer(), Offers.video(codec, fmtp));
        assertThat(agreement.media().get(0).format().payloadType()).isEqualTo(payloadType);
        assertThat(agreement.media().get(0).rtxPayloadType()).isEqualTo(payloadType + 1);
    }

    @Test
    void h265GoesToWhoOffersIt() throws Exception {
        String offer = Offers.viewer()
                .replace("a=rtpmap:45 AV1/90000", "a=rtpmap:45 H265/90000")
                .replace("a=fmtp:45 level-idx=5;profile=0;tier=0", "a=fmtp:45 level-id=93;profile-id=1;tier-flag=0");
        assertThat(answer(offer, Offers.video(Codec.H265, "profile-id=1;level-id=153"))
                        .media()
                        .get(0)
                        .format()
                        .payloadType())
                .isEqualTo(45);
        refused(Reason.NO_CODEC_IN_COMMON, offer, Offers.video(Codec.H265, "profile-id=2"));
    }

    @Test
    void audioOfAnotherClockIsNoMatch() throws Exception {
        TrackFormat wide = new TrackFormat(MediaKind.AUDIO, Codec.PCMA, 96, "PCMA", 16_000, 1, "");
        assertThat(answer(Offers.viewer(), Offers.H264_HIGH, wide).media()).hasSize(1);
        refused(Reason.NO_CODEC_IN_COMMON, Offers.viewer(), wide);
        assertThat(answer(Offers.viewer(), Offers.PCMA).media()).hasSize(1);
    }

    @Test
    void aViewerMayAskForAudioOnly() throws Exception {
        String audioOnly = Offers.viewer().replaceFirst("a=recvonly", "a=inactive");
        Agreement agreement = answer(audioOnly, Offers.H264_HIGH, Offers.OPUS);
        assertThat(agreement.media()).hasSize(1);
        assertThat(agreement.media().get(0).index()).isEqualTo(1);
        assertThat(read(agreement).attribute("group")).hasValue("BUNDLE 1");
        assertThat(read(agreement).media().get(1).attribute("candidate"))
                .as("candidates stand in the first m-line that is taken")
                .isPresent();
    }

    @Test
    void bundleOnlyLinesAreNotRejectedOnes() throws Exception {
        String offer =
                Offers.viewer().replace("m=audio 9 ", "m=audio 0 ").replace("a=mid:1", "a=mid:1\r\na=bundle-only");
        assertThat(answer(offer, Offers.H264_HIGH, Offers.OPUS).media()).hasSize(2);
        String rejected = Offers.viewer().replace("m=audio 9 ", "m=audio 0 ");
        assertThat(answer(rejected, Offers.H264_HIGH, Offers.OPUS).media()).hasSize(1);
    }

    @Test
    void whatEverySessionNeedsIsAskedForByName() {
        String offer = Offers.viewer();
        refused(Reason.NOT_SDP, "");
        refused(Reason.NOT_SDP, "{\"sdp\":\"v=0\"}");
        refused(Reason.NOT_SDP, offer + "a=x\r\n".repeat(400), Offers.H264_HIGH);
        refused(Reason.NO_BUNDLE, offer.replace("a=group:BUNDLE 0 1\r\n", ""), Offers.H264_HIGH);
        refused(Reason.NO_BUNDLE, offer.replace("a=mid:1", "a=mid:0"), Offers.H264_HIGH);
        refused(Reason.NO_RTCP_MUX, offer.replace("a=rtcp-mux\r\n", ""), Offers.H264_HIGH);
        refused(Reason.NO_ICE_CREDENTIALS, offer.replaceAll("a=ice-pwd:[^\r]*\r\n", ""), Offers.H264_HIGH);
        refused(Reason.NO_ICE_CREDENTIALS, offer.replaceAll("a=ice-ufrag:[^\r]*", "a=ice-ufrag:a b"), Offers.H264_HIGH);
        refused(Reason.NO_FINGERPRINT, offer.replaceAll("fingerprint:sha-256", "fingerprint:sha-1"), Offers.H264_HIGH);
        refused(Reason.UNUSABLE_SETUP, offer.replace("a=setup:actpass", "a=setup:passive"), Offers.H264_HIGH);
        refused(Reason.WRONG_DIRECTION, offer.replace("a=recvonly", "a=sendonly"), Offers.H264_HIGH);
        refused(Reason.WRONG_DIRECTION, offer.replace("UDP/TLS/RTP/SAVPF", "RTP/AVP"), Offers.H264_HIGH);
    }

    @Test
    void aHostileOfferCostsLittleTime() {
        StringBuilder offer = new StringBuilder("v=0\r\no=- 1 1 IN IP4 0.0.0.0\r\ns=-\r\nt=0 0\r\n");
        for (int line = 0; line < 32; line++) {
            offer.append("m=video 9 RTP/SAVPF");
            for (int i = 0; i < 64; i++) {
                offer.append(' ').append(i + 64);
            }
            offer.append("\r\n");
            for (int i = 0; i < 250; i++) {
                offer.append(i % 2 == 0 ? "a=rtpmap:0\r\n" : "a=fmtp:0\r\n");
            }
        }
        assertThat(offer.length()).isBetween(50_000, 200_000);
        refused(Reason.NOT_SDP, offer.append("x".repeat(65_537)).toString());
        String largest = offer.substring(0, offer.lastIndexOf("\r\nm=", RemoteDescription.MAX_LENGTH) + 2);
        assertTimeout(Duration.ofSeconds(2), () -> refused(Reason.NO_BUNDLE, largest));
    }

    @Test
    void oneMediaLineNeedsNoBundle() throws Exception {
        String offer = Offers.viewer().replace("a=group:BUNDLE 0 1\r\n", "").replace("m=audio 9 ", "m=audio 0 ");
        assertThat(answer(offer, Offers.H264_HIGH).media()).hasSize(1);
    }

    @Test
    void withoutTransportFeedbackTheReceiversEstimateIsTaken() throws Exception {
        String offer = Offers.viewer().replaceAll("a=rtcp-fb:\\d+ transport-cc\r\n", "");
        AgreedMedia video = answer(offer, Offers.H264_HIGH).media().get(0);
        assertThat(video.feedback()).contains(Feedback.REMB).doesNotContain(Feedback.TRANSPORT_CC);
        assertThat(video.extensions().id(HeaderExtension.ABS_SEND_TIME)).isEqualTo(2);
        assertThat(video.extensions().id(HeaderExtension.TRANSPORT_CC)).isZero();
    }

    @Test
    void captureTimeIsTakenWhereItIsOffered() throws Exception {
        String offer = Offers.viewer()
                .replaceFirst(
                        "a=extmap:1 urn:ietf:params:rtp-hdrext:toffset",
                        "a=extmap:1/recvonly http://www.webrtc.org/experiments/rtp-hdrext/abs-capture-time");
        assertThat(answer(offer, Offers.H264_HIGH).media().get(0).extensions().id(HeaderExtension.ABS_CAPTURE_TIME))
                .isEqualTo(1);
    }

    @Test
    void oneTrackIsGivenToOneLineOnly() throws Exception {
        List<String> lines = new ArrayList<>(Offers.viewer().lines().toList());
        int audio = lines.indexOf(
                lines.stream().filter(l -> l.startsWith("m=audio")).findFirst().orElseThrow());
        int video = lines.indexOf(
                lines.stream().filter(l -> l.startsWith("m=video")).findFirst().orElseThrow());
        List<String> second = new ArrayList<>(lines.subList(video, audio));
        second.replaceAll(line -> line.equals("a=mid:0") ? "a=mid:2" : line);
        lines.addAll(second);
        String offer = String.join("\r\n", lines).replace("BUNDLE 0 1", "BUNDLE 0 1 2") + "\r\n";
        Agreement one = answer(offer, Offers.H264_HIGH);
        assertThat(one.media()).extracting(AgreedMedia::mid).containsExactly("0");
        Agreement two = answer(offer, Offers.H264_HIGH, Offers.video(Codec.VP8, ""));
        assertThat(two.media()).extracting(AgreedMedia::mid).containsExactly("0", "2");
        assertThat(two.media()).extracting(AgreedMedia::ssrc).doesNotHaveDuplicates();
    }
}
