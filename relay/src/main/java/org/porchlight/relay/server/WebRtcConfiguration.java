package org.porchlight.relay.server;

import java.net.InetAddress;
import java.util.HashSet;
import java.util.List;

/**
 * How browsers' media reaches the relay: one port for all sessions, over UDP and, for networks that block it, over TCP (RFC 6544, passive). Read
 * at start only.
 *
 * @param listen address and port, at most one; empty: no WebRTC
 * @param publicAddresses what clients are told, when they reach the relay by other addresses than its own (NAT 1:1), at most 16; empty: the
 *     machine's own addresses, or the one it listens on
 */
public record WebRtcConfiguration(List<ListenAddress> listen, List<InetAddress> publicAddresses) {
    /** Most addresses that a client is told; each is a candidate to be checked. */
    public static final int MAX_PUBLIC_ADDRESSES = 16;

    /** Port 8189 of every address. */
    public static final WebRtcConfiguration DEFAULT =
            new WebRtcConfiguration(List.of(new ListenAddress(ListenAddress.ANY, 8189)), List.of());

    public WebRtcConfiguration {
        listen = List.copyOf(listen);
        publicAddresses = List.copyOf(publicAddresses);
        if (listen.size() > 1) {
            throw new InvalidSetting("listen", "all WebRTC goes through one port: keep one address");
        }
        if (publicAddresses.size() > MAX_PUBLIC_ADDRESSES) {
            throw new InvalidSetting("publicAddresses", "more than " + MAX_PUBLIC_ADDRESSES + " addresses");
        }
        if (new HashSet<>(publicAddresses).size() < publicAddresses.size()) {
            throw new InvalidSetting("publicAddresses", "an address is there twice");
        }
        for (InetAddress address : publicAddresses) {
            if (address.isAnyLocalAddress() || address.isMulticastAddress()) {
                throw new InvalidSetting(
                        "publicAddresses", address.getHostAddress() + " is no address that a client could reach");
            }
        }
    }
}
