package org.porchlight.relay.webrtc.srtp;

import io.netty.buffer.ByteBuf;
import java.security.GeneralSecurityException;
import java.security.Key;
import javax.crypto.AEADBadTagException;
import javax.crypto.Cipher;
import javax.crypto.spec.GCMParameterSpec;
import javax.crypto.spec.SecretKeySpec;

/** AES-GCM (RFC 7714) by the JDK's cipher, which is initialized for each packet. Owner: as {@link PacketCipher} says. */
final class JdkGcmCipher implements PacketCipher {
    private static final int TAG = 16;
    private static final int NONCE = 12;

    private final PacketKind kind;
    private final PacketNonce nonce;
    private final Key key;
    private final Cipher cipher;

    private long lastSealedIndex = -1;
    private int lastSealedSsrc;
    private boolean closed;

    JdkGcmCipher(SrtpProfile profile, PacketKind kind, SessionKeys keys) {
        this.kind = kind;
        nonce = new PacketNonce(profile, keys.saltView());
        key = new SecretKeySpec(keys.encryptionKeyView(), "AES");
        try {
            cipher = Cipher.getInstance("AES/GCM/NoPadding");
        } catch (GeneralSecurityException e) {
            throw new IllegalStateException("every JDK has AES-GCM", e);
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
        int textLength = prefixLength + payloadLength;
        HeapScratch scratch = HeapScratch.ofThread();
        byte[] packet = scratch.packetView(clearLength + textLength);
        byte[] text = scratch.textView(clearLength + textLength + TAG);
        out.getBytes(index, packet, 0, clearLength + prefixLength);
        payload.getBytes(payloadIndex, packet, clearLength + prefixLength, payloadLength);
        try {
            if (packetIndex == lastSealedIndex && ssrc == lastSealedSsrc) {
                // The JDK refuses the nonce it has just used. Here it is the same packet once more, which is harmless.
                start(scratch, Cipher.ENCRYPT_MODE, ~ssrc, packetIndex);
            }
            start(scratch, Cipher.ENCRYPT_MODE, ssrc, packetIndex);
            authenticateClear(scratch, packet, clearLength, packetIndex);
            cipher.doFinal(packet, clearLength, textLength, text, clearLength);
        } catch (GeneralSecurityException e) {
            throw new IllegalStateException("AES-GCM failed for SSRC " + ssrc + ", index " + packetIndex, e);
        }
        lastSealedIndex = packetIndex;
        lastSealedSsrc = ssrc;
        out.setBytes(index + clearLength, text, clearLength, textLength + TAG);
        if (kind == PacketKind.RTCP) {
            out.setInt(index + clearLength + textLength + TAG, kind.trailer(packetIndex));
        }
    }

    @Override
    public boolean open(int ssrc, long packetIndex, ByteBuf buf, int index, int clearLength, int length) {
        int sealedLength = length - clearLength - (kind == PacketKind.RTCP ? Integer.BYTES : 0);
        HeapScratch scratch = HeapScratch.ofThread();
        byte[] packet = scratch.packetView(clearLength + sealedLength);
        byte[] text = scratch.textView(clearLength + sealedLength);
        buf.getBytes(index, packet, 0, clearLength + sealedLength);
        try {
            start(scratch, Cipher.DECRYPT_MODE, ssrc, packetIndex);
            authenticateClear(scratch, packet, clearLength, packetIndex);
            cipher.doFinal(packet, clearLength, sealedLength, text, clearLength);
        } catch (AEADBadTagException e) {
            return false;
        } catch (GeneralSecurityException e) {
            throw new IllegalStateException("AES-GCM failed for SSRC " + ssrc + ", index " + packetIndex, e);
        }
        buf.setBytes(index + clearLength, text, clearLength, sealedLength - TAG);
        return true;
    }

    private void start(HeapScratch scratch, int mode, int ssrc, long packetIndex) throws GeneralSecurityException {
        if (closed) {
            throw new IllegalStateException("this cipher is closed");
        }
        scratch.fill(nonce, ssrc, packetIndex);
        cipher.init(mode, key, new GCMParameterSpec(TAG * Byte.SIZE, scratch.nonce, 0, NONCE));
    }

    private void authenticateClear(HeapScratch scratch, byte[] packet, int clearLength, long packetIndex) {
        cipher.updateAAD(packet, 0, clearLength);
        if (kind == PacketKind.RTCP) {
            scratch.fillTrailer(kind.trailer(packetIndex));
            cipher.updateAAD(scratch.trailer);
        }
    }

    @Override
    public void close() {
        closed = true;
    }
}
