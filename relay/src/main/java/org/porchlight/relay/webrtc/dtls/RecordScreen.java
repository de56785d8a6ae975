package org.porchlight.relay.webrtc.dtls;

import io.netty.buffer.ByteBuf;

/**
 * Looks at the records of a datagram before the library does (RFC 6347 section 4.1): a protected record that is too short for its cipher
 * would end the connection there, though anybody can send one and RFC 6347 section 4.1.2.7 says that such are to be discarded. No state.
 *
 * <pre>
 *  type | version | epoch | sequence number | length | nonce, ciphertext and tag
 *     1 |       2 |     2 |               6 |      2 | length
 * </pre>
 */
final class RecordScreen {
    private static final int HEADER = 13;
    private static final int EPOCH = 3;
    private static final int LENGTH = 11;
    /** Explicit nonce and tag of AES-GCM (RFC 5288 section 3). */
    private static final int GCM_EXPANSION = 8 + 16;

    private RecordScreen() {}

    /**
     * Whether every record lies within the datagram and is long enough for what it says it is.
     *
     * @param datagram borrowed
     */
    static boolean isWellFormed(ByteBuf datagram) {
        int at = datagram.readerIndex();
        int end = datagram.writerIndex();
        while (at < end) {
            if (end - at < HEADER) {
                return false;
            }
            int length = datagram.getUnsignedShort(at + LENGTH);
            boolean isProtected = datagram.getUnsignedShort(at + EPOCH) > 0;
            if (length <= (isProtected ? GCM_EXPANSION : 0) || length > end - at - HEADER) {
                return false;
            }
            at += HEADER + length;
        }
        return at > datagram.readerIndex();
    }
}
