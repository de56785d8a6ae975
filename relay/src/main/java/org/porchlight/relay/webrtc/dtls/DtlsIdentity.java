package org.porchlight.relay.webrtc.dtls;

import java.io.IOException;
import java.math.BigInteger;
import java.security.SecureRandom;
import java.time.Duration;
import java.time.Instant;
import java.util.Date;
import org.bouncycastle.asn1.nist.NISTObjectIdentifiers;
import org.bouncycastle.asn1.sec.SECObjectIdentifiers;
import org.bouncycastle.asn1.x500.X500Name;
import org.bouncycastle.asn1.x509.AlgorithmIdentifier;
import org.bouncycastle.asn1.x9.ECNamedCurveTable;
import org.bouncycastle.asn1.x9.X9ObjectIdentifiers;
import org.bouncycastle.cert.bc.BcX509v3CertificateBuilder;
import org.bouncycastle.crypto.AsymmetricCipherKeyPair;
import org.bouncycastle.crypto.generators.ECKeyPairGenerator;
import org.bouncycastle.crypto.params.AsymmetricKeyParameter;
import org.bouncycastle.crypto.params.ECKeyGenerationParameters;
import org.bouncycastle.crypto.params.ECNamedDomainParameters;
import org.bouncycastle.operator.OperatorCreationException;
import org.bouncycastle.operator.bc.BcECContentSignerBuilder;

/**
 * A key and its self-signed certificate: ECDSA on P-256 with SHA-256, what RFC 8827 section 6.5 asks everybody to take. Nobody trusts it for
 * its names; the session description names it by its {@link #fingerprint}. Immutable; the key is never printed.
 */
public final class DtlsIdentity {
    private static final X500Name NAME = new X500Name("CN=porchlight");
    private static final Duration CLOCK_SKEW = Duration.ofDays(1);

    private final AsymmetricKeyParameter privateKey;
    private final byte[] certificate;
    private final Fingerprint fingerprint;

    private DtlsIdentity(AsymmetricKeyParameter privateKey, byte[] certificate) {
        this.privateKey = privateKey;
        this.certificate = certificate;
        this.fingerprint = Fingerprint.of(Fingerprint.Hash.SHA_256, certificate);
    }

    /**
     * Makes a new one. Takes some milliseconds: not for an event loop.
     *
     * @param now the certificate is valid from a day before
     * @param lifetime and until this long after
     */
    public static DtlsIdentity generate(SecureRandom random, Instant now, Duration lifetime) {
        AsymmetricCipherKeyPair pair = newKeyPair(random);
        BigInteger serial = new BigInteger(64, random).add(BigInteger.ONE);
        try {
            BcX509v3CertificateBuilder builder = new BcX509v3CertificateBuilder(
                    NAME,
                    serial,
                    Date.from(now.minus(CLOCK_SKEW)),
                    Date.from(now.plus(lifetime)),
                    NAME,
                    pair.getPublic());
            BcECContentSignerBuilder signer = new BcECContentSignerBuilder(
                    new AlgorithmIdentifier(X9ObjectIdentifiers.ecdsa_with_SHA256),
                    new AlgorithmIdentifier(NISTObjectIdentifiers.id_sha256));
            signer.setSecureRandom(random);
            byte[] certificate = builder.build(signer.build(pair.getPrivate())).getEncoded();
            return new DtlsIdentity(pair.getPrivate(), certificate);
        } catch (IOException | OperatorCreationException e) {
            throw new IllegalStateException("a certificate of our own making cannot be written", e);
        }
    }

    private static AsymmetricCipherKeyPair newKeyPair(SecureRandom random) {
        ECKeyPairGenerator generator = new ECKeyPairGenerator();
        generator.init(new ECKeyGenerationParameters(
                new ECNamedDomainParameters(
                        SECObjectIdentifiers.secp256r1, ECNamedCurveTable.getByOID(SECObjectIdentifiers.secp256r1)),
                random));
        return generator.generateKeyPair();
    }

    /** For the session description: SHA-256. */
    public Fingerprint fingerprint() {
        return fingerprint;
    }

    /** In DER. A copy. */
    public byte[] certificate() {
        return certificate.clone();
    }

    AsymmetricKeyParameter privateKey() {
        return privateKey;
    }

    @Override
    public String toString() {
        return "certificate with " + fingerprint;
    }
}
