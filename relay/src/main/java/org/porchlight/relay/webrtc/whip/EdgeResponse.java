package org.porchlight.relay.webrtc.whip;

import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/**
 * An HTTP response.
 *
 * @param headers in order; a name may be there more than once
 * @param body empty: none
 */
@SuppressWarnings("ArrayRecordComponent") // compared by nobody
public record EdgeResponse(int status, List<Header> headers, byte[] body) {
    private static final byte[] NO_BODY = {};

    /** One header field. */
    public record Header(String name, String value) {}

    public EdgeResponse {
        headers = List.copyOf(headers);
    }

    static EdgeResponse of(int status) {
        return new EdgeResponse(status, List.of(), NO_BODY);
    }

    /** The same with one header more. */
    EdgeResponse with(String name, String value) {
        List<Header> more = new ArrayList<>(headers);
        more.add(new Header(name, value));
        return new EdgeResponse(status, more, body);
    }

    EdgeResponse with(List<Header> added) {
        List<Header> more = new ArrayList<>(headers);
        more.addAll(added);
        return new EdgeResponse(status, more, body);
    }

    /** The same with a body that is of this moment only. */
    EdgeResponse withBody(String type, String text) {
        EdgeResponse typed = with("Content-Type", type).with("Cache-Control", "no-store");
        return new EdgeResponse(status, typed.headers, text.getBytes(StandardCharsets.UTF_8));
    }

    /** The first value of a header. */
    public Optional<String> header(String name) {
        return headers.stream()
                .filter(header -> header.name().equalsIgnoreCase(name))
                .map(Header::value)
                .findFirst();
    }

    /** The body as text. */
    public String text() {
        return new String(body, StandardCharsets.UTF_8);
    }

    @Override
    public String toString() {
        return "EdgeResponse[" + status + ", " + body.length + " bytes]";
    }
}
