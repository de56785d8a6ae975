package org.porchlight.relay.webrtc.dtls;

import java.util.Vector;
import org.bouncycastle.tls.Certificate;
import org.bouncycastle.tls.CipherSuite;
import org.bouncycastle.tls.HashAlgorithm;
import org.bouncycastle.tls.SignatureAlgorithm;
import org.bouncycastle.tls.SignatureAndHashAlgorithm;
import org.bouncycastle.tls.TlsContext;
import org.bouncycastle.tls.TlsCredentialedSigner;
import org.bouncycastle.tls.crypto.TlsCertificate;
import org.bouncycastle.tls.crypto.TlsCryptoParameters;
import org.bouncycastle.tls.crypto.impl.bc.BcDefaultTlsCredentialedSigner;
import org.bouncycastle.tls.crypto.impl.bc.BcTlsCrypto;

/** What we offer and accept, the same for both roles. No state. */
final class TlsChoices {
    /** Reassembled; a ClientHello with a post-quantum key share has about 2,000 bytes, a chain of RSA certificates fits too. */
    static final int MAX_HANDSHAKE_MESSAGE_BYTES = 16 * 1024;

    private TlsChoices() {}

    /**
     * Forward secret and authenticated encryption only; the first is the one that RFC 8827 section 6.5 demands of everybody. All are GCM, on
     * which {@link RecordScreen} relies.
     */
    static int[] cipherSuites() {
        return new int[] {
            CipherSuite.TLS_ECDHE_ECDSA_WITH_AES_128_GCM_SHA256, CipherSuite.TLS_ECDHE_ECDSA_WITH_AES_256_GCM_SHA384
        };
    }

    /** Of the peer's signatures: its certificate may also be RSA. */
    @SuppressWarnings("JdkObsolete") // the library wants it
    static Vector<SignatureAndHashAlgorithm> signatureAlgorithms() {
        Vector<SignatureAndHashAlgorithm> algorithms = new Vector<>();
        for (short signature : new short[] {SignatureAlgorithm.ecdsa, SignatureAlgorithm.rsa}) {
            for (short hash : new short[] {HashAlgorithm.sha256, HashAlgorithm.sha384, HashAlgorithm.sha512}) {
                algorithms.add(SignatureAndHashAlgorithm.getInstance(hash, signature));
            }
        }
        return algorithms;
    }

    static TlsCredentialedSigner signer(BcTlsCrypto crypto, TlsContext context, DtlsIdentity identity) {
        try {
            Certificate chain =
                    new Certificate(new TlsCertificate[] {crypto.createCertificate(identity.certificate())});
            return new BcDefaultTlsCredentialedSigner(
                    new TlsCryptoParameters(context),
                    crypto,
                    identity.privateKey(),
                    chain,
                    SignatureAndHashAlgorithm.getInstance(HashAlgorithm.sha256, SignatureAlgorithm.ecdsa));
        } catch (java.io.IOException e) {
            throw new IllegalStateException("our own certificate cannot be read", e);
        }
    }
}
