package org.porchlight.e2e;

import static java.nio.charset.StandardCharsets.US_ASCII;

import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.GeneralSecurityException;
import java.security.KeyStore;
import java.time.Duration;
import java.util.Base64;
import java.util.List;

/**
 * A certificate for 127.0.0.1 that nobody has signed but itself, as cameras have them.
 *
 * @param chain PEM file with the certificate
 * @param key PEM file with its private key
 * @param both PEM file with both
 */
record Certificate(Path chain, Path key, Path both) {

    private static final char[] PASSWORD = "only for this test".toCharArray();

    /** Makes one in {@code folder} with the JDK's keytool. */
    static Certificate make(Path folder) {
        Path store = folder.resolve("identity.p12");
        try (ExternalProgram keytool = ExternalProgram.start(
                "keytool",
                List.of(
                        Path.of(System.getProperty("java.home"), "bin", "keytool")
                                .toString(),
                        "-genkeypair",
                        "-alias",
                        "porchlight",
                        "-keyalg",
                        "RSA",
                        "-keysize",
                        "2048",
                        "-dname",
                        "CN=localhost",
                        "-ext",
                        "san=ip:127.0.0.1,dns:localhost",
                        "-validity",
                        "2",
                        "-storetype",
                        "PKCS12",
                        "-keystore",
                        store.toString(),
                        "-storepass",
                        new String(PASSWORD)))) {
            if (keytool.awaitExit(Duration.ofSeconds(30)) != 0) {
                throw keytool.failure("failed");
            }
        }
        try (InputStream in = Files.newInputStream(store)) {
            KeyStore keys = KeyStore.getInstance("PKCS12");
            keys.load(in, PASSWORD);
            String chain = pem("CERTIFICATE", keys.getCertificate("porchlight").getEncoded());
            String key = pem("PRIVATE KEY", keys.getKey("porchlight", PASSWORD).getEncoded());
            return new Certificate(
                    Files.writeString(folder.resolve("certificate.pem"), chain),
                    Files.writeString(folder.resolve("key.pem"), key),
                    Files.writeString(folder.resolve("both.pem"), chain + key));
        } catch (IOException | GeneralSecurityException e) {
            throw new IllegalStateException("cannot read " + store, e);
        }
    }

    private static String pem(String label, byte[] der) {
        return "-----BEGIN " + label + "-----\n"
                + Base64.getMimeEncoder(64, "\n".getBytes(US_ASCII)).encodeToString(der)
                + "\n-----END " + label + "-----\n";
    }
}
