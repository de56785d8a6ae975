package org.porchlight.relay.webrtc.dtls;

import java.io.IOException;
import java.util.Hashtable;
import java.util.Vector;
import org.bouncycastle.tls.Certificate;
import org.bouncycastle.tls.CertificateRequest;
import org.bouncycastle.tls.ClientCertificateType;
import org.bouncycastle.tls.DefaultTlsServer;
import org.bouncycastle.tls.NamedGroup;
import org.bouncycastle.tls.ProtocolVersion;
import org.bouncycastle.tls.TlsCredentialedSigner;
import org.bouncycastle.tls.TlsExtensionsUtils;
import org.bouncycastle.tls.TlsSRTPUtils;
import org.bouncycastle.tls.TlsUtils;
import org.bouncycastle.tls.UseSRTPData;
import org.bouncycastle.tls.crypto.impl.bc.BcTlsCrypto;

/** The passive side (RFC 5764): asks for the client's certificate, chooses the profile. Owner: the thread that runs the connection. */
final class SrtpTlsServer extends DefaultTlsServer {
    private final BcTlsCrypto crypto;
    private final SrtpAgreement agreement;
    private final DtlsSettings settings;

    SrtpTlsServer(BcTlsCrypto crypto, SrtpAgreement agreement, DtlsSettings settings) {
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
    public int[] getSupportedGroups() {
        return new int[] {NamedGroup.x25519, NamedGroup.secp256r1, NamedGroup.secp384r1};
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
    protected TlsCredentialedSigner getECDSASignerCredentials() {
        return TlsChoices.signer(crypto, context, agreement.identity());
    }

    @Override
    @SuppressWarnings("JdkObsolete") // the library's signature
    public CertificateRequest getCertificateRequest() {
        short[] types = {ClientCertificateType.ecdsa_sign, ClientCertificateType.rsa_sign};
        return new CertificateRequest(types, TlsChoices.signatureAlgorithms(), new Vector<>());
    }

    @Override
    public void notifyClientCertificate(Certificate certificate) throws IOException {
        agreement.verify(certificate);
    }

    @Override
    @SuppressWarnings("rawtypes") // the library's signature
    public void processClientExtensions(Hashtable extensions) throws IOException {
        super.processClientExtensions(extensions);
        UseSRTPData offer = TlsSRTPUtils.getUseSRTPExtension(extensions);
        agreement.choose(offer == null ? new int[0] : offer.getProtectionProfiles());
    }

    @Override
    @SuppressWarnings("rawtypes") // the library's signature
    public Hashtable getServerExtensions() throws IOException {
        Hashtable extensions = TlsExtensionsUtils.ensureExtensionsInitialised(super.getServerExtensions());
        UseSRTPData offer = TlsSRTPUtils.getUseSRTPExtension(clientExtensions);
        int chosen = agreement.choose(offer.getProtectionProfiles()).id();
        TlsSRTPUtils.addUseSRTPExtension(extensions, new UseSRTPData(new int[] {chosen}, TlsUtils.EMPTY_BYTES));
        return extensions;
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
