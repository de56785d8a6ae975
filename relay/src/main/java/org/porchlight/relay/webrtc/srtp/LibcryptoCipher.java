package org.porchlight.relay.webrtc.srtp;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;

/**
 * What both ciphers of libcrypto share: buffers without an address are worked on in a copy, and nothing is touched after the end. Owner: as
 * {@link PacketCipher} says. The caller has checked all bounds.
 */
abstract sealed class LibcryptoCipher implements PacketCipher permits LibcryptoGcmCipher, LibcryptoCounterCipher {
    final SrtpProfile profile;
    final PacketKind kind;
    final PacketNonce nonce;

    private final LibcryptoCipherProvider provider;
    private boolean closed;

    LibcryptoCipher(LibcryptoCipherProvider provider, SrtpProfile profile, PacketKind kind, SessionKeys keys) {
        this.provider = provider;
        this.profile = profile;
        this.kind = kind;
        nonce = new PacketNonce(profile, keys.saltView());
    }

    @Override
    public final void seal(
            int ssrc,
            long packetIndex,
            ByteBuf out,
            int index,
            int clearLength,
            int prefixLength,
            ByteBuf payload,
            int payloadIndex,
            int payloadLength) {
        checkOpen();
        NativeScratch scratch = NativeScratch.ofThread();
        if (!out.hasMemoryAddress()) {
            int plainLength = clearLength + prefixLength + payloadLength;
            ByteBuf copy = scratch.packetView(plainLength + profile.overhead(kind));
            out.getBytes(index, copy, 0, clearLength + prefixLength);
            payload.getBytes(payloadIndex, copy, clearLength + prefixLength, payloadLength);
            seal(ssrc, packetIndex, copy, 0, clearLength, plainLength - clearLength, Unpooled.EMPTY_BUFFER, 0, 0);
            out.setBytes(index, copy, 0, plainLength + profile.overhead(kind));
        } else if (payloadLength > 0 && !payload.hasMemoryAddress()) {
            payload.getBytes(payloadIndex, out, index + clearLength + prefixLength, payloadLength);
            int textLength = prefixLength + payloadLength;
            seal(ssrc, packetIndex, out, index, clearLength, textLength, Unpooled.EMPTY_BUFFER, 0, 0);
        } else {
            long payloadAddress = payloadLength > 0 ? payload.memoryAddress() + payloadIndex : 0;
            seal(scratch, ssrc, packetIndex, out, index, clearLength, prefixLength, payloadAddress, payloadLength);
        }
    }

    /** Seals with everything addressable; {@code payloadAddress} is only read when {@code payloadLength} is not 0. */
    abstract void seal(
            NativeScratch scratch,
            int ssrc,
            long packetIndex,
            ByteBuf out,
            int index,
            int clearLength,
            int prefixLength,
            long payloadAddress,
            int payloadLength);

    @Override
    public final boolean open(int ssrc, long packetIndex, ByteBuf buf, int index, int clearLength, int length) {
        checkOpen();
        NativeScratch scratch = NativeScratch.ofThread();
        if (buf.hasMemoryAddress()) {
            return open(scratch, ssrc, packetIndex, buf, index, clearLength, length);
        }
        ByteBuf copy = scratch.packetView(length);
        buf.getBytes(index, copy, 0, length);
        boolean authentic = open(scratch, ssrc, packetIndex, copy, 0, clearLength, length);
        buf.setBytes(index, copy, 0, length);
        return authentic;
    }

    abstract boolean open(
            NativeScratch scratch, int ssrc, long packetIndex, ByteBuf buf, int index, int clearLength, int length);

    private void checkOpen() {
        if (closed) {
            throw new IllegalStateException("this cipher is closed");
        }
    }

    @Override
    public final void close() {
        if (!closed) {
            closed = true;
            free();
            provider.onClose();
        }
    }

    /** Frees the contexts, which libcrypto overwrites. */
    abstract void free();

    /** A copy of a key in direct memory; the caller overwrites it. */
    static ByteBuf directCopy(byte[] key) {
        ByteBuf copy = NativeScratch.ofThread().packetView(key.length);
        return copy.setBytes(0, key);
    }
}
