package org.porchlight.control.configuration;

import java.util.HashSet;
import java.util.List;
import java.util.Set;
import org.porchlight.relay.server.InvalidSetting;
import org.porchlight.relay.server.ListenAddress;

/**
 * Where browsers find the node: WHIP, WHEP and its pages. Read at start only.
 *
 * @param listen addresses without TLS; empty: none
 * @param listenTls addresses with TLS; empty: none
 */
public record HttpConfiguration(List<ListenAddress> listen, List<ListenAddress> listenTls) {
    /** Port 8080 of every address. */
    public static final HttpConfiguration DEFAULT =
            new HttpConfiguration(List.of(new ListenAddress(ListenAddress.ANY, 8080)), List.of());

    public HttpConfiguration {
        listen = List.copyOf(listen);
        listenTls = List.copyOf(listenTls);
        Set<ListenAddress> seen = new HashSet<>();
        requireNew("listen", listen, seen);
        requireNew("listenTls", listenTls, seen);
    }

    private static void requireNew(String component, List<ListenAddress> addresses, Set<ListenAddress> seen) {
        for (ListenAddress address : addresses) {
            if (address.port() != 0 && !seen.add(address)) {
                throw new InvalidSetting(
                        component, address + " is used twice; give each listener an address of its own");
            }
        }
    }
}
