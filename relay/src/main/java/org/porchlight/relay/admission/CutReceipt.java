package org.porchlight.relay.admission;

import java.time.Instant;

/**
 * Proof that a cut was carried out.
 *
 * @param receivedAt when the relay was told
 * @param lastPacketAt when the last packet of the sessions that were cut was handed to the kernel; {@link Instant#MIN}: none ever was
 * @param doneAt when the last of them was flushed and closed
 * @param sessions how many were cut
 */
public record CutReceipt(Cut cut, Instant receivedAt, Instant lastPacketAt, Instant doneAt, int sessions) {}
