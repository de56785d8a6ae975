package org.porchlight.relay.webrtc.negotiation;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.InstanceOfAssertFactories.type;

import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.porchlight.relay.codec.Codec;
import org.porchlight.relay.codec.TrackFormat;
import org.porchlight.relay.webrtc.negotiation.NegotiationException.Reason;

/** Both of our sides against each other. */
class ClientOfferTest {
    private static final List<Codec> ALL = List.of(
            Codec.H264, Codec.H265, Codec.VP8, Codec.VP9, Codec.AV1, Codec.OPUS, Codec.PCMU, Codec.PCMA, Codec.G722);

    @Test
    void whatTheRelaySendsTheViewerExpects() throws Exception {
        Random random = new Random(3_264);
        for (int round = 0; round < 200; round++) {
            List<Codec> codecs = new ArrayList<>(ALL);
            java.util.Collections.shuffle(codecs, random);
            TrackFormat video = Offers.video(ALL.get(random.nextInt(5)), "");
            TrackFormat audio = random.nextBoolean() ? Offers.OPUS : Offers.PCMA;
            ClientOffer offer = ClientOffer.toWatch(codecs, Offers.local());
            Agreement relay = ViewerAnswer.answer(
                    RemoteDescription.read(offer.description()), List.of(audio, video), Offers.local());
            Agreement viewer = offer.accept(relay.description());
            assertThat(viewer.dtlsServer()).isFalse();
            assertThat(relay.dtlsServer()).isTrue();
            assertThat(viewer.remote().lite()).isTrue();
            assertThat(viewer.remote().candidates()).isEqualTo(Offers.local().candidates());
            assertThat(viewer.remote().trickles()).isFalse();
            assertThat(relay.media()).hasSize(2);
            same(relay.media(), viewer.media());
        }
    }

    @Test
    void whatThePublisherSendsTheRelayExpects() throws Exception {
        ClientOffer offer = ClientOffer.toPublish(List.of(Offers.H264_HIGH, Offers.OPUS), Offers.local());
        Agreement relay = PublisherAnswer.answer(
                RemoteDescription.read(offer.description()), PublisherAnswer.PREFERENCE, 1, Offers.local());
        Agreement publisher = offer.accept(relay.description());
        same(relay.media(), publisher.media());
        assertThat(publisher.media().get(0).hasRtx()).isTrue();
        assertThat(publisher.media().get(1).hasRtx()).isFalse();
        assertThat(publisher.media().get(0).format()).isEqualTo(Offers.H264_HIGH);
        assertThat(publisher.description()).isEmpty();
    }

    private static void same(List<AgreedMedia> relay, List<AgreedMedia> client) {
        assertThat(client).hasSameSizeAs(relay);
        for (int i = 0; i < relay.size(); i++) {
            AgreedMedia ours = relay.get(i);
            AgreedMedia theirs = client.get(i);
            assertThat(theirs.mid()).isEqualTo(ours.mid());
            assertThat(theirs.format().codec()).isEqualTo(ours.format().codec());
            assertThat(theirs.format().payloadType()).isEqualTo(ours.format().payloadType());
            assertThat(theirs.format().clockRate()).isEqualTo(ours.format().clockRate());
            assertThat(theirs.rtxPayloadType()).isEqualTo(ours.rtxPayloadType());
            assertThat(theirs.ssrc()).isEqualTo(ours.ssrc());
            assertThat(theirs.rtxSsrc()).isEqualTo(ours.rtxSsrc());
            assertThat(theirs.extensions()).isEqualTo(ours.extensions());
            assertThat(theirs.feedback()).isEqualTo(ours.feedback());
            assertThat(theirs.reducedSizeRtcp()).isEqualTo(ours.reducedSizeRtcp());
        }
    }

    @Test
    void rejectedLinesAreLeftOutAndNothingAtAllIsRefused() throws Exception {
        ClientOffer offer = ClientOffer.toWatch(ALL, Offers.local());
        Agreement relay = ViewerAnswer.answer(
                RemoteDescription.read(offer.description()), List.of(Offers.H264_HIGH), Offers.local());
        assertThat(offer.accept(relay.description()).media()).hasSize(1);
        refused(offer, Reason.WRONG_DIRECTION, relay.description().replace("m=video 8189", "m=video 0"));
        refused(offer, Reason.ANSWER_UNUSABLE, relay.description().replace("a=sendonly", "a=inactive"));
        refused(offer, Reason.ANSWER_UNUSABLE, relay.description().replaceAll("H264/90000", "X264/90000"));
        refused(offer, Reason.UNUSABLE_SETUP, relay.description().replace("setup:passive", "setup:actpass"));
        refused(offer, Reason.ANSWER_UNUSABLE, Offers.gathered().replace("setup:actpass", "setup:passive"));
        refused(offer, Reason.NOT_SDP, "no");
    }

    @Test
    void aServerMayTakeTheActiveRole() throws Exception {
        ClientOffer offer = ClientOffer.toWatch(List.of(Codec.H264), Offers.local());
        Agreement relay = ViewerAnswer.answer(
                RemoteDescription.read(offer.description()), List.of(Offers.H264_HIGH), Offers.local());
        assertThat(offer.accept(relay.description().replace("setup:passive", "setup:active"))
                        .dtlsServer())
                .isTrue();
    }

    @Test
    void codecsThatWebRtcDoesNotSpeakMakeNoOffer() {
        assertThatThrownBy(() -> ClientOffer.toWatch(List.of(Codec.AAC, Codec.MJPEG), Offers.local()))
                .isInstanceOf(IllegalArgumentException.class);
        assertThat(ClientOffer.toWatch(List.of(Codec.OPUS), Offers.local()).description())
                .doesNotContain("m=video");
    }

    private static void refused(ClientOffer offer, Reason reason, String answer) {
        assertThatThrownBy(() -> offer.accept(answer))
                .asInstanceOf(type(NegotiationException.class))
                .satisfies(e -> assertThat(e.reason()).as(e.getMessage()).isEqualTo(reason));
    }
}
