package org.porchlight.relay.webrtc.dtls;

import java.util.List;
import org.jspecify.annotations.Nullable;

/** SRTP protection profiles that can be agreed on by use_srtp (RFC 5764 section 4.1.2, RFC 7714 section 14.2). */
public enum SrtpProtection {
    /** 0x0007. */
    AEAD_AES_128_GCM(0x0007, 56),
    /** 0x0008. */
    AEAD_AES_256_GCM(0x0008, 88),
    /** 0x0001, the one that every peer has. */
    AES128_CM_HMAC_SHA1_80(0x0001, 60);

    /** What we like best first: GCM costs two thirds of the counter mode with its HMAC. */
    static final List<SrtpProtection> PREFERENCE = List.of(values());

    private final int id;
    private final int keyingMaterialLength;

    SrtpProtection(int id, int keyingMaterialLength) {
        this.id = id;
        this.keyingMaterialLength = keyingMaterialLength;
    }

    /** The number on the wire, two bytes. */
    public int id() {
        return id;
    }

    /** Bytes to be exported: two master keys and two master salts (RFC 5764 section 4.2). */
    public int keyingMaterialLength() {
        return keyingMaterialLength;
    }

    static int[] offer() {
        return PREFERENCE.stream().mapToInt(SrtpProtection::id).toArray();
    }

    /** The first of our preference that is among these, or null. */
    static @Nullable SrtpProtection choose(int[] offered) {
        for (SrtpProtection ours : PREFERENCE) {
            for (int theirs : offered) {
                if (theirs == ours.id) {
                    return ours;
                }
            }
        }
        return null;
    }
}
