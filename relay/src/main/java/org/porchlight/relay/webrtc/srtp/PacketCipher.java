package org.porchlight.relay.webrtc.srtp;

import io.netty.buffer.ByteBuf;

/**
 * One session key at work on whole packets, in one direction. Owner: the sender or receiver that made it, which closes it; used by one
 * thread at a time.
 *
 * <p>Where things stand, with {@code n} for clear part and text together:
 *
 * <pre>
 *            0        clear                n
 * GCM SRTP   | clear | text               | tag (16)
 * GCM SRTCP  | clear | text               | tag (16) | E, index (4)
 * CM SRTP    | clear | text               | tag (10)
 * CM SRTCP   | clear | text               | E, index (4) | tag (10)
 * </pre>
 */
interface PacketCipher extends AutoCloseable {

    /**
     * Encrypts and authenticates a packet and writes all that {@link SrtpProfile#overhead} counts behind it. Bounds were checked by the
     * caller; indices are absolute.
     *
     * @param packetIndex 48 bits of SRTP or 31 of SRTCP
     * @param out holds {@code clearLength} bytes that stay as they are and {@code prefixLength} that are encrypted in place
     * @param payload encrypted to the place behind the prefix; only read
     */
    void seal(
            int ssrc,
            long packetIndex,
            ByteBuf out,
            int index,
            int clearLength,
            int prefixLength,
            ByteBuf payload,
            int payloadIndex,
            int payloadLength);

    /**
     * Authenticates and decrypts a packet in place.
     *
     * @param length of the protected packet, at least {@code clearLength} and the overhead
     * @return false: not authentic; the bytes behind the clear part are then undefined
     */
    boolean open(int ssrc, long packetIndex, ByteBuf buf, int index, int clearLength, int length);

    /** Forgets the key and frees what is held outside the heap. May be repeated; sealing and opening end with it. */
    @Override
    void close();
}
