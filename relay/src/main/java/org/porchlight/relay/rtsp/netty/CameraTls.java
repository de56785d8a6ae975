package org.porchlight.relay.rtsp.netty;

import io.netty.handler.ssl.SslContext;
import io.netty.handler.ssl.SslContextBuilder;
import io.netty.handler.ssl.SslProvider;
import io.netty.handler.ssl.util.InsecureTrustManagerFactory;
import io.netty.util.concurrent.EventExecutor;
import java.io.ByteArrayInputStream;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.security.cert.CertificateException;
import java.security.cert.X509Certificate;
import java.util.HexFormat;
import java.util.concurrent.Executor;
import java.util.concurrent.RejectedExecutionException;
import java.util.function.Consumer;
import javax.net.ssl.SSLException;
import javax.net.ssl.X509TrustManager;
import org.jspecify.annotations.Nullable;
import org.porchlight.relay.rtsp.client.CameraTrust;

/** TLS towards one camera. Owner: the loop of its source; the context, whose making reads key stores, is made elsewhere and kept. */
final class CameraTls {
    private final CameraTrust trust;
    private final Executor threads;
    private @Nullable SslContext context;

    CameraTls(CameraTrust trust, Executor threads) {
        this.trust = trust;
        this.threads = threads;
    }

    /** The context, or null when it cannot be made; on the loop, not before this method has returned. */
    void whenReady(EventExecutor loop, Consumer<@Nullable SslContext> ready) {
        SslContext known = context;
        if (known != null) {
            loop.execute(() -> ready.accept(known));
            return;
        }
        try {
            threads.execute(() -> {
                SslContext made = make(trust);
                loop.execute(() -> {
                    context = made;
                    ready.accept(made);
                });
            });
        } catch (RejectedExecutionException e) {
            loop.execute(() -> ready.accept(null));
        }
    }

    private static @Nullable SslContext make(CameraTrust trust) {
        // the platform's engine: cameras are few and their bytes not many, and its trust checks are the platform's own
        SslContextBuilder builder = SslContextBuilder.forClient().sslProvider(SslProvider.JDK);
        try {
            if (trust instanceof CameraTrust.Pinned pinned) {
                builder.trustManager(new PinningTrust(pinned.sha256())).endpointIdentificationAlgorithm(null);
            } else if (trust instanceof CameraTrust.Unverified) {
                builder.trustManager(InsecureTrustManagerFactory.INSTANCE).endpointIdentificationAlgorithm(null);
            } else if (trust instanceof CameraTrust.Authorities authorities) {
                byte[] pem = authorities.pem().getBytes(StandardCharsets.US_ASCII);
                builder.trustManager(new ByteArrayInputStream(pem)).endpointIdentificationAlgorithm("HTTPS");
            } else {
                builder.endpointIdentificationAlgorithm("HTTPS");
            }
            return builder.build();
        } catch (IllegalArgumentException | SSLException e) {
            return null;
        }
    }

    /** Trusts exactly one certificate. */
    private static final class PinningTrust implements X509TrustManager {
        private final byte[] sha256;

        PinningTrust(String sha256) {
            this.sha256 = HexFormat.of().parseHex(sha256);
        }

        @Override
        public void checkClientTrusted(X509Certificate[] chain, String authType) throws CertificateException {
            throw new CertificateException("no clients here");
        }

        @Override
        public void checkServerTrusted(X509Certificate[] chain, String authType) throws CertificateException {
            byte[] actual;
            try {
                actual = MessageDigest.getInstance("SHA-256").digest(chain[0].getEncoded());
            } catch (NoSuchAlgorithmException e) {
                throw new CertificateException(e);
            }
            if (!MessageDigest.isEqual(actual, sha256)) {
                throw new CertificateException("the camera's certificate has the fingerprint "
                        + HexFormat.of().formatHex(actual) + ", not the pinned one");
            }
        }

        @Override
        public X509Certificate[] getAcceptedIssuers() {
            return new X509Certificate[0];
        }
    }
}
