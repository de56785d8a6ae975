package org.porchlight.relay.webrtc.dtls;

import java.io.IOException;
import org.bouncycastle.tls.AlertDescription;
import org.bouncycastle.tls.AlertLevel;
import org.bouncycastle.tls.Certificate;
import org.bouncycastle.tls.ExporterLabel;
import org.bouncycastle.tls.TlsContext;
import org.bouncycastle.tls.TlsFatalAlert;
import org.jspecify.annotations.Nullable;

/**
 * What both roles have in common: the peer's certificate is checked, a profile is chosen, keys are exported, and the first thing that goes
 * wrong is remembered. Owner: the thread that runs the connection.
 */
final class SrtpAgreement {
    private final DtlsSetup setup;
    private @Nullable SrtpProtection protection;
    private @Nullable DtlsFailure failure;
    private @Nullable DtlsKeys keys;

    SrtpAgreement(DtlsSetup setup) {
        this.setup = setup;
    }

    DtlsIdentity identity() {
        return setup.identity();
    }

    /** The end-entity certificate must have one of the fingerprints; that the peer has its key, the handshake itself proves. */
    void verify(Certificate chain) throws IOException {
        if (chain.isEmpty()) {
            throw fail(DtlsFailure.NO_CERTIFICATE, AlertDescription.bad_certificate);
        }
        byte[] der = chain.getCertificateAt(0).getEncoded();
        if (setup.peerFingerprints().stream().noneMatch(expected -> expected.matches(der))) {
            throw fail(DtlsFailure.FINGERPRINT_MISMATCH, AlertDescription.bad_certificate);
        }
    }

    /** Chooses the profile from these, the peer's offer or its answer. */
    SrtpProtection choose(int[] offered) throws TlsFatalAlert {
        SrtpProtection chosen = SrtpProtection.choose(offered);
        if (chosen == null) {
            throw fail(DtlsFailure.NO_SRTP_PROFILE, AlertDescription.handshake_failure);
        }
        protection = chosen;
        return chosen;
    }

    /** Called while the handshake completes: later the exporter's secret is gone. */
    void exportKeys(TlsContext context) throws TlsFatalAlert {
        if (protection == null) {
            throw fail(DtlsFailure.NO_SRTP_PROFILE, AlertDescription.handshake_failure);
        }
        byte[] material =
                context.exportKeyingMaterial(ExporterLabel.dtls_srtp, null, protection.keyingMaterialLength());
        keys = new DtlsKeys(protection, setup.role(), material);
    }

    void onAlertReceived(short level, short description) {
        if (description == AlertDescription.close_notify) {
            remember(DtlsFailure.PEER_CLOSED);
        } else if (level == AlertLevel.fatal) {
            remember(DtlsFailure.PEER_ALERT);
        }
    }

    TlsFatalAlert fail(DtlsFailure reason, short alert) {
        remember(reason);
        return new TlsFatalAlert(alert);
    }

    void remember(DtlsFailure reason) {
        if (failure == null) {
            failure = reason;
        }
    }

    /** The first thing that went wrong, or null. */
    @Nullable
    DtlsFailure failure() {
        return failure;
    }

    /** Null until the handshake is complete. */
    @Nullable
    DtlsKeys keys() {
        return keys;
    }
}
