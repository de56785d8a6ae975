package org.porchlight.relay.server;

import java.util.Locale;

/** How we know that a camera reached over TLS is the one we mean. */
public sealed interface TlsTrust {

    /** Its certificate chain leads to an authority that the Java platform trusts, and names the host. */
    record PlatformAuthorities() implements TlsTrust {}

    /**
     * Its certificate chain leads to one of these authorities, and names the host.
     *
     * @param certificates authorities' certificates in PEM
     */
    record Authorities(String certificates) implements TlsTrust {
        public Authorities {
            TlsIdentity.chainOf("trust", certificates);
        }

        @Override
        public String toString() {
            return "Authorities[]";
        }
    }

    /**
     * Its own certificate has this fingerprint; its name and dates do not matter.
     *
     * @param sha256 SHA-256 of the DER certificate, 64 hexadecimal digits in lower case; given with colons or in upper case, it is normalised
     */
    record Pinned(String sha256) implements TlsTrust {
        public Pinned {
            sha256 = sha256.replace(":", "").toLowerCase(Locale.ROOT);
            if (!sha256.matches("[0-9a-f]{64}")) {
                throw new InvalidSetting("trust", "a SHA-256 fingerprint has 64 hexadecimal digits");
            }
        }
    }

    /** Anybody who answers: encryption without knowing to whom. */
    record Unverified() implements TlsTrust {}
}
