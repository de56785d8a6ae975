package org.porchlight.relay.webrtc.srtp;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import java.nio.ByteBuffer;

/**
 * Direct memory for what libcrypto reads and writes beside the packet, one set per thread. Owner: its thread; it goes with it. Holds
 * nothing between two packets.
 */
final class NativeScratch {
    private static final int TRAILER_AT = 16;
    private static final int LENGTH_AT = 24;
    private static final int MAC_AT = 32;
    private static final int BYTES = 64;

    private static final ThreadLocal<NativeScratch> OF_THREAD = ThreadLocal.withInitial(NativeScratch::new);

    private final ByteBuf memory = direct(BYTES);
    private final long address = memory.memoryAddress();
    private ByteBuf packet = Unpooled.EMPTY_BUFFER;

    static NativeScratch ofThread() {
        return OF_THREAD.get();
    }

    private static ByteBuf direct(int bytes) {
        return Unpooled.wrappedBuffer(ByteBuffer.allocateDirect(bytes)).clear();
    }

    /** Writes a packet's initialization vector; its address. */
    long nonceAddress(PacketNonce nonce, int ssrc, long packetIndex) {
        memory.setLong(0, nonce.high(ssrc, packetIndex));
        memory.setLong(8, nonce.low(packetIndex));
        return address;
    }

    /** Writes 4 bytes in network order; their address. */
    long trailerAddress(int trailer) {
        memory.setInt(TRAILER_AT, trailer);
        return address + TRAILER_AT;
    }

    /** Where libcrypto may write a length that nobody reads. */
    long lengthAddress() {
        return address + LENGTH_AT;
    }

    /** 20 bytes for a whole HMAC-SHA1. */
    long macAddress() {
        return address + MAC_AT;
    }

    ByteBuf memoryView() {
        return memory;
    }

    /** Index of the HMAC in {@link #memoryView}. */
    int macIndex() {
        return MAC_AT;
    }

    /** A buffer with an address for packets that came in one without, of at least so many bytes; bounded by the largest packet. */
    ByteBuf packetView(int bytes) {
        if (packet.capacity() < bytes) {
            packet = direct(Math.max(2_048, Integer.highestOneBit(bytes - 1) << 1));
        }
        return packet;
    }
}
