package org.porchlight.relay.admission;

import java.time.Duration;

/** Totals of one session, told to admission when it has ended. */
public record SessionReport(
        String session, String camera, String reason, Duration duration, long packets, long bytes) {}
