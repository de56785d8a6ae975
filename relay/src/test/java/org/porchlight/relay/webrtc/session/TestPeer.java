package org.porchlight.relay.webrtc.session;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import java.net.InetSocketAddress;
import java.util.HashSet;
import java.util.Set;
import org.jspecify.annotations.Nullable;
import org.porchlight.relay.rtp.RtpHeader;
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

/** A browser's side in as few words as it takes: checks until one is answered, a handshake of four steps, media. */
final class TestPeer implements VirtualNetwork.Host, VirtualNetwork.Clocked {
    static final int SSRC = 0x2002;

    private static final long PACE_NANOS = 50_000_000;
    private static final long CONSENT_NANOS = 2_500_000_000L;

    final Set<Integer> received = new HashSet<>();
    int rtcpReceived;
    int forged;
    boolean connected;
    boolean silent;
    /** Whether its checks say USE-CANDIDATE. */
    boolean nominates = true;

    private final VirtualNetwork network;
    private final InetSocketAddress relay;
    private final IceCredentials own;
    private final StunMessage message = new StunMessage();
    private final StunWriter writer = new StunWriter();
    private final SrtpSender sender;
    private final SrtpReceiver receiver;
    private InetSocketAddress address;
    private IceCredentials remote;
    private IntegrityKey remoteKey;
    private long lastCheckNanos;
    private long lastStepNanos;
    private boolean checked;
    private int step = 1;
    private int nextSequenceNumber = 60_000;
    private byte @Nullable [] lastCheck;

    TestPeer(
            VirtualNetwork network,
            InetSocketAddress address,
            InetSocketAddress relay,
            IceCredentials own,
            IceCredentials remote,
            byte[] material) {
        this.network = network;
        this.address = address;
        this.relay = relay;
        this.own = own;
        this.remote = remote;
        this.remoteKey = IntegrityKey.of(remote.password());
        SrtpKeys keys = SrtpKeys.ofKeyingMaterial(SrtpProfile.AEAD_AES_128_GCM, material);
        sender = new SrtpSender(keys.clientWrite(), CipherProvider.jdk());
        receiver = new SrtpReceiver(keys.serverWrite(), CipherProvider.jdk());
        network.attach(address, this);
    }

    static void writeHeader(ByteBuf out, int ssrc, int sequenceNumber) {
        out.writeByte(0x80).writeByte(96).writeShort(sequenceNumber).writeInt(0).writeInt(ssrc);
    }

    /** Goes on from another address, as a phone does. */
    void moveTo(InetSocketAddress other) {
        network.detach(address);
        address = other;
        checked = false;
        network.attach(other, this);
    }

    void restart(IceCredentials newRemote) {
        remote = newRemote;
        remoteKey = IntegrityKey.of(newRemote.password());
        checked = false;
    }

    InetSocketAddress address() {
        return address;
    }

    /** The bytes of the last check, as anybody on the way could have seen them. */
    byte @Nullable [] lastCheck() {
        return lastCheck;
    }

    @Override
    public void tick(long nowNanos) {
        if (silent) {
            return;
        }
        if (nowNanos - lastCheckNanos >= (checked ? CONSENT_NANOS : PACE_NANOS)) {
            lastCheckNanos = nowNanos;
            check();
        }
        if (checked && !connected && nowNanos - lastStepNanos >= PACE_NANOS) {
            lastStepNanos = nowNanos;
            network.send(address, relay, new byte[] {22, (byte) step});
        }
    }

    private void check() {
        StunWriter.TransactionId transaction = new StunWriter.TransactionId(
                network.dice().nextInt(), network.dice().nextLong());
        writer.request(
                transaction,
                remote.ufrag() + ":" + own.ufrag(),
                new StunWriter.Check(true, 7, 1000, nominates),
                remoteKey);
        byte[] bytes = new byte[writer.length()];
        ByteBuf out = Unpooled.wrappedBuffer(bytes).writerIndex(0);
        writer.writeTo(out);
        lastCheck = bytes;
        network.send(address, relay, bytes);
    }

    void sendMedia() {
        int sequenceNumber = nextSequenceNumber++ & 0xffff;
        ByteBuf payload = Unpooled.buffer().writeInt(sequenceNumber).writeZero(60);
        ByteBuf out = Unpooled.buffer(256, 256);
        writeHeader(out, SSRC, sequenceNumber);
        int length = sender.protectRtp(out, 0, RtpHeader.FIXED_LENGTH, 0, payload, 0, 64);
        network.send(address, relay, out.writerIndex(length));
    }

    void sendReport() {
        ByteBuf report = Unpooled.buffer(64, 64);
        report.writeByte(0x80).writeByte(201).writeShort(1).writeInt(SSRC);
        network.send(address, relay, report.writerIndex(sender.protectRtcp(report, 0, 8)));
    }

    @Override
    public void receive(byte[] datagram, InetSocketAddress source, long nowNanos) {
        ByteBuf packet = Unpooled.wrappedBuffer(datagram);
        switch (DatagramKind.of(packet, 0, datagram.length)) {
            case STUN -> onStun(packet);
            case DTLS -> onStep(datagram[1]);
            case RTP -> onRtp(packet);
            case RTCP -> {
                if (receiver.unprotectRtcp(packet, 0, datagram.length) > 0) {
                    rtcpReceived++;
                } else {
                    forged++;
                }
            }
            case OTHER -> forged++;
        }
    }

    private void onStun(ByteBuf packet) {
        boolean fits = message.parse(packet, 0, packet.readableBytes()) == StunMessage.Parsing.OK
                && message.messageClass() == StunMessage.MessageClass.SUCCESS
                && message.isSignedWith(remoteKey);
        if (fits && address.equals(message.mappedAddress())) {
            checked = true;
        }
    }

    private void onStep(int answer) {
        if (answer == step + 1) {
            step += 2;
            connected = answer == 4;
            lastStepNanos = 0;
        }
    }

    private void onRtp(ByteBuf packet) {
        int length = receiver.unprotectRtp(packet, 0, packet.readableBytes());
        if (length < 0) {
            forged++;
            return;
        }
        int sequenceNumber = RtpHeader.sequenceNumber(packet, 0);
        if (packet.getInt(RtpHeader.FIXED_LENGTH) != sequenceNumber || !received.add(sequenceNumber)) {
            throw new AssertionError("packet " + sequenceNumber + " is not as it was sent, or came twice");
        }
    }
}
