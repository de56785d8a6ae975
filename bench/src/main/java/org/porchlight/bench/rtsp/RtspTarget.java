package org.porchlight.bench.rtsp;

import java.net.URI;

/**
 * An RTSP address.
 *
 * @param host name or address, IPv6 without brackets
 * @param port 1 to 65,535
 * @param uri as requests name it: without user information
 */
public record RtspTarget(String host, int port, String uri) {
    private static final int DEFAULT_PORT = 554;

    /**
     * Fills {@code {}} in a pattern with an index and reads the result.
     *
     * @throws IllegalArgumentException when it is no {@code rtsp://} address
     */
    public static RtspTarget of(String pattern, int index) {
        String text = pattern.replace("{}", String.valueOf(index));
        URI uri = URI.create(text);
        if (!"rtsp".equalsIgnoreCase(uri.getScheme()) || uri.getHost() == null || uri.getUserInfo() != null) {
            throw new IllegalArgumentException(
                    "an address must look like rtsp://host:port/path, credentials are an option of their own: "
                            + uri.getScheme() + "://" + uri.getHost());
        }
        String host = uri.getHost();
        boolean ipv6 = host.startsWith("[");
        return new RtspTarget(
                ipv6 ? host.substring(1, host.length() - 1) : host,
                uri.getPort() < 0 ? DEFAULT_PORT : uri.getPort(),
                text);
    }
}
