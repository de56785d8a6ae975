package org.porchlight.relay.webrtc.srtp;

import io.netty.buffer.ByteBuf;

/** AES-GCM (RFC 7714) by libcrypto. Owner: as {@link PacketCipher} says. */
final class LibcryptoGcmCipher extends LibcryptoCipher {
    private static final int TAG = 16;
    private static final int NONCE = 12;

    private final long context;

    LibcryptoGcmCipher(
            LibcryptoCipherProvider provider, SrtpProfile profile, PacketKind kind, SessionKeys keys, boolean sealing) {
        super(provider, profile, kind, keys);
        context = Libcrypto.newCipher();
        ByteBuf key = directCopy(keys.encryptionKeyView());
        Libcrypto.keyCipher(context, Libcrypto.cipherOf(profile), 0, sealing);
        Libcrypto.control(context, Libcrypto.SET_GCM_IV_LENGTH, NONCE, 0);
        Libcrypto.keyCipher(context, 0, key.memoryAddress(), sealing);
        key.setZero(0, profile.keyLength());
    }

    @Override
    void seal(
            NativeScratch scratch,
            int ssrc,
            long packetIndex,
            ByteBuf out,
            int index,
            int clearLength,
            int prefixLength,
            long payloadAddress,
            int payloadLength) {
        long packet = out.memoryAddress() + index;
        start(scratch, ssrc, packetIndex, packet, clearLength);
        long length = scratch.lengthAddress();
        long text = packet + clearLength;
        if (prefixLength > 0) {
            Libcrypto.update(context, text, length, text, prefixLength);
        }
        if (payloadLength > 0) {
            Libcrypto.update(context, text + prefixLength, length, payloadAddress, payloadLength);
        }
        long end = text + prefixLength + payloadLength;
        if (!Libcrypto.finish(context, end, length)) {
            throw new IllegalStateException("libcrypto failed for SSRC " + ssrc + ", index " + packetIndex);
        }
        Libcrypto.control(context, Libcrypto.GET_GCM_TAG, TAG, end);
        if (kind == PacketKind.RTCP) {
            out.setInt(index + clearLength + prefixLength + payloadLength + TAG, kind.trailer(packetIndex));
        }
    }

    @Override
    boolean open(
            NativeScratch scratch, int ssrc, long packetIndex, ByteBuf buf, int index, int clearLength, int length) {
        int textLength = length - clearLength - profile.overhead(kind);
        long packet = buf.memoryAddress() + index;
        start(scratch, ssrc, packetIndex, packet, clearLength);
        long text = packet + clearLength;
        long outLength = scratch.lengthAddress();
        if (textLength > 0) {
            Libcrypto.update(context, text, outLength, text, textLength);
        }
        Libcrypto.control(context, Libcrypto.SET_GCM_TAG, TAG, text + textLength);
        return Libcrypto.finish(context, text, outLength);
    }

    private void start(NativeScratch scratch, int ssrc, long packetIndex, long packet, int clearLength) {
        Libcrypto.start(context, scratch.nonceAddress(nonce, ssrc, packetIndex));
        Libcrypto.update(context, 0, scratch.lengthAddress(), packet, clearLength);
        if (kind == PacketKind.RTCP) {
            long trailer = scratch.trailerAddress(kind.trailer(packetIndex));
            Libcrypto.update(context, 0, scratch.lengthAddress(), trailer, Integer.BYTES);
        }
    }

    @Override
    void free() {
        Libcrypto.freeCipher(context);
    }
}
