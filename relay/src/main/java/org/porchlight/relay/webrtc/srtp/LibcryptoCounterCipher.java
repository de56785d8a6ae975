package org.porchlight.relay.webrtc.srtp;

import io.netty.buffer.ByteBuf;

/**
 * AES in counter mode and HMAC-SHA1 cut to 80 bits (RFC 3711) by libcrypto. Owner: as {@link PacketCipher} says.
 *
 * <p>The rollover counter is authenticated behind the packet, where the tag will stand: it is written there, so that one call sums all.
 */
final class LibcryptoCounterCipher extends LibcryptoCipher {
    private final int tagLength;
    private final long context;
    private final long hmac;

    LibcryptoCounterCipher(LibcryptoCipherProvider provider, SrtpProfile profile, PacketKind kind, SessionKeys keys) {
        super(provider, profile, kind, keys);
        tagLength = profile.tagLength();
        context = Libcrypto.newCipher();
        hmac = Libcrypto.newHmac();
        ByteBuf key = directCopy(keys.encryptionKeyView());
        // Counter mode decrypts by encrypting.
        Libcrypto.keyCipher(context, Libcrypto.cipherOf(profile), key.memoryAddress(), true);
        key = directCopy(keys.authenticationKeyView());
        Libcrypto.keyHmac(hmac, key.memoryAddress(), profile.authKeyLength(), Libcrypto.sha1());
        key.setZero(0, profile.authKeyLength());
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
        long text = packet + clearLength;
        Libcrypto.start(context, scratch.nonceAddress(nonce, ssrc, packetIndex));
        if (prefixLength > 0) {
            Libcrypto.update(context, text, scratch.lengthAddress(), text, prefixLength);
        }
        if (payloadLength > 0) {
            Libcrypto.update(context, text + prefixLength, scratch.lengthAddress(), payloadAddress, payloadLength);
        }
        int plainLength = clearLength + prefixLength + payloadLength;
        out.setInt(index + plainLength, kind.trailer(packetIndex));
        Libcrypto.hmac(hmac, packet, plainLength + Integer.BYTES, scratch.macAddress());
        int tagAt = index + plainLength + (kind == PacketKind.RTCP ? Integer.BYTES : 0);
        ByteBuf mac = scratch.memoryView();
        out.setLong(tagAt, mac.getLong(scratch.macIndex()));
        out.setShort(tagAt + 8, mac.getShort(scratch.macIndex() + 8));
    }

    @Override
    boolean open(
            NativeScratch scratch, int ssrc, long packetIndex, ByteBuf buf, int index, int clearLength, int length) {
        int plainLength = length - profile.overhead(kind);
        int tagAt = index + length - tagLength;
        long tagHigh = buf.getLong(tagAt);
        short tagLow = buf.getShort(tagAt + 8);
        buf.setInt(index + plainLength, kind.trailer(packetIndex));
        long packet = buf.memoryAddress() + index;
        Libcrypto.hmac(hmac, packet, plainLength + Integer.BYTES, scratch.macAddress());
        ByteBuf mac = scratch.memoryView();
        long difference = tagHigh ^ mac.getLong(scratch.macIndex());
        difference |= (tagLow ^ mac.getShort(scratch.macIndex() + 8)) & 0xffff;
        if (difference != 0) {
            return false;
        }
        int textLength = plainLength - clearLength;
        if (textLength > 0) {
            long text = packet + clearLength;
            Libcrypto.start(context, scratch.nonceAddress(nonce, ssrc, packetIndex));
            Libcrypto.update(context, text, scratch.lengthAddress(), text, textLength);
        }
        return true;
    }

    @Override
    void free() {
        Libcrypto.freeCipher(context);
        Libcrypto.freeHmac(hmac);
    }
}
