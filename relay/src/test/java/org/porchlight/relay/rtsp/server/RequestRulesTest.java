package org.porchlight.relay.rtsp.server;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.Objects;
import org.junit.jupiter.api.Test;
import org.porchlight.relay.metrics.Counter;
import org.porchlight.relay.rtsp.FramingError;
import org.porchlight.relay.rtsp.RtspHeaders;
import org.porchlight.relay.rtsp.RtspMessage;
import org.porchlight.relay.rtsp.RtspRequest;
import org.porchlight.relay.rtsp.RtspStatus;
import org.porchlight.relay.rtsp.RtspVersion;

class RequestRulesTest {
    private static final String URI = "rtsp://relay/yard";

    @Test
    void findsNothingWrongWithAPlainRequest() {
        assertThat(RequestRules.faultOf(request("PLAY", URI, "Session", "ab"), ServerPolicy.DEFAULT, "ab"))
                .isNull();
        assertThat(RequestRules.faultOf(request("OPTIONS", "*"), ServerPolicy.DEFAULT, ""))
                .isNull();
    }

    @Test
    void refusesAnotherVersionBeforeAnythingElse() {
        RtspRequest request = new RtspRequest("FLY", URI, RtspVersion.RTSP_2, RtspHeaders.empty(), RtspMessage.NO_BODY);
        assertThat(fault(request, "").status()).isEqualTo(RtspStatus.VERSION_NOT_SUPPORTED);
    }

    @Test
    void refusesUnknownMethodsAndThoseThatAreOursToSend() {
        RequestRules.Fault unknown = fault(request("FLY", URI), "");
        assertThat(unknown.status()).isEqualTo(RtspStatus.NOT_IMPLEMENTED);
        assertThat(unknown.counter()).isEqualTo(Counter.REQUESTS_UNSUPPORTED);
        assertThat(unknown.headers()).containsExactly("Public", RequestRules.METHODS);
        assertThat(fault(request("REDIRECT", URI), "").status()).isEqualTo(RtspStatus.METHOD_NOT_ALLOWED);
    }

    @Test
    void refusesSessionsThatAreNotOurs() {
        assertThat(fault(request("PLAY", URI, "Session", "cd"), "ab").status()).isEqualTo(RtspStatus.SESSION_NOT_FOUND);
        assertThat(fault(request("PLAY", URI, "Session", "cd"), "").status()).isEqualTo(RtspStatus.SESSION_NOT_FOUND);
    }

    @Test
    void namesAllOptionsThatAreRequiredAndUnknown() {
        RequestRules.Fault fault = fault(request("PLAY", URI, "Require", "a", "Proxy-Require", "b"), "");
        assertThat(fault.headers()).containsExactly("Unsupported", "a, b");
        assertThat(RequestRules.faultOf(request("PLAY", URI, "Require", "  "), ServerPolicy.DEFAULT, ""))
                .isNull();
    }

    @Test
    void takesAUriOfTheGreatestLengthAndNotOneMore() {
        String longest = "rtsp://relay/" + "a".repeat(ServerPolicy.DEFAULT.maxUriBytes() - 13);
        assertThat(RequestRules.faultOf(request("PLAY", longest), ServerPolicy.DEFAULT, ""))
                .isNull();
        assertThat(fault(request("PLAY", longest + "a"), "").status()).isEqualTo(RtspStatus.REQUEST_URI_TOO_LARGE);
    }

    @Test
    void readsEveryWayToAcceptADescription() {
        assertThat(RequestRules.acceptsSdp(request("DESCRIBE", URI))).isTrue();
        assertThat(RequestRules.acceptsSdp(request("DESCRIBE", URI, "Accept", "text/html;q=1, APPLICATION/SDP;q=0")))
                .isTrue();
        assertThat(RequestRules.acceptsSdp(request("DESCRIBE", URI, "Accept", "text/html", "Accept", "*/*")))
                .isTrue();
        assertThat(RequestRules.acceptsSdp(request("DESCRIBE", URI, "Accept", "text/*")))
                .isFalse();
    }

    @Test
    void answersUnreadableBytesByWhatIsWrongWithThem() {
        for (FramingError.Kind kind : FramingError.Kind.values()) {
            RequestRules.Fault fault = RequestRules.faultOf(new FramingError(kind, 3));
            boolean body = kind == FramingError.Kind.BODY_TOO_LARGE;
            boolean large = body || kind == FramingError.Kind.HEADER_TOO_LARGE;
            assertThat(fault.status()).isEqualTo(body ? RtspStatus.REQUEST_ENTITY_TOO_LARGE : RtspStatus.BAD_REQUEST);
            assertThat(fault.counter()).isEqualTo(large ? Counter.REQUESTS_TOO_LARGE : Counter.REQUESTS_MALFORMED);
        }
    }

    private static RequestRules.Fault fault(RtspRequest request, String sessionId) {
        return Objects.requireNonNull(RequestRules.faultOf(request, ServerPolicy.DEFAULT, sessionId), "no fault");
    }

    private static RtspRequest request(String method, String uri, String... headers) {
        RtspHeaders.Builder builder = RtspHeaders.builder().add(RtspHeaders.CSEQ, "1");
        for (int i = 0; i < headers.length; i += 2) {
            builder.add(headers[i], headers[i + 1]);
        }
        return new RtspRequest(method, uri, RtspVersion.RTSP_1, builder.build(), RtspMessage.NO_BODY);
    }
}
