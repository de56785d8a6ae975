package org.porchlight.relay.server;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import org.junit.jupiter.api.Test;

final class TlsIdentityTest {

    @Test
    void aCertificateAndItsKeyMakeAnIdentity() throws Exception {
        SelfSigned pair = SelfSigned.create();
        TlsIdentity identity = new TlsIdentity(pair.certificate(), Secret.of(pair.key()));
        assertThat(identity.serverContext().isServer()).isTrue();
        assertThat(identity.toString()).doesNotContain("BEGIN");
        assertThat(identity).isEqualTo(new TlsIdentity(pair.certificate(), Secret.of(pair.key())));
    }

    @Test
    void refusesAKeyOfAnotherCertificateAndThingsThatAreNoPem() throws Exception {
        SelfSigned one = SelfSigned.create();
        SelfSigned other = SelfSigned.create();
        for (String key : new String[] {
            other.key(), "", one.certificate(), "-----BEGIN PRIVATE KEY-----\nAAAA\n-----END PRIVATE KEY-----\n"
        }) {
            InvalidSetting e = catchThrowableOfType(
                    InvalidSetting.class, () -> new TlsIdentity(one.certificate(), Secret.of(key)));
            assertThat(e).isNotNull();
            assertThat(e.component()).isEqualTo("key");
        }
        InvalidSetting e = catchThrowableOfType(
                InvalidSetting.class, () -> new TlsIdentity("no certificate", Secret.of(one.key())));
        assertThat(e).isNotNull();
        assertThat(e.component()).isEqualTo("certificate");
    }
}
