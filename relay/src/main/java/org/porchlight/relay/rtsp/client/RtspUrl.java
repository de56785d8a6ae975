package org.porchlight.relay.rtsp.client;

import java.nio.charset.StandardCharsets;
import java.util.Locale;
import java.util.Optional;

/**
 * Where a camera is (RFC 2326 section 3.2), without credentials.
 *
 * @param tls scheme {@code rtsps}
 * @param host name, IPv4 address, or IPv6 address without brackets
 * @param port 1 to 65535
 * @param path from the slash on, with the query; empty or beginning with {@code /} or {@code ?}
 */
public record RtspUrl(boolean tls, String host, int port, String path) {
    public static final int DEFAULT_PORT = 554;
    public static final int DEFAULT_TLS_PORT = 322;
    /** Longest URL taken, in characters. */
    public static final int MAX_LENGTH = 4096;

    /**
     * A URL with what its user-info part said.
     *
     * @param userInfo credentials, or empty
     */
    public record Parsed(RtspUrl url, Optional<CameraCredentials> userInfo) {}

    /** Reads a URL as people and cameras write it: any case, raw {@code @} in the password, no path. Empty when it is none. */
    public static Optional<Parsed> parse(String text) {
        String trimmed = text.strip();
        int schemeEnd = trimmed.indexOf("://");
        if (schemeEnd < 0 || trimmed.length() > MAX_LENGTH) {
            return Optional.empty();
        }
        String scheme = trimmed.substring(0, schemeEnd).toLowerCase(Locale.ROOT);
        if (!scheme.equals("rtsp") && !scheme.equals("rtsps") && !scheme.equals("rtspu")) {
            return Optional.empty();
        }
        boolean tls = scheme.equals("rtsps");
        int start = schemeEnd + 3;
        int end = authorityEnd(trimmed, start);
        String authority = trimmed.substring(start, end);
        int at = authority.lastIndexOf('@');
        Optional<CameraCredentials> userInfo = at < 0 ? Optional.empty() : credentials(authority.substring(0, at));
        return hostAndPort(authority.substring(at + 1), tls)
                .map(hostAndPort -> new Parsed(
                        new RtspUrl(tls, hostAndPort.host, hostAndPort.port, escape(trimmed.substring(end))),
                        userInfo));
    }

    private record HostAndPort(String host, int port) {}

    private static Optional<HostAndPort> hostAndPort(String text, boolean tls) {
        int defaultPort = tls ? DEFAULT_TLS_PORT : DEFAULT_PORT;
        String host;
        String rest;
        if (text.startsWith("[")) {
            int close = text.indexOf(']');
            if (close < 0) {
                return Optional.empty();
            }
            host = text.substring(1, close);
            rest = text.substring(close + 1);
        } else {
            int colon = text.indexOf(':');
            host = colon < 0 ? text : text.substring(0, colon);
            rest = colon < 0 ? "" : text.substring(colon);
        }
        if (host.isEmpty() || host.chars().anyMatch(c -> c <= ' ' || c == 0x7f || c == '/' || c == '\\')) {
            return Optional.empty();
        }
        if (rest.isEmpty() || rest.equals(":")) {
            return Optional.of(new HostAndPort(host, defaultPort));
        }
        int port = rest.startsWith(":") ? parsePort(rest.substring(1)) : -1;
        return port < 1 ? Optional.empty() : Optional.of(new HostAndPort(host, port));
    }

    private static int parsePort(String digits) {
        if (digits.isEmpty() || digits.length() > 5 || !digits.chars().allMatch(c -> c >= '0' && c <= '9')) {
            return -1;
        }
        int port = Integer.parseInt(digits);
        return port > 65_535 ? -1 : port;
    }

    private static int authorityEnd(String text, int start) {
        for (int i = start; i < text.length(); i++) {
            char c = text.charAt(i);
            if (c == '/' || c == '?' || c == '#') {
                return i;
            }
        }
        return text.length();
    }

    private static Optional<CameraCredentials> credentials(String userInfo) {
        int colon = userInfo.indexOf(':');
        String user = colon < 0 ? userInfo : userInfo.substring(0, colon);
        String password = colon < 0 ? "" : userInfo.substring(colon + 1);
        return user.isEmpty() && password.isEmpty()
                ? Optional.empty()
                : Optional.of(new CameraCredentials(percentDecoded(user), percentDecoded(password)));
    }

    /** Decodes {@code %XX}; a percent sign that begins none stays as it is. */
    static String percentDecoded(String text) {
        if (text.indexOf('%') < 0) {
            return text;
        }
        byte[] bytes = text.getBytes(StandardCharsets.UTF_8);
        byte[] decoded = new byte[bytes.length];
        int length = 0;
        for (int i = 0; i < bytes.length; i++) {
            int high = i + 2 < bytes.length ? Character.digit(bytes[i + 1], 16) : -1;
            int low = high >= 0 ? Character.digit(bytes[i + 2], 16) : -1;
            if (bytes[i] == '%' && low >= 0) {
                decoded[length++] = (byte) (high << 4 | low);
                i += 2;
            } else {
                decoded[length++] = bytes[i];
            }
        }
        return new String(decoded, 0, length, StandardCharsets.UTF_8);
    }

    /** Blanks and control characters would break the request line: they become {@code %XX}. */
    static String escape(String pathOrControl) {
        StringBuilder escaped = null;
        for (int i = 0; i < pathOrControl.length(); i++) {
            char c = pathOrControl.charAt(i);
            boolean bad = c <= ' ' || c == 0x7f;
            if (bad && escaped == null) {
                escaped = new StringBuilder(pathOrControl.length() + 8).append(pathOrControl, 0, i);
            }
            if (escaped != null) {
                escaped.append(bad ? String.format(Locale.ROOT, "%%%02X", (int) c) : String.valueOf(c));
            }
        }
        return escaped == null ? pathOrControl : escaped.toString();
    }

    /** The same place with another path. */
    public RtspUrl withPath(String newPath) {
        return new RtspUrl(tls, host, port, newPath);
    }

    /** Scheme, host and port, without path; the port only where it is not the default, as cameras compare text. */
    public String origin() {
        String bracketed = host.indexOf(':') >= 0 ? "[" + host + "]" : host;
        boolean usual = port == (tls ? DEFAULT_TLS_PORT : DEFAULT_PORT);
        return (tls ? "rtsps://" : "rtsp://") + bracketed + (usual ? "" : ":" + port);
    }

    /** For logs and people: without the query, in which some cameras want a password. */
    public String shown() {
        int query = path.indexOf('?');
        return origin() + (query < 0 ? path : path.substring(0, query));
    }

    /** As written in a request line; never with credentials. */
    @Override
    public String toString() {
        return origin() + path;
    }
}
