package org.porchlight.relay.webrtc.dtls;

import java.io.IOException;
import java.util.Hashtable;
import java.util.Vector;
import org.bouncycastle.tls.CertificateRequest;
import org.bouncycastle.tls.DefaultTlsClient;
import org.bouncycastle.tls.NamedGroup;
import org.bouncycastle.tls.ProtocolVersion;
import org.bouncycastle.tls.TlsAuthentication;
import org.bouncycastle.tls.TlsCredentials;
import org.bouncycastle.tls.TlsExtensionsUtils;
import org.bouncycastle.tls.TlsSRTPUtils;
import org.bouncycastle.tls.TlsServerCertificate;
import org.bouncycastle.tls.TlsUtils;
import org.bouncycastle.tls.UseSRTPData;
import org.bouncycastle.tls.crypto.impl.bc.BcTlsCrypto;

/** The active side (RFC 5764): offers all profiles, shows its certificate. Owner: the thread that runs the connection. */
final class SrtpTlsClient extends DefaultTlsClient {
    private final BcTlsCrypto crypto;
    private final SrtpAgreement agreement;
    private final DtlsSettings settings;

    SrtpTlsClient(BcTlsCrypto crypto, SrtpAgreement agreement, DtlsSettings settings) {
        super(crypto);
        this.crypto = crypto;
        this.agreement = agreement;
        this.settings = settings;
    }

    @Override
    protected ProtocolVersion[] getSupportedVersions() {
        return ProtocolVersion.DTLSv12.only();
    }

    @Override
    protected int[] getSupportedCipherSuites() {
        return TlsChoices.cipherSuites();
    }

    @Override
    @SuppressWarnings({"rawtypes", "JdkObsolete"}) // the library's signature
    protected Vector getSupportedGroups(Vector roles) {
        Vector<Integer> groups = new Vector<>();
        groups.add(NamedGroup.x25519);
        groups.add(NamedGroup.secp256r1);
        return groups;
    }

    @Override
    public int getHandshakeTimeoutMillis() {
        return (int) settings.timeout().toMillis();
    }

    @Override
    public int getHandshakeResendTimeMillis() {
        return (int) settings.resend().toMillis();
    }

    @Override
    public int getMaxHandshakeMessageSize() {
        return TlsChoices.MAX_HANDSHAKE_MESSAGE_BYTES;
    }

    @Override
    public boolean requiresExtendedMasterSecret() {
        return true;
    }

    @Override
    @SuppressWarnings("rawtypes") // the library's signature
    public Hashtable getClientExtensions() throws IOException {
        Hashtable extensions = TlsExtensionsUtils.ensureExtensionsInitialised(super.getClientExtensions());
        TlsSRTPUtils.addUseSRTPExtension(extensions, new UseSRTPData(SrtpProtection.offer(), TlsUtils.EMPTY_BYTES));
        return extensions;
    }

    @Override
    @SuppressWarnings("rawtypes") // the library's signature
    public void processServerExtensions(Hashtable extensions) throws IOException {
        super.processServerExtensions(extensions);
        UseSRTPData answer = TlsSRTPUtils.getUseSRTPExtension(extensions);
        agreement.choose(answer == null ? new int[0] : answer.getProtectionProfiles());
    }

    @Override
    public TlsAuthentication getAuthentication() {
        return new TlsAuthentication() {
            @Override
            public void notifyServerCertificate(TlsServerCertificate certificate) throws IOException {
                agreement.verify(certificate.getCertificate());
            }

            @Override
            public TlsCredentials getClientCredentials(CertificateRequest request) {
                return TlsChoices.signer(crypto, context, agreement.identity());
            }
        };
    }

    @Override
    public void notifyHandshakeComplete() throws IOException {
        super.notifyHandshakeComplete();
        agreement.exportKeys(context);
    }

    @Override
    public void notifyAlertReceived(short level, short description) {
        agreement.onAlertReceived(level, description);
    }
}
