package org.porchlight.relay.webrtc.srtp;

import java.nio.ByteBuffer;
import java.util.Arrays;

/**
 * The initialization vector of a packet from salt, SSRC and index, as 16 bytes in two big-endian words. Immutable.
 *
 * <pre>
 * GCM, 12 bytes (RFC 7714 section 8.1, 9.1):  00 00 | SSRC | 48-bit index            XOR salt
 * counter mode (RFC 3711 section 4.1.1):  00 00 00 00 | SSRC | 48-bit index | 00 00  XOR salt
 * </pre>
 */
final class PacketNonce {
    private final boolean aead;
    private final long saltHigh;
    private final long saltLow;

    PacketNonce(SrtpProfile profile, byte[] salt) {
        aead = profile.isAead();
        ByteBuffer padded = ByteBuffer.wrap(Arrays.copyOf(salt, 16));
        saltHigh = padded.getLong();
        saltLow = padded.getLong();
    }

    /** Bytes 0 to 7. */
    long high(int ssrc, long packetIndex) {
        long unsigned = ssrc & 0xffff_ffffL;
        return saltHigh ^ (aead ? unsigned << 16 | packetIndex >>> 32 : unsigned);
    }

    /** Bytes 8 to 15; of GCM's the last four are not part of it. */
    long low(long packetIndex) {
        return saltLow ^ (aead ? packetIndex << 32 : packetIndex << 16);
    }
}
