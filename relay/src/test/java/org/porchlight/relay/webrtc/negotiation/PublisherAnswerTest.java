package org.porchlight.relay.webrtc.negotiation;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.InstanceOfAssertFactories.type;

import java.util.List;
import org.junit.jupiter.api.Test;
import org.porchlight.relay.codec.Codec;
import org.porchlight.relay.sdp.MediaDescription;
import org.porchlight.relay.sdp.SdpParser;
import org.porchlight.relay.webrtc.negotiation.NegotiationException.Reason;

class PublisherAnswerTest {
    private static Agreement answer(String offer, int maxLayers) throws NegotiationException {
        return PublisherAnswer.answer(
                RemoteDescription.read(offer), PublisherAnswer.PREFERENCE, maxLayers, Offers.local());
    }

    private static void refused(Reason reason, String offer) {
        assertThatThrownBy(() -> answer(offer, 2))
                .asInstanceOf(type(NegotiationException.class))
                .satisfies(e -> assertThat(e.reason()).as(e.getMessage()).isEqualTo(reason));
    }

    @Test
    void chromiumSendsH264AndOpus() throws Exception {
        Agreement agreement = answer(Offers.publisher(), 2);
        assertThat(agreement.media()).extracting(m -> m.format().codec()).containsExactly(Codec.OPUS, Codec.H264);
        AgreedMedia video = agreement.media().get(1);
        assertThat(video.index()).isEqualTo(1);
        assertThat(video.track()).isEqualTo(1);
        assertThat(video.format().payloadType()).isEqualTo(102);
        assertThat(video.format().fmtp()).contains("packetization-mode=1");
        assertThat(video.rtxPayloadType()).isEqualTo(103);
        assertThat(video.ssrc()).as("told by the offer's FID group").isNotZero();
        assertThat(video.rtxSsrc()).isNotZero().isNotEqualTo(video.ssrc());
        assertThat(video.rids()).isEmpty();
        assertThat(video.extensions().id(HeaderExtension.RID))
                .as("no simulcast")
                .isZero();
        MediaDescription line =
                SdpParser.parse(agreement.description()).description().media().get(1);
        assertThat(line.attribute("recvonly")).isPresent();
        assertThat(line.payloadTypes()).containsExactly(102, 103);
        assertThat(line.attribute("ssrc")).isEmpty();
        assertThat(line.attribute("simulcast")).isEmpty();
    }

    @Test
    void simulcastLayersAreTakenUpToTheLimit() throws Exception {
        Agreement agreement = answer(Offers.simulcast(), 2);
        AgreedMedia video = agreement.media().get(0);
        assertThat(video.rids()).containsExactly("h", "m");
        assertThat(video.extensions().id(HeaderExtension.RID)).isEqualTo(10);
        assertThat(video.extensions().id(HeaderExtension.REPAIRED_RID)).isEqualTo(11);
        assertThat(video.extensions().id(HeaderExtension.MID)).isNotZero();
        MediaDescription line =
                SdpParser.parse(agreement.description()).description().media().get(0);
        assertThat(line.attribute("simulcast")).hasValue("recv h;m");
        assertThat(line.attributes().stream().filter(a -> a.isNamed("rid")))
                .extracting(a -> a.value())
                .containsExactly("h recv", "m recv");
        assertThat(answer(Offers.simulcast(), 8).media().get(0).rids()).containsExactly("h", "m", "l");
        assertThat(answer(Offers.simulcast(), 1).media().get(0).rids()).isEmpty();
    }

    @Test
    void alternativesAndPausedLayersAreUnderstood() throws Exception {
        String offer = Offers.simulcast().replace("send h;m;l", "send ~h,x;m;;l!;m recv q");
        assertThat(answer(offer, 8).media().get(0).rids()).containsExactly("h", "m");
    }

    @Test
    void thePreferenceDecidesAmongWhatIsOffered() throws Exception {
        Agreement vp9 = PublisherAnswer.answer(
                RemoteDescription.read(Offers.publisher()),
                List.of(Codec.H265, Codec.VP9, Codec.PCMU),
                1,
                Offers.local());
        assertThat(vp9.media()).extracting(m -> m.format().codec()).containsExactly(Codec.PCMU, Codec.VP9);
        assertThat(vp9.media().get(0).format().clockRate()).isEqualTo(8_000);
    }

    @Test
    void h264WithoutFragmentationIsNotTaken() throws Exception {
        String offer = Offers.publisher().replace("packetization-mode=1", "packetization-mode=0");
        assertThat(answer(offer, 1).media()).extracting(m -> m.format().codec()).containsExactly(Codec.OPUS, Codec.VP8);
    }

    @Test
    void refusalsNameTheirReason() {
        refused(Reason.WRONG_DIRECTION, Offers.viewer());
        refused(Reason.UNUSABLE_SETUP, Offers.publisher().replace("a=setup:actpass", "a=setup:holdconn"));
        refused(Reason.NO_CODEC_IN_COMMON, Offers.publisher().replaceAll("(H264|VP8|VP9|AV1)/90000", "THEORA/90000"));
    }
}
