package org.porchlight.relay.rtsp.client;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.porchlight.relay.sdp.Attribute;
import org.porchlight.relay.sdp.MediaDescription;
import org.porchlight.relay.sdp.SdpParser;

class KeyframeRequestsTest {
    private static final long SECOND = 1_000_000_000L;
    private static final Set<KeyframeFeedback> NOTHING = Set.of();
    private static final Set<KeyframeFeedback> PLI = Set.of(KeyframeFeedback.PLI);

    private final CameraMemory memory = new CameraMemory(
            RtspUrl.parse("rtsp://192.0.2.7/").orElseThrow().url(), null, TransportChoice.AUTO, () -> "c");
    private final KeyframeRequests requests = new KeyframeRequests(memory);

    @Test
    void asksOncePerSecondAtMost() {
        int asked = 0;
        for (int i = 0; i < 40; i++) {
            long now = i * SECOND / 10;
            if (requests.ask(PLI, now) != null) {
                asked++;
                requests.onKeyframe(now + SECOND / 20);
            }
        }
        assertThat(asked).isEqualTo(4);
    }

    @Test
    void aCameraThatNeverAnswersIsLeftAloneAlsoOnItsNextConnection() {
        for (int i = 0; i < 3; i++) {
            assertThat(requests.ask(NOTHING, 2L * i * SECOND)).isEqualTo(KeyframeFeedback.PLI);
        }
        assertThat(memory.quirks()).isEmpty();
        assertThat(requests.ask(NOTHING, 10 * SECOND)).isNull();
        assertThat(memory.quirks()).containsExactly(CameraQuirk.KEYFRAME_REQUESTS_IGNORED);
        assertThat(new KeyframeRequests(memory).ask(NOTHING, 0)).isNull();
    }

    @Test
    void aCameraThatSaysItListensIsGivenMoreTrialsButNotForEver() {
        int asked = 0;
        for (int i = 0; i < 100; i++) {
            asked += requests.ask(PLI, 2L * i * SECOND) == null ? 0 : 1;
        }
        assertThat(asked).isEqualTo(10);
    }

    @Test
    void anAnswerRestoresTrust() {
        for (int round = 0; round < 20; round++) {
            long now = 100L * round * SECOND;
            assertThat(requests.ask(NOTHING, now)).as("round " + round).isNotNull();
            assertThat(requests.ask(NOTHING, now + 2 * SECOND)).isNotNull();
            requests.onKeyframe(now + 2 * SECOND + SECOND / 2);
        }
        assertThat(memory.quirks()).isEmpty();
    }

    @Test
    void aKeyframeLaterThanASecondIsNoAnswer() {
        for (int i = 0; i < 3; i++) {
            assertThat(requests.ask(NOTHING, 100L * i * SECOND)).isNotNull();
            requests.onKeyframe(100L * i * SECOND + 3 * SECOND);
        }
        assertThat(requests.ask(NOTHING, 450 * SECOND)).isNull();
    }

    @Test
    void waitsForAKeyframeThatIsDueAnyway() {
        requests.onKeyframe(0);
        requests.onKeyframe(4 * SECOND);
        assertThat(requests.ask(PLI, 7 * SECOND + SECOND / 2)).isNull();
        assertThat(requests.ask(PLI, 5 * SECOND)).isEqualTo(KeyframeFeedback.PLI);
    }

    @Test
    void sendsFirWhereOnlyThatIsAnnounced() {
        assertThat(requests.ask(Set.of(KeyframeFeedback.FIR), 0)).isEqualTo(KeyframeFeedback.FIR);
        requests.onKeyframe(1);
        assertThat(requests.ask(Set.of(KeyframeFeedback.values()), 2 * SECOND)).isEqualTo(KeyframeFeedback.PLI);
        assertThat(requests.commandNumber()).isEqualTo(2);
    }

    @Test
    void readsWhatADescriptionAnnounces() {
        assertThat(announced("96 nack pli")).containsExactly(KeyframeFeedback.PLI);
        assertThat(announced("* CCM FIR tmmbr")).containsExactly(KeyframeFeedback.FIR);
        for (String other : List.of("96 nack", "", "96", "nack pli", "96 ccm tmmbr", "96 nack sli")) {
            assertThat(announced(other)).as(other).isEmpty();
        }
    }

    private static Set<KeyframeFeedback> announced(String value) {
        String sdp = String.join(
                "\r\n",
                "v=0",
                "o=- 1 1 IN IP4 0.0.0.0",
                "s=-",
                "t=0 0",
                "m=video 0 RTP/AVP 96",
                "a=rtcp-fb:" + value,
                "");
        MediaDescription media = SdpParser.parse(sdp.getBytes(StandardCharsets.UTF_8))
                .description()
                .media()
                .get(0);
        assertThat(media.attributes()).extracting(Attribute::name).contains("rtcp-fb");
        return KeyframeFeedback.announcedIn(media);
    }
}
