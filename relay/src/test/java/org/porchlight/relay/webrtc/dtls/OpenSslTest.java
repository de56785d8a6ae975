package org.porchlight.relay.webrtc.dtls;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufUtil;
import io.netty.buffer.Unpooled;
import java.io.BufferedReader;
import java.io.File;
import java.io.IOException;
import java.io.InputStreamReader;
import java.net.DatagramPacket;
import java.net.DatagramSocket;
import java.net.InetAddress;
import java.net.SocketAddress;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.SecureRandom;
import java.security.cert.CertificateFactory;
import java.time.InstantSource;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.List;
import java.util.Objects;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Against OpenSSL's own DTLS on the loopback interface, where the machine has it: both must export the same keys. */
class OpenSslTest implements DtlsListener {
    private static final Path OPENSSL = Path.of("/usr/bin/openssl");

    private final ExecutorService loop = Executors.newSingleThreadExecutor();
    private final ExecutorService reader = Executors.newSingleThreadExecutor();
    private final CompletableFuture<DtlsKeys> keys = new CompletableFuture<>();
    private final CompletableFuture<DtlsFailure> closed = new CompletableFuture<>();
    private final DtlsEndpoint endpoint =
            new DtlsEndpoint(DtlsSettings.forProcessors(2), new SecureRandom(), InstantSource.system());

    private @Nullable DatagramSocket socket;
    private volatile @Nullable SocketAddress peer;
    private @Nullable DtlsConnection connection;
    private @Nullable Process process;

    private final Path home;

    OpenSslTest(@TempDir Path home) {
        this.home = home;
    }

    @BeforeEach
    void open() throws Exception {
        assumeTrue(Files.isExecutable(OPENSSL), "no openssl here");
        socket = new DatagramSocket(0, InetAddress.getLoopbackAddress());
    }

    @AfterEach
    void close() throws Exception {
        if (process != null) {
            process.destroyForcibly().waitFor();
        }
        if (socket != null) {
            socket.close();
        }
        endpoint.close();
        loop.shutdownNow();
        reader.shutdownNow();
        assertThat(reader.awaitTermination(5, TimeUnit.SECONDS)).isTrue();
    }

    @ParameterizedTest
    @CsvSource({
        "SRTP_AEAD_AES_128_GCM, AEAD_AES_128_GCM, ec",
        "SRTP_AEAD_AES_256_GCM:SRTP_AEAD_AES_128_GCM, AEAD_AES_128_GCM, ec",
        "SRTP_AEAD_AES_256_GCM, AEAD_AES_256_GCM, ec",
        "SRTP_AES128_CM_SHA1_80, AES128_CM_HMAC_SHA1_80, rsa",
    })
    void exportsTheKeysThatOpenSslExports(String offer, SrtpProtection expected, String keyType) throws Exception {
        Fingerprint fingerprint = makeCertificate(keyType);
        DtlsSetup setup = new DtlsSetup(DtlsRole.SERVER, endpoint.identity(), List.of(fingerprint));
        reader.execute(() -> read(setup));
        String text = runClient(offer, expected.keyingMaterialLength());
        DtlsKeys agreed = keys.get(10, TimeUnit.SECONDS);
        assertThat(agreed.protection()).isEqualTo(expected);
        assertThat(text)
                .contains("Keying material: " + HexFormat.of().withUpperCase().formatHex(agreed.keyingMaterial()))
                .contains("Extended master secret: yes");
        assertThat(closed.get(10, TimeUnit.SECONDS)).isEqualTo(DtlsFailure.PEER_CLOSED);
    }

    @Test
    void aPeerWithoutACertificateIsRefused() throws Exception {
        DtlsSetup setup = new DtlsSetup(
                DtlsRole.SERVER,
                endpoint.identity(),
                List.of(endpoint.identity().fingerprint()));
        reader.execute(() -> read(setup));
        start(
                "s_client",
                "-dtls1_2",
                "-connect",
                "127.0.0.1:" + socket().getLocalPort(),
                "-use_srtp",
                "SRTP_AEAD_AES_128_GCM");
        assertThat(closed.get(10, TimeUnit.SECONDS)).isEqualTo(DtlsFailure.NO_CERTIFICATE);
    }

    @Test
    void aPeerWithoutSrtpIsRefused() throws Exception {
        DtlsSetup setup = new DtlsSetup(
                DtlsRole.SERVER,
                endpoint.identity(),
                List.of(endpoint.identity().fingerprint()));
        reader.execute(() -> read(setup));
        start("s_client", "-dtls1_2", "-connect", "127.0.0.1:" + socket().getLocalPort());
        assertThat(closed.get(10, TimeUnit.SECONDS)).isEqualTo(DtlsFailure.NO_SRTP_PROFILE);
    }

    private Fingerprint makeCertificate(String keyType) throws Exception {
        String[] key = keyType.equals("rsa")
                ? new String[] {"rsa:2048"}
                : new String[] {"ec", "-pkeyopt", "ec_paramgen_curve:prime256v1"};
        start(concat(
                new String[] {"req", "-x509", "-nodes", "-days", "3", "-subj", "/CN=client", "-newkey"},
                concat(key, "-keyout", file("key"), "-out", file("certificate"))));
        output();
        try (var in = Files.newInputStream(home.resolve("certificate"))) {
            byte[] der = CertificateFactory.getInstance("X.509")
                    .generateCertificate(in)
                    .getEncoded();
            return Fingerprint.of(Fingerprint.Hash.SHA_256, der);
        }
    }

    /** Until the handshake is done and the connection closed again. */
    private String runClient(String offer, int exported) throws Exception {
        start(
                "s_client",
                "-dtls1_2",
                "-connect",
                "127.0.0.1:" + socket().getLocalPort(),
                "-use_srtp",
                offer,
                "-cert",
                file("certificate"),
                "-key",
                file("key"),
                "-keymatexport",
                "EXTRACTOR-dtls_srtp",
                "-keymatexportlen",
                String.valueOf(exported));
        keys.get(10, TimeUnit.SECONDS);
        process().getOutputStream().write("Q\n".getBytes(StandardCharsets.US_ASCII));
        process().getOutputStream().close();
        return output();
    }

    private DatagramSocket socket() {
        return Objects.requireNonNull(socket);
    }

    private Process process() {
        return Objects.requireNonNull(process);
    }

    private String file(String name) {
        return home.resolve(name).toString();
    }

    private static String[] concat(String[] head, String... tail) {
        String[] all = Arrays.copyOf(head, head.length + tail.length);
        System.arraycopy(tail, 0, all, head.length, tail.length);
        return all;
    }

    private void start(String... arguments) throws IOException {
        process = new ProcessBuilder(concat(new String[] {OPENSSL.toString()}, arguments))
                .redirectErrorStream(true)
                .directory(new File(home.toString()))
                .start();
    }

    private String output() throws IOException {
        try (BufferedReader in =
                new BufferedReader(new InputStreamReader(process().getInputStream(), StandardCharsets.UTF_8))) {
            return String.join("\n", in.lines().toList());
        }
    }

    private void read(DtlsSetup setup) {
        byte[] bytes = new byte[2048];
        while (!socket().isClosed()) {
            DatagramPacket packet = new DatagramPacket(bytes, bytes.length);
            try {
                socket().receive(packet);
            } catch (IOException e) {
                return;
            }
            peer = packet.getSocketAddress();
            byte[] datagram = Arrays.copyOf(bytes, packet.getLength());
            loop.execute(() -> arrive(setup, datagram));
        }
    }

    private void arrive(DtlsSetup setup, byte[] datagram) {
        if (connection == null) {
            connection = endpoint.open(setup, loop, this);
        }
        Objects.requireNonNull(connection).receive(Unpooled.wrappedBuffer(datagram));
    }

    @Override
    public void offerDatagram(ByteBuf datagram) {
        byte[] bytes = ByteBufUtil.getBytes(datagram);
        datagram.release();
        try {
            socket().send(new DatagramPacket(bytes, bytes.length, peer));
        } catch (IOException e) {
            closed.completeExceptionally(e);
        }
    }

    @Override
    public void onConnected(DtlsKeys agreed) {
        keys.complete(agreed);
    }

    @Override
    public void onClosed(DtlsFailure reason) {
        closed.complete(reason);
    }
}
