package org.porchlight.control.configuration;

import org.porchlight.relay.server.ListenAddress;

/**
 * The management port: metrics and health for whoever reaches it, operators' routes for this machine only.
 *
 * @param listen where; read at start only
 */
public record ManagementConfiguration(ListenAddress listen) {
    /** Port 9404, for this machine only. */
    public static final ManagementConfiguration DEFAULT =
            new ManagementConfiguration(new ListenAddress("127.0.0.1", 9404));
}
