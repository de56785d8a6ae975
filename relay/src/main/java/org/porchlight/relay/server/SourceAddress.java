package org.porchlight.relay.server;

/**
 * The part of a camera's URL that says where to connect. Host names may hold underscores, as those of container networks do.
 *
 * @param tls whether the scheme is {@code rtsps}
 * @param host name or address, IPv6 without brackets
 * @param port 1 to 65535; 0: the URL names none
 */
public record SourceAddress(boolean tls, String host, int port) {
    /** Longest URL. */
    public static final int MAX_URL_LENGTH = 2048;

    private static final String EXAMPLE = "; a camera's address looks like rtsp://host:554/path";

    /** Reads a URL; throws {@link InvalidSetting} for component {@code url} when it is not a camera's. */
    public static SourceAddress parse(String url) {
        if (url.length() > MAX_URL_LENGTH) {
            throw new InvalidSetting("url", "longer than " + MAX_URL_LENGTH + " characters");
        }
        for (int i = 0; i < url.length(); i++) {
            if (url.charAt(i) <= ' ' || url.charAt(i) >= 0x7f) {
                throw new InvalidSetting("url", "character " + (i + 1) + " must be percent-encoded" + EXAMPLE);
            }
        }
        boolean tls = url.regionMatches(true, 0, "rtsps://", 0, 8);
        if (!tls && !url.regionMatches(true, 0, "rtsp://", 0, 7)) {
            throw new InvalidSetting("url", "must begin with rtsp:// or rtsps://" + EXAMPLE);
        }
        int from = tls ? 8 : 7;
        int end = from;
        while (end < url.length() && "/?#".indexOf(url.charAt(end)) < 0) {
            end++;
        }
        return parseAuthority(tls, url.substring(from, end));
    }

    private static SourceAddress parseAuthority(boolean tls, String authority) {
        if (authority.indexOf('@') >= 0) {
            throw new InvalidSetting(
                    "url", "user and password do not belong into the URL; set user and password beside it");
        }
        int hostEnd = authority.startsWith("[") ? authority.indexOf(']') + 1 : authority.indexOf(':');
        if (hostEnd < 0) {
            hostEnd = authority.length();
        }
        String host = authority.substring(0, hostEnd);
        String rest = authority.substring(hostEnd);
        if (!host.matches("\\[[0-9a-fA-F:.]+]|[A-Za-z0-9._-]{1,253}")) {
            throw new InvalidSetting("url", "the host is missing or misspelt" + EXAMPLE);
        }
        String bare = host.startsWith("[") ? host.substring(1, host.length() - 1) : host;
        if (rest.isEmpty()) {
            return new SourceAddress(tls, bare, 0);
        }
        if (!rest.matches(":[0-9]{1,5}")) {
            throw new InvalidSetting("url", "the port is not a number" + EXAMPLE);
        }
        int port = Integer.parseInt(rest.substring(1));
        if (port < 1 || port > 65_535) {
            throw new InvalidSetting("url", "port " + port + " is out of range: 1 to 65535");
        }
        return new SourceAddress(tls, bare, port);
    }
}
