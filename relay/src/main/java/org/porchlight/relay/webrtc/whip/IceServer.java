package org.porchlight.relay.webrtc.whip;

import java.util.regex.Pattern;

/**
 * A STUN or TURN server that clients are told of (RFC 9725 section 4.6).
 *
 * @param url {@code stun:}, {@code turn:} or {@code turns:}
 * @param userName empty: none
 * @param credential of TURN; empty: none
 */
public record IceServer(String url, String userName, String credential) {
    private static final Pattern URL = Pattern.compile("(stuns?|turns?):[!-~&&[^<>\"\\\\]]{1,256}");

    /** @throws IllegalArgumentException when the URL is none of STUN or TURN */
    public IceServer {
        if (!URL.matcher(url).matches()) {
            throw new IllegalArgumentException("an ICE server must look like stun:host:port or turn:host:port");
        }
    }

    /** The value of its {@code Link} header (RFC 8288). */
    String link() {
        StringBuilder link = new StringBuilder("<").append(url).append(">; rel=\"ice-server\"");
        if (!userName.isEmpty()) {
            link.append("; username=\"").append(quoted(userName)).append('"');
            link.append("; credential=\"").append(quoted(credential)).append('"');
            link.append("; credential-type=\"password\"");
        }
        return link.toString();
    }

    private static String quoted(String text) {
        return text.replaceAll("[^ -~]", "").replace("\\", "\\\\").replace("\"", "\\\"");
    }

    /** Without the credential: it must not reach a log. */
    @Override
    public String toString() {
        return "IceServer[" + url + "]";
    }
}
