package org.porchlight.relay.rtsp.client;

import java.util.Locale;

/** How we know that a camera reached over TLS is the one we mean. */
public sealed interface CameraTrust {

    /** Its certificate chain leads to an authority that the Java platform trusts, and names the host. */
    record PlatformAuthorities() implements CameraTrust {}

    /**
     * Its certificate chain leads to one of these authorities, and names the host.
     *
     * @param pem certificates of the authorities
     */
    record Authorities(String pem) implements CameraTrust {}

    /**
     * Its own certificate has this fingerprint; name and dates do not matter.
     *
     * @param sha256 SHA-256 of the DER certificate, hexadecimal, with or without colons
     */
    record Pinned(String sha256) implements CameraTrust {
        public Pinned {
            sha256 = sha256.replace(":", "").toLowerCase(Locale.ROOT);
            if (!sha256.matches("[0-9a-f]{64}")) {
                throw new IllegalArgumentException("a SHA-256 fingerprint has 64 hexadecimal digits");
            }
        }
    }

    /** Anybody who answers: encryption without knowing to whom. */
    record Unverified() implements CameraTrust {}
}
