package org.porchlight.relay.sdp;

import static org.assertj.core.api.Assertions.assertThat;

/** What holds for the reading of any bytes. */
final class SdpInvariants {
    private SdpInvariants() {}

    static void check(byte[] bytes) {
        SdpParser.Result result = SdpParser.parse(bytes);
        SessionDescription description = result.description();
        assertThat(description.media().size()).isLessThanOrEqualTo(SdpParser.MAX_MEDIA);
        assertThat(description.attributes().size()).isLessThanOrEqualTo(SdpParser.MAX_ATTRIBUTES);
        description.attributes().forEach(SdpInvariants::check);
        for (MediaDescription media : description.media()) {
            assertThat(media.formats().size()).isLessThanOrEqualTo(SdpParser.MAX_FORMATS);
            assertThat(media.port()).isBetween(0, 65_535);
            media.attributes().forEach(SdpInvariants::check);
            assertThat(media.payloadTypes()).allMatch(type -> type >= 0 && type <= 127);
            assertThat(media.rtpMaps()).allMatch(map -> map.clockRate() >= 0 && map.channels() > 0);
            media.payloadTypes().forEach(type -> assertThat(media.fmtp(type)).doesNotContain("\r", "\n"));
            assertThat(media.control().orElse("x")).isNotEmpty();
        }
        // what was read once reads the same again, when it can be written at all
        String written;
        try {
            written = SdpWriter.write(description);
        } catch (IllegalArgumentException e) {
            return;
        }
        SessionDescription again = SdpParser.parse(written).description();
        assertThat(again.media()).isEqualTo(description.media());
        assertThat(again.attributes()).isEqualTo(description.attributes());
    }

    private static void check(Attribute attribute) {
        assertThat(attribute.name()).isNotEmpty();
        assertThat(attribute.name() + attribute.value()).doesNotContain("\r", "\n", "\0");
    }
}
