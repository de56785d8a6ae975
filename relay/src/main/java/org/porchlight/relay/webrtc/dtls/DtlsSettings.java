package org.porchlight.relay.webrtc.dtls;

import java.time.Duration;

/**
 * Bounds of a {@link DtlsEndpoint}.
 *
 * @param maxConcurrent handshakes under way at a time, each with a thread that waits for its peer most of that time, 1 to 1,024
 * @param maxCalculating handshakes that use a processor at a time, so that a rush of viewers leaves the rest to the media, 1 to maxConcurrent
 * @param maxWaiting handshakes that wait for their turn, 1 to 100,000
 * @param timeout from the opening of a connection to the end of its handshake, 100 ms to 1 min
 * @param resend first wait before a flight is repeated; doubled each time, 50 ms to 5 s
 * @param maxDatagramBytes of what we send, 256 to 1,452
 * @param identityLifetime how long new sessions get the same certificate, 1 min to 30 days
 */
public record DtlsSettings(
        int maxConcurrent,
        int maxCalculating,
        int maxWaiting,
        Duration timeout,
        Duration resend,
        int maxDatagramBytes,
        Duration identityLifetime) {

    public DtlsSettings {
        within("maxConcurrent", maxConcurrent, 1, 1024);
        within("maxCalculating", maxCalculating, 1, maxConcurrent);
        within("maxWaiting", maxWaiting, 1, 100_000);
        within("timeout in ms", timeout.toMillis(), 100, 60_000);
        within("resend in ms", resend.toMillis(), 50, 5_000);
        within("maxDatagramBytes", maxDatagramBytes, 256, 1452);
        within("identityLifetime in s", identityLifetime.toSeconds(), 60, 30L * 24 * 3600);
    }

    /**
     * What a relay wants: half of the processors for a rush, 64 handshakes under way, 10 s, a certificate a day.
     *
     * @param processors of the machine
     */
    public static DtlsSettings forProcessors(int processors) {
        return new DtlsSettings(
                64,
                Math.max(1, Math.min(64, processors / 2)),
                1000,
                Duration.ofSeconds(10),
                Duration.ofMillis(400),
                1200,
                Duration.ofDays(1));
    }

    private static void within(String name, long value, long min, long max) {
        if (value < min || value > max) {
            throw new IllegalArgumentException(name + " " + value + " is not within " + min + " to " + max);
        }
    }
}
