package org.porchlight.relay.server;

import java.net.InetSocketAddress;

/**
 * Where to listen.
 *
 * @param host IP address (IPv6 without brackets) or host name; {@code *}: every address of the machine
 * @param port 0 to 65535; 0: any free one
 */
public record ListenAddress(String host, int port) {
    /** Every address of the machine. */
    public static final String ANY = "*";

    public ListenAddress {
        if (host.isBlank()) {
            throw new InvalidSetting("host", "the host is missing; write * to listen on every address");
        }
        InvalidSetting.requireRange("port", port, 0, 65_535);
    }

    /** The address to bind; asks the name service when the host is a name. */
    public InetSocketAddress toSocketAddress() {
        return host.equals(ANY) ? new InetSocketAddress(port) : new InetSocketAddress(host, port);
    }

    @Override
    public String toString() {
        return (host.indexOf(':') >= 0 ? "[" + host + "]" : host) + ":" + port;
    }
}
