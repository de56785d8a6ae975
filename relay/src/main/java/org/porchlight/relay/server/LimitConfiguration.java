package org.porchlight.relay.server;

/**
 * How much the relay takes on at its door.
 *
 * @param connections client connections at once, 1 to 1,000,000
 * @param connectionsPerAddress client connections at once from one remote address, 1 to {@code connections}
 */
public record LimitConfiguration(int connections, int connectionsPerAddress) {
    /** 20,000 in all, 4,000 from one address (a wall of screens behind one router). */
    public static final LimitConfiguration DEFAULT = new LimitConfiguration(20_000, 4_000);

    public LimitConfiguration {
        InvalidSetting.requireRange("connections", connections, 1, 1_000_000);
        InvalidSetting.requireRange("connectionsPerAddress", connectionsPerAddress, 1, connections);
    }
}
