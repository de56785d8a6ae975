package org.porchlight.relay.server;

import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;

/**
 * Where clients find the relay.
 *
 * @param rtsp addresses for RTSP, also tunnelled in HTTP; empty: none
 * @param rtsps addresses for RTSP over TLS; empty: none; needs {@code tls}
 * @param tls certificate and key for {@code rtsps}
 */
public record ListenerConfiguration(List<ListenAddress> rtsp, List<ListenAddress> rtsps, Optional<TlsIdentity> tls) {
    /** RTSP on port 8554 of every address, no TLS. */
    public static final ListenerConfiguration DEFAULT =
            new ListenerConfiguration(List.of(new ListenAddress(ListenAddress.ANY, 8554)), List.of(), Optional.empty());

    public ListenerConfiguration {
        rtsp = List.copyOf(rtsp);
        rtsps = List.copyOf(rtsps);
        Set<ListenAddress> seen = new HashSet<>();
        for (ListenAddress address : rtsp) {
            requireNew("rtsp", address, seen);
        }
        for (ListenAddress address : rtsps) {
            requireNew("rtsps", address, seen);
        }
        if (!rtsps.isEmpty() && tls.isEmpty()) {
            throw new InvalidSetting("rtsps", "RTSPS needs a certificate: set tls with certificate and key");
        }
    }

    private static void requireNew(String component, ListenAddress address, Set<ListenAddress> seen) {
        if (address.port() != 0 && !seen.add(address)) {
            throw new InvalidSetting(component, address + " is used twice; give each listener an address of its own");
        }
    }
}
