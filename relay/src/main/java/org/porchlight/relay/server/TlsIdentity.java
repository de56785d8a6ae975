package org.porchlight.relay.server;

import io.netty.handler.ssl.SslContext;
import io.netty.handler.ssl.SslContextBuilder;
import java.io.ByteArrayInputStream;
import java.nio.charset.StandardCharsets;
import java.security.GeneralSecurityException;
import java.security.KeyFactory;
import java.security.PrivateKey;
import java.security.PublicKey;
import java.security.Signature;
import java.security.cert.Certificate;
import java.security.cert.CertificateException;
import java.security.cert.CertificateFactory;
import java.security.cert.X509Certificate;
import java.security.spec.PKCS8EncodedKeySpec;
import java.util.Base64;
import java.util.Collection;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import javax.net.ssl.SSLException;

/**
 * What the relay shows TLS clients. It holds the contents, not the files, so that a renewed certificate is a different identity and that key
 * and certificate are never of two generations.
 *
 * @param certificate certificate chain in PEM, own certificate first
 * @param key private key of that certificate in PKCS#8 PEM, without password
 */
public record TlsIdentity(String certificate, Secret key) {
    private static final Pattern KEY_PEM =
            Pattern.compile("-----BEGIN PRIVATE KEY-----([A-Za-z0-9+/=\\s]+)-----END PRIVATE KEY-----");

    public TlsIdentity {
        X509Certificate own = chainOf("certificate", certificate)[0];
        PrivateKey privateKey = privateKeyOf(key, own.getPublicKey().getAlgorithm());
        if (!belongTogether(privateKey, own.getPublicKey())) {
            throw new InvalidSetting("key", "the key belongs to another certificate");
        }
    }

    /** A server context that shows this identity, for TLS 1.2 and 1.3. */
    public SslContext serverContext() {
        try {
            X509Certificate[] chain = chainOf("certificate", certificate);
            return SslContextBuilder.forServer(
                            privateKeyOf(key, chain[0].getPublicKey().getAlgorithm()), chain)
                    .protocols("TLSv1.3", "TLSv1.2")
                    .build();
        } catch (SSLException e) {
            throw new IllegalStateException("certificate and key were checked to belong together", e);
        }
    }

    static X509Certificate[] chainOf(String component, String pem) {
        try {
            Collection<? extends Certificate> chain = CertificateFactory.getInstance("X.509")
                    .generateCertificates(new ByteArrayInputStream(pem.getBytes(StandardCharsets.UTF_8)));
            if (!chain.isEmpty()) {
                return chain.toArray(new X509Certificate[0]);
            }
        } catch (CertificateException e) {
            // Said below: the platform's own words name bytes, not what to do.
        }
        throw new InvalidSetting(
                component, "not a certificate chain in PEM, which begins with -----BEGIN CERTIFICATE-----");
    }

    private static PrivateKey privateKeyOf(Secret key, String algorithm) {
        Matcher pem = KEY_PEM.matcher(key.reveal());
        if (pem.find()) {
            try {
                byte[] der = Base64.getMimeDecoder().decode(pem.group(1));
                return KeyFactory.getInstance(algorithm).generatePrivate(new PKCS8EncodedKeySpec(der));
            } catch (GeneralSecurityException | IllegalArgumentException e) {
                throw new InvalidSetting("key", "the key is damaged or not of the certificate's kind, " + algorithm);
            }
        }
        throw new InvalidSetting(
                "key",
                "not a PKCS#8 key in PEM without password, which begins with -----BEGIN PRIVATE KEY-----;"
                        + " convert it with: openssl pkcs8 -topk8 -nocrypt");
    }

    private static boolean belongTogether(PrivateKey privateKey, PublicKey publicKey) {
        String algorithm = switch (publicKey.getAlgorithm()) {
            case "RSA" -> "SHA256withRSA";
            case "EC" -> "SHA256withECDSA";
            case "RSASSA-PSS" -> "RSASSA-PSS";
            default -> "EdDSA";
        };
        try {
            byte[] probe = "porchlight".getBytes(StandardCharsets.US_ASCII);
            Signature signature = Signature.getInstance(algorithm);
            signature.initSign(privateKey);
            signature.update(probe);
            byte[] signed = signature.sign();
            signature.initVerify(publicKey);
            signature.update(probe);
            return signature.verify(signed);
        } catch (GeneralSecurityException e) {
            return false;
        }
    }

    @Override
    public String toString() {
        return "TlsIdentity[]";
    }
}
