package org.porchlight.relay.webrtc.srtp;

import io.netty.buffer.ByteBuf;
import java.security.GeneralSecurityException;
import java.security.Key;
import javax.crypto.Cipher;
import javax.crypto.Mac;
import javax.crypto.spec.IvParameterSpec;
import javax.crypto.spec.SecretKeySpec;

/**
 * AES in counter mode and HMAC-SHA1 cut to 80 bits (RFC 3711 sections 4.1.1 and 4.2.1) by the JDK. Owner: as {@link PacketCipher} says.
 */
final class JdkCounterCipher implements PacketCipher {
    private final PacketKind kind;
    private final int tagLength;
    private final PacketNonce nonce;
    private final Key key;
    private final Cipher cipher;
    private final Mac mac;

    private boolean closed;

    JdkCounterCipher(SrtpProfile profile, PacketKind kind, SessionKeys keys) {
        this.kind = kind;
        tagLength = profile.tagLength();
        nonce = new PacketNonce(profile, keys.saltView());
        key = new SecretKeySpec(keys.encryptionKeyView(), "AES");
        try {
            cipher = Cipher.getInstance("AES/CTR/NoPadding");
            mac = Mac.getInstance("HmacSHA1");
            mac.init(new SecretKeySpec(keys.authenticationKeyView(), "HmacSHA1"));
        } catch (GeneralSecurityException e) {
            throw new IllegalStateException("every JDK has AES in counter mode and HMAC-SHA1", e);
        }
    }

    @Override
    public void seal(
            int ssrc,
            long packetIndex,
            ByteBuf out,
            int index,
            int clearLength,
            int prefixLength,
            ByteBuf payload,
            int payloadIndex,
            int payloadLength) {
        int length = clearLength + prefixLength + payloadLength;
        HeapScratch scratch = HeapScratch.ofThread();
        byte[] packet = scratch.packetView(length);
        out.getBytes(index, packet, 0, clearLength + prefixLength);
        payload.getBytes(payloadIndex, packet, clearLength + prefixLength, payloadLength);
        byte[] text = scratch.textView(length);
        System.arraycopy(packet, 0, text, 0, clearLength);
        crypt(scratch, ssrc, packetIndex, packet, clearLength, length - clearLength, text);
        authenticate(scratch, packetIndex, text, length);
        out.setBytes(index + clearLength, text, clearLength, length - clearLength);
        int tagAt = index + length;
        if (kind == PacketKind.RTCP) {
            out.setBytes(tagAt, scratch.trailer);
            tagAt += Integer.BYTES;
        }
        out.setBytes(tagAt, scratch.mac, 0, tagLength);
    }

    @Override
    public boolean open(int ssrc, long packetIndex, ByteBuf buf, int index, int clearLength, int length) {
        int plainLength = length - tagLength - (kind == PacketKind.RTCP ? Integer.BYTES : 0);
        HeapScratch scratch = HeapScratch.ofThread();
        byte[] packet = scratch.packetView(length);
        buf.getBytes(index, packet, 0, length);
        authenticate(scratch, packetIndex, packet, plainLength);
        // In constant time: how many bytes of a forged tag are right is nobody's business.
        int difference = 0;
        for (int i = 0; i < tagLength; i++) {
            difference |= scratch.mac[i] ^ packet[length - tagLength + i];
        }
        if (difference != 0) {
            return false;
        }
        byte[] text = scratch.textView(plainLength);
        crypt(scratch, ssrc, packetIndex, packet, clearLength, plainLength - clearLength, text);
        buf.setBytes(index + clearLength, text, clearLength, plainLength - clearLength);
        return true;
    }

    private void crypt(
            HeapScratch scratch, int ssrc, long packetIndex, byte[] packet, int offset, int length, byte[] text) {
        scratch.fill(nonce, ssrc, packetIndex);
        try {
            cipher.init(Cipher.ENCRYPT_MODE, key, new IvParameterSpec(scratch.nonce));
            cipher.doFinal(packet, offset, length, text, offset);
        } catch (GeneralSecurityException e) {
            throw new IllegalStateException("AES failed for SSRC " + ssrc + ", index " + packetIndex, e);
        }
    }

    private void authenticate(HeapScratch scratch, long packetIndex, byte[] packet, int length) {
        if (closed) {
            throw new IllegalStateException("this cipher is closed");
        }
        scratch.fillTrailer(kind.trailer(packetIndex));
        mac.update(packet, 0, length);
        mac.update(scratch.trailer);
        try {
            mac.doFinal(scratch.mac, 0);
        } catch (GeneralSecurityException e) {
            throw new IllegalStateException("HMAC-SHA1 failed", e);
        }
    }

    @Override
    public void close() {
        closed = true;
    }
}
