package org.porchlight.relay.webrtc.negotiation;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import org.junit.jupiter.api.Assertions;
import org.porchlight.relay.codec.Codec;
import org.porchlight.relay.sdp.SdpParser;
import org.porchlight.relay.sdp.SessionDescription;

/** What holds for any text: it is refused with a reason, or answered line by line with a description that reads the same. */
final class NegotiationFuzz {
    private NegotiationFuzz() {}

    /** Returns how many of the three ways to take a text have succeeded. */
    static int check(String text) {
        int taken = 0;
        try {
            RemoteDescription offer = RemoteDescription.read(text);
            taken += watch(offer, text) ? 1 : 0;
            taken += publish(offer, text) ? 1 : 0;
        } catch (NegotiationException e) {
            assertThat(e.getMessage()).isNotEmpty();
        }
        try {
            Agreement agreement = ClientOffer.toWatch(List.of(Codec.H264, Codec.OPUS), Offers.local())
                    .accept(text);
            assertThat(agreement.media()).isNotEmpty();
            taken++;
        } catch (NegotiationException e) {
            assertThat(e.getMessage()).isNotEmpty();
        }
        return taken;
    }

    private static boolean watch(RemoteDescription offer, String text) {
        try {
            Agreement agreement =
                    ViewerAnswer.answer(offer, List.of(Offers.H264_HIGH, Offers.OPUS, Offers.METADATA), Offers.local());
            check(agreement, text);
            return true;
        } catch (NegotiationException e) {
            assertThat(e).message().hasSizeLessThan(8_000);
            return false;
        }
    }

    private static boolean publish(RemoteDescription offer, String text) {
        try {
            Agreement agreement = PublisherAnswer.answer(offer, PublisherAnswer.PREFERENCE, 3, Offers.local());
            check(agreement, text);
            assertThat(agreement.media()).allMatch(media -> media.rids().size() <= 3);
            return true;
        } catch (NegotiationException e) {
            assertThat(e).message().hasSizeLessThan(8_000);
            return false;
        }
    }

    private static void check(Agreement agreement, String text) {
        SdpParser.Result result = SdpParser.parse(agreement.description());
        SessionDescription answer = result.description();
        int lines = SdpParser.parse(text).description().media().size();
        assertThat(answer.media()).hasSize(lines);
        assertThat(agreement.media()).isNotEmpty().hasSizeLessThanOrEqualTo(lines);
        for (int i = 0; i < lines; i++) {
            int index = i;
            boolean taken = agreement.media().stream().anyMatch(media -> media.index() == index);
            assertThat(answer.media().get(i).port() != 0).as("m-line %d", i).isEqualTo(taken);
        }
        for (AgreedMedia media : agreement.media()) {
            assertThat(media.format().payloadType()).isBetween(0, 127);
            assertThat(media.extensions().ids().values()).allMatch(id -> id >= 1 && id <= 14);
            assertThat(answer.media().get(media.index()).payloadTypes())
                    .contains(media.format().payloadType());
        }
        try {
            RemoteDescription.read(agreement.description());
        } catch (NegotiationException e) {
            Assertions.fail("our own answer is not understood: " + agreement.description(), e);
        }
    }
}
