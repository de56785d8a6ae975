package org.porchlight.relay.webrtc.whip;

import java.net.InetSocketAddress;
import java.util.Locale;
import java.util.Map;
import java.util.stream.Collectors;

/**
 * An HTTP request, as far as WHIP and WHEP look at it. Its {@code toString} holds no header and no body: both may hold secrets.
 *
 * @param method as sent
 * @param path raw, with percent escapes, without query; begins with a slash
 * @param headers by name in whatever case; of repeated ones the values with commas between them (RFC 9110 section 5.3)
 * @param body whole; of a request whose body is larger than {@link WhipEdge#MAX_OFFER_BYTES} any part above that
 * @param remote resolved address of the client
 * @param encrypted its way to us is TLS
 */
@SuppressWarnings("ArrayRecordComponent") // compared by nobody
public record EdgeRequest(
        String method,
        String path,
        Map<String, String> headers,
        byte[] body,
        InetSocketAddress remote,
        boolean encrypted) {

    public EdgeRequest {
        headers = headers.entrySet().stream()
                .collect(Collectors.toUnmodifiableMap(
                        entry -> entry.getKey().toLowerCase(Locale.ROOT),
                        Map.Entry::getValue,
                        (first, second) -> first + ", " + second));
    }

    /** The value of a header, without blanks around it; empty: it is not there. */
    String header(String name) {
        return headers.getOrDefault(name.toLowerCase(Locale.ROOT), "").strip();
    }

    boolean has(String name) {
        return headers.containsKey(name.toLowerCase(Locale.ROOT));
    }

    /** Whether the body is of that media type, whatever its parameters (RFC 9110 section 8.3.1). */
    boolean isOfType(String type) {
        String value = header("content-type");
        int parameters = value.indexOf(';');
        return (parameters < 0 ? value : value.substring(0, parameters)).strip().equalsIgnoreCase(type);
    }

    @Override
    public String toString() {
        return method + " " + path;
    }
}
