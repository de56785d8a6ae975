package org.porchlight.relay.webrtc.srtp;

import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import java.nio.ByteOrder;

/**
 * Arrays that the JDK's ciphers work in, one set per thread: they are faster on arrays than on direct buffers, and one warm set is kinder
 * to the caches than one per viewer. Owner: its thread; holds nothing between two packets.
 */
final class HeapScratch {
    private static final int INITIAL_BYTES = 2_048;
    private static final VarHandle LONGS = MethodHandles.byteArrayViewVarHandle(long[].class, ByteOrder.BIG_ENDIAN)
            .withInvokeExactBehavior();
    private static final VarHandle INTS = MethodHandles.byteArrayViewVarHandle(int[].class, ByteOrder.BIG_ENDIAN)
            .withInvokeExactBehavior();
    private static final ThreadLocal<HeapScratch> OF_THREAD = ThreadLocal.withInitial(HeapScratch::new);

    /** 16 bytes for the initialization vector. */
    final byte[] nonce = new byte[16];
    /** 4 bytes for {@link PacketKind#trailer}. */
    final byte[] trailer = new byte[4];
    /** 20 bytes for a whole HMAC-SHA1. */
    final byte[] mac = new byte[20];

    private byte[] packet = new byte[INITIAL_BYTES];
    private byte[] text = new byte[INITIAL_BYTES];

    static HeapScratch ofThread() {
        return OF_THREAD.get();
    }

    /** For the packet as it came: at least so many bytes, valid until the next call. Bounded by the largest packet, 64 KiB. */
    byte[] packetView(int bytes) {
        if (packet.length < bytes) {
            packet = new byte[roomFor(bytes)];
        }
        return packet;
    }

    /** For what the cipher puts out, as {@link #packetView}: given one array for both, the JDK's counter mode makes itself a copy. */
    byte[] textView(int bytes) {
        if (text.length < bytes) {
            text = new byte[roomFor(bytes)];
        }
        return text;
    }

    private static int roomFor(int bytes) {
        return Integer.highestOneBit(bytes - 1) << 1;
    }

    void fill(PacketNonce source, int ssrc, long packetIndex) {
        LONGS.set(nonce, 0, source.high(ssrc, packetIndex));
        LONGS.set(nonce, 8, source.low(packetIndex));
    }

    void fillTrailer(int value) {
        INTS.set(trailer, 0, value);
    }
}
