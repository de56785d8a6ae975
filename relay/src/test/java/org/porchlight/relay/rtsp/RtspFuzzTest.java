package org.porchlight.relay.rtsp;

import static org.assertj.core.api.Assertions.assertThat;

import com.code_intelligence.jazzer.junit.FuzzTest;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import java.nio.charset.StandardCharsets;
import java.util.List;

class RtspFuzzTest {
    @FuzzTest
    void findsTheSameHoweverBytesAreCut(byte[] data) {
        if (data.length == 0 || data.length > 4096) {
            return;
        }
        for (InterleavedFramer.Limits limits :
                List.of(InterleavedFramer.Limits.server(), InterleavedFramer.Limits.client())) {
            List<String> whole = FramerRecorder.of(limits, data, data.length);
            assertThat(FramerRecorder.of(limits, data, 1)).isEqualTo(whole);
        }
    }

    @FuzzTest
    void readsAnyHeaderField(byte[] data) {
        String value = RtspHeaders.clean(new String(data, StandardCharsets.UTF_8));
        TransportHeader transport = TransportHeader.parse(value);
        assertThat(TransportHeader.parse(transport.render()).specs()).hasSameSizeAs(transport.specs());
        AuthElement element = AuthorizationHeader.parse(value);
        if (element != null) {
            AuthorizationHeader.basicOf(element);
        }
        assertThat(WwwAuthenticate.parse(List.of(value, value)).size()).isLessThanOrEqualTo(16);
        assertThat(RtpInfo.parse(value).entries().size()).isLessThanOrEqualTo(32);
        SessionHeader session = SessionHeader.parse(value);
        assertThat(session == null || session.timeoutSeconds() >= -1).isTrue();
        RangeHeader range = RangeHeader.parse(value);
        assertThat(range == null || range.equals(RangeHeader.parse(range.render())))
                .isTrue();
    }

    @FuzzTest
    void decodesAnyTunnel(byte[] data) {
        ByteBuf out = Unpooled.buffer();
        new Base64TunnelDecoder().decode(Unpooled.wrappedBuffer(data), 0, data.length, out);
        assertThat(out.readableBytes()).isLessThanOrEqualTo(data.length);
    }
}
