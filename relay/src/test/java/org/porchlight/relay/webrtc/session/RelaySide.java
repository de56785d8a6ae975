package org.porchlight.relay.webrtc.session;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import java.net.InetSocketAddress;
import java.util.ArrayList;
import java.util.EnumMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import org.jspecify.annotations.Nullable;
import org.porchlight.relay.rtp.RtpHeader;
import org.porchlight.relay.webrtc.dtls.DtlsKeys;
import org.porchlight.relay.webrtc.dtls.DtlsListener;
import org.porchlight.relay.webrtc.dtls.DtlsRole;
import org.porchlight.relay.webrtc.dtls.SrtpProtection;
import org.porchlight.relay.webrtc.ice.DatagramKind;
import org.porchlight.relay.webrtc.ice.IcePath;
import org.porchlight.relay.webrtc.ice.IceTransport;
import org.porchlight.relay.webrtc.ice.StunMessage;
import org.porchlight.relay.webrtc.ice.StunWriter;
import org.porchlight.relay.webrtc.srtp.CipherProvider;
import org.porchlight.relay.webrtc.srtp.SrtpSender;

/** A session at an address of the virtual network, with a handshake that is only its round trips. */
final class RelaySide
        implements VirtualNetwork.Host, VirtualNetwork.Clocked, SessionOutlet, SessionListener, SessionOutlet.DtlsLink {
    static final int SSRC = 0x1001;

    final Map<Reception, Integer> receptions = new EnumMap<>(Reception.class);
    final List<IcePath> paths = new ArrayList<>();
    final List<String> retired = new ArrayList<>();
    final Set<Integer> received = new HashSet<>();
    final WebRtcSession session;

    @Nullable
    SessionEnd end;

    long endNanos;
    boolean linkClosed;
    int rtcpReceived;

    private final VirtualNetwork network;
    private final InetSocketAddress address;
    private final byte[] material;
    private final StunMessage message = new StunMessage();
    private final StunWriter writer = new StunWriter();
    private @Nullable DtlsListener handshake;
    private boolean connected;
    private int nextSequenceNumber = 100;

    RelaySide(VirtualNetwork network, InetSocketAddress address, SessionPlan plan, byte[] material) {
        this.network = network;
        this.address = address;
        this.material = material;
        session = new WebRtcSession(plan, CipherProvider.jdk(), network.nowNanos(), this, this);
        network.attach(address, this);
    }

    @Override
    public void receive(byte[] datagram, InetSocketAddress source, long nowNanos) {
        ByteBuf packet = Unpooled.wrappedBuffer(datagram);
        receptions.merge(reception(packet, source, nowNanos), 1, Integer::sum);
    }

    private Reception reception(ByteBuf packet, InetSocketAddress source, long nowNanos) {
        int length = packet.readableBytes();
        if (DatagramKind.of(packet, 0, length) != DatagramKind.STUN) {
            return session.receive(packet, 0, length, IceTransport.UDP, source, nowNanos);
        }
        return message.parse(packet, 0, length) == StunMessage.Parsing.OK
                ? session.receiveCheck(message, IceTransport.UDP, source, nowNanos, writer)
                : Reception.MALFORMED;
    }

    int count(Reception reception) {
        return receptions.getOrDefault(reception, 0);
    }

    @Override
    public void tick(long nowNanos) {
        if (session.nextDeadlineNanos() - nowNanos <= 0) {
            session.onDeadline(nowNanos);
        }
    }

    /** One packet whose payload tells its sequence number. */
    void sendMedia() {
        IcePath path = session.sendPath();
        SrtpSender sender = session.sender();
        if (sender == null || path == null) {
            return;
        }
        int sequenceNumber = nextSequenceNumber++ & 0xffff;
        ByteBuf payload = Unpooled.buffer().writeInt(sequenceNumber).writeZero(100);
        ByteBuf out = Unpooled.buffer(256, 256);
        TestPeer.writeHeader(out, SSRC, sequenceNumber);
        int length = sender.protectRtp(out, 0, RtpHeader.FIXED_LENGTH, 0, payload, 0, 104);
        network.send(address, path.remote(), out.writerIndex(length));
    }

    void sendReport() {
        ByteBuf report = Unpooled.buffer(64, 64);
        report.writeByte(0x80).writeByte(201).writeShort(1).writeInt(SSRC);
        session.offerRtcp(report);
    }

    @Override
    public void offerPacket(ByteBuf packet, IcePath path) {
        network.send(address, path.remote(), packet);
    }

    @Override
    public DtlsLink openDtls(DtlsListener listener) {
        handshake = listener;
        return this;
    }

    @Override
    public void receive(ByteBuf datagram) {
        DtlsListener told = Objects.requireNonNull(handshake);
        int step = datagram.readableBytes() < 2 ? 0 : datagram.getByte(datagram.readerIndex() + 1);
        if (step == 1 || step == 3) {
            told.offerDatagram(Unpooled.buffer().writeByte(22).writeByte(step + 1));
        }
        if (step == 3 && !connected) {
            connected = true;
            told.onConnected(new DtlsKeys(SrtpProtection.AEAD_AES_128_GCM, DtlsRole.SERVER, material));
        }
    }

    @Override
    public void close() {
        linkClosed = true;
    }

    @Override
    public void onRetired(String localUfrag) {
        retired.add(localUfrag);
    }

    @Override
    public void onConnected(WebRtcSession connectedSession, long nowNanos) {
        Objects.requireNonNull(connectedSession.sender());
    }

    @Override
    public void onPath(IcePath path) {
        paths.add(path);
    }

    @Override
    public void onRtp(ByteBuf packet, int index, int length, long nowNanos) {
        int sequenceNumber = RtpHeader.sequenceNumber(packet, index);
        if (packet.getInt(index + RtpHeader.FIXED_LENGTH) != sequenceNumber || !received.add(sequenceNumber)) {
            throw new AssertionError("packet " + sequenceNumber + " is not as it was sent, or came twice");
        }
    }

    @Override
    public void onRtcp(ByteBuf packet, int index, int length, long nowNanos) {
        rtcpReceived++;
    }

    @Override
    public void onEnded(SessionEnd reason) {
        end = reason;
        endNanos = network.nowNanos();
    }
}
