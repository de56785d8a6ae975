package org.porchlight.relay.webrtc.netty;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufUtil;
import io.netty.buffer.Unpooled;
import java.io.DataInputStream;
import java.io.DataOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.DatagramPacket;
import java.net.DatagramSocket;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;
import org.porchlight.relay.rtp.RtcpReader;
import org.porchlight.relay.rtp.RtcpVisitor;
import org.porchlight.relay.rtp.RtpHeader;
import org.porchlight.relay.webrtc.dtls.DtlsConnection;
import org.porchlight.relay.webrtc.dtls.DtlsEndpoint;
import org.porchlight.relay.webrtc.dtls.DtlsFailure;
import org.porchlight.relay.webrtc.dtls.DtlsKeys;
import org.porchlight.relay.webrtc.dtls.DtlsListener;
import org.porchlight.relay.webrtc.dtls.DtlsRole;
import org.porchlight.relay.webrtc.dtls.DtlsSetup;
import org.porchlight.relay.webrtc.dtls.Fingerprint;
import org.porchlight.relay.webrtc.ice.DatagramKind;
import org.porchlight.relay.webrtc.ice.IceCredentials;
import org.porchlight.relay.webrtc.ice.IntegrityKey;
import org.porchlight.relay.webrtc.ice.StunMessage;
import org.porchlight.relay.webrtc.ice.StunWriter;
import org.porchlight.relay.webrtc.srtp.CipherProvider;
import org.porchlight.relay.webrtc.srtp.SrtpKeys;
import org.porchlight.relay.webrtc.srtp.SrtpProfile;
import org.porchlight.relay.webrtc.srtp.SrtpReceiver;
import org.porchlight.relay.webrtc.srtp.SrtpSender;

/** A browser's side on a real socket, UDP or TCP, with a real handshake. All of it runs on one thread, but for reading. */
final class SocketPeer implements DtlsListener, AutoCloseable {
    static final int SSRC = 0x3003;

    final CompletableFuture<DtlsKeys> keys = new CompletableFuture<>();
    final CompletableFuture<DtlsFailure> closed = new CompletableFuture<>();
    /** Completed when the socket has ended (TCP). */
    final CompletableFuture<Void> disconnected = new CompletableFuture<>();

    final Set<Integer> echoed = ConcurrentHashMap.newKeySet();
    private final CountDownLatch wanted;
    /** Told of RTCP on the peer's thread; set before the start. */
    RtcpVisitor feedback = new RtcpVisitor() {};

    private final IceCredentials own;
    private final IceCredentials remote;
    private final IntegrityKey remoteKey;
    private final Wire wire;
    private final DtlsEndpoint endpoint;
    private final DtlsSetup setup;
    private final Random dice = new Random();
    private final ScheduledExecutorService loop = Executors.newSingleThreadScheduledExecutor();
    private final ExecutorService reader = Executors.newSingleThreadExecutor();
    private final StunMessage message = new StunMessage();
    private final StunWriter writer = new StunWriter();
    private @Nullable DtlsConnection dtls;
    private @Nullable SrtpSender sender;
    private @Nullable SrtpReceiver receiver;

    /** What carries packets. */
    interface Wire extends AutoCloseable {
        void send(byte[] packet) throws IOException;

        byte[] receive() throws IOException;

        @Override
        void close() throws IOException;

        static Wire udp(InetSocketAddress relay) throws IOException {
            DatagramSocket socket = new DatagramSocket(0, InetAddress.getLoopbackAddress());
            return new Wire() {
                @Override
                public void send(byte[] packet) throws IOException {
                    socket.send(new DatagramPacket(packet, packet.length, relay));
                }

                @Override
                public byte[] receive() throws IOException {
                    byte[] bytes = new byte[2048];
                    DatagramPacket packet = new DatagramPacket(bytes, bytes.length);
                    socket.receive(packet);
                    return Arrays.copyOf(bytes, packet.getLength());
                }

                @Override
                public void close() {
                    socket.close();
                }
            };
        }

        static Wire tcp(InetSocketAddress relay) throws IOException {
            Socket socket = new Socket(relay.getAddress(), relay.getPort());
            DataInputStream in = new DataInputStream(socket.getInputStream());
            DataOutputStream out = new DataOutputStream(socket.getOutputStream());
            return new Wire() {
                @Override
                public void send(byte[] packet) throws IOException {
                    // In pieces, as a network may bring them.
                    out.writeByte(packet.length >> 8);
                    out.flush();
                    out.writeByte(packet.length);
                    out.write(packet, 0, packet.length / 2);
                    out.flush();
                    out.write(packet, packet.length / 2, packet.length - packet.length / 2);
                }

                @Override
                public byte[] receive() throws IOException {
                    byte[] packet = new byte[in.readUnsignedShort()];
                    in.readFully(packet);
                    return packet;
                }

                @Override
                public void close() throws IOException {
                    socket.close();
                }
            };
        }
    }

    SocketPeer(
            Wire wire,
            DtlsEndpoint endpoint,
            Fingerprint relay,
            IceCredentials own,
            IceCredentials remote,
            int wantedEchoes) {
        this.wire = wire;
        this.endpoint = endpoint;
        this.own = own;
        this.remote = remote;
        this.remoteKey = IntegrityKey.of(remote.password());
        this.setup = new DtlsSetup(DtlsRole.CLIENT, endpoint.identity(), List.of(relay));
        this.wanted = new CountDownLatch(wantedEchoes);
        reader.execute(this::read);
    }

    void start() {
        loop.scheduleAtFixedRate(this::check, 0, 50, TimeUnit.MILLISECONDS);
    }

    private void read() {
        try {
            while (true) {
                byte[] packet = wire.receive();
                loop.execute(() -> receive(packet));
            }
        } catch (IOException | java.util.concurrent.RejectedExecutionException e) {
            disconnected.complete(null);
        }
    }

    private void send(byte[] packet) {
        try {
            wire.send(packet);
        } catch (IOException e) {
            disconnected.complete(null);
        }
    }

    private void check() {
        writer.request(
                new StunWriter.TransactionId(dice.nextInt(), dice.nextLong()),
                remote.ufrag() + ":" + own.ufrag(),
                new StunWriter.Check(true, 7, 1000, true),
                remoteKey);
        ByteBuf out = Unpooled.buffer(writer.length(), writer.length());
        writer.writeTo(out);
        send(out.array());
    }

    private void receive(byte[] packet) {
        ByteBuf in = Unpooled.wrappedBuffer(packet);
        switch (DatagramKind.of(in, 0, packet.length)) {
            case STUN -> {
                boolean success = message.parse(in, 0, packet.length) == StunMessage.Parsing.OK
                        && message.messageClass() == StunMessage.MessageClass.SUCCESS;
                if (success && dtls == null) {
                    dtls = endpoint.open(setup, loop, this);
                }
            }
            case DTLS -> {
                DtlsConnection connection = dtls;
                if (connection != null) {
                    connection.receive(in);
                }
            }
            case RTP -> onRtp(in);
            case RTCP -> onRtcp(in);
            case OTHER -> {}
        }
    }

    private void onRtp(ByteBuf packet) {
        SrtpReceiver open = receiver;
        if (open != null && open.unprotectRtp(packet, 0, packet.readableBytes()) > 0) {
            if (echoed.add(RtpHeader.sequenceNumber(packet, 0))) {
                wanted.countDown();
            }
        }
    }

    private void onRtcp(ByteBuf packet) {
        SrtpReceiver open = receiver;
        int length = open == null ? -1 : open.unprotectRtcp(packet, 0, packet.readableBytes());
        if (length > 0) {
            RtcpReader.read(packet, 0, length, feedback);
        }
    }

    /** Sends one RTP packet with a plain header, protected. */
    void sendRtp(byte[] packet) {
        loop.execute(() -> {
            SrtpSender protector = sender;
            if (protector != null) {
                int header = RtpHeader.FIXED_LENGTH;
                ByteBuf out = Unpooled.buffer(2000, 2000).writeBytes(packet, 0, header);
                ByteBuf payload = Unpooled.wrappedBuffer(packet);
                int length = protector.protectRtp(out, 0, header, 0, payload, header, packet.length - header);
                send(ByteBufUtil.getBytes(out, 0, length));
            }
        });
    }

    /** Sends some packets that the other side is to send back. */
    void sendMedia(int from, int packets) {
        loop.execute(() -> {
            SrtpSender protector = sender;
            for (int i = from; i < from + packets && protector != null; i++) {
                ByteBuf out = Unpooled.buffer(1200, 1200);
                RtpHeader.write(out.writerIndex(12), 0, false, 96, i, 0, SSRC);
                ByteBuf payload = Unpooled.buffer().writeZero(900);
                int length = protector.protectRtp(out, 0, RtpHeader.FIXED_LENGTH, 0, payload, 0, 900);
                send(ByteBufUtil.getBytes(out, 0, length));
            }
        });
    }

    /** Sends a compound RTCP packet, protected. */
    void sendRtcp(byte[] compound) {
        loop.execute(() -> {
            SrtpSender protector = sender;
            if (protector != null) {
                ByteBuf out = Unpooled.buffer(256, 256).writeBytes(compound);
                int length = protector.protectRtcp(out, 0, compound.length);
                send(ByteBufUtil.getBytes(out, 0, length));
            }
        });
    }

    boolean awaitEchoes() {
        try {
            return wanted.await(20, TimeUnit.SECONDS);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            return false;
        }
    }

    /** Says good-bye by DTLS. */
    void leave() {
        loop.execute(() -> {
            DtlsConnection connection = dtls;
            if (connection != null) {
                connection.close();
            }
        });
    }

    @Override
    public void offerDatagram(ByteBuf datagram) {
        byte[] bytes = ByteBufUtil.getBytes(datagram);
        datagram.release();
        send(bytes);
    }

    @Override
    public void onConnected(DtlsKeys agreed) {
        SrtpProfile profile = SrtpProfile.ofUseSrtpId(agreed.protection().id());
        if (profile == null) {
            throw new AssertionError("no such profile");
        }
        SrtpKeys both = SrtpKeys.ofKeyingMaterial(profile, agreed.keyingMaterial());
        sender = new SrtpSender(both.clientWrite(), CipherProvider.jdk());
        receiver = new SrtpReceiver(both.serverWrite(), CipherProvider.jdk());
        keys.complete(agreed);
    }

    @Override
    public void onClosed(DtlsFailure reason) {
        closed.complete(reason);
        keys.completeExceptionally(new IllegalStateException("closed: " + reason));
    }

    @Override
    public void close() {
        loop.shutdownNow();
        try {
            wire.close();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        reader.shutdownNow();
    }
}
