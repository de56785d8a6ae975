package org.porchlight.relay.webrtc.session;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import java.net.InetSocketAddress;
import java.util.Arrays;
import org.jspecify.annotations.Nullable;
import org.porchlight.relay.webrtc.dtls.DtlsFailure;
import org.porchlight.relay.webrtc.dtls.DtlsKeys;
import org.porchlight.relay.webrtc.dtls.DtlsListener;
import org.porchlight.relay.webrtc.dtls.DtlsRole;
import org.porchlight.relay.webrtc.ice.CheckResult;
import org.porchlight.relay.webrtc.ice.DatagramKind;
import org.porchlight.relay.webrtc.ice.IceCredentials;
import org.porchlight.relay.webrtc.ice.IceLiteAgent;
import org.porchlight.relay.webrtc.ice.IcePath;
import org.porchlight.relay.webrtc.ice.IceTransport;
import org.porchlight.relay.webrtc.ice.StunMessage;
import org.porchlight.relay.webrtc.ice.StunWriter;
import org.porchlight.relay.webrtc.srtp.CipherProvider;
import org.porchlight.relay.webrtc.srtp.MasterKey;
import org.porchlight.relay.webrtc.srtp.SrtpFailure;
import org.porchlight.relay.webrtc.srtp.SrtpKeys;
import org.porchlight.relay.webrtc.srtp.SrtpProfile;
import org.porchlight.relay.webrtc.srtp.SrtpReceiver;
import org.porchlight.relay.webrtc.srtp.SrtpSender;

/**
 * A session from the answer to its end: checks, handshake, media.
 *
 * <pre>
 *   CHECKING -- valid check --> CHECKED -- first DTLS datagram --> HANDSHAKING -- keys --> CONNECTED
 *      |                          |                                   |                       |
 *      +--------------------------+------------ ENDED &lt;---------------+-----------------------+
 * </pre>
 *
 * <p>Until the handshake begins nothing in here is bound to a thread, so that a session may move to the loop on which its packets arrive
 * ({@link #isMovable}). Owner: its loop, which also calls {@link #close}.
 */
public final class WebRtcSession implements DtlsListener {
    /** From the first valid check to the keys. */
    static final long HANDSHAKE_NANOS = 15_000_000_000L;

    private enum State {
        CHECKING,
        CHECKED,
        HANDSHAKING,
        CONNECTED,
        ENDED
    }

    private final SessionOutlet outlet;
    private final SessionListener listener;
    private final CipherProvider ciphers;
    private final IceLiteAgent agent;
    private State state = State.CHECKING;
    private long handshakeDeadlineNanos;
    private long nowNanos;
    private SessionOutlet.@Nullable DtlsLink dtls;
    private @Nullable SrtpSender sender;
    private @Nullable SrtpReceiver receiver;
    private @Nullable IcePath toldPath;

    /**
     * A session that waits for its peer.
     *
     * @param ciphers for its media
     */
    public WebRtcSession(
            SessionPlan plan, CipherProvider ciphers, long nowNanos, SessionOutlet outlet, SessionListener listener) {
        this.outlet = outlet;
        this.listener = listener;
        this.ciphers = ciphers;
        this.nowNanos = nowNanos;
        this.agent = new IceLiteAgent(plan.local(), plan.remote(), nowNanos, new Paths());
    }

    /** Passes on what the agent finds. */
    private final class Paths implements IceLiteAgent.Listener {
        @Override
        public void onSelected(IcePath path) {
            tellPath();
        }

        @Override
        public void onRetired(String localUfrag) {
            outlet.onRetired(localUfrag);
        }

        @Override
        public void onExpired(boolean connected) {
            end(connected ? SessionEnd.CONSENT_EXPIRED : SessionEnd.NEVER_CONNECTED);
        }
    }

    /**
     * A STUN message for one of this session's user name fragments.
     *
     * @param message just parsed, borrowed
     * @param writer scratch
     */
    public Reception receiveCheck(
            StunMessage message, IceTransport transport, InetSocketAddress source, long now, StunWriter writer) {
        if (state == State.ENDED) {
            return Reception.ENDED;
        }
        nowNanos = now;
        CheckResult result = agent.receive(message, transport, source, now, writer);
        if (result.isAnswered()) {
            ByteBuf answer = Unpooled.buffer(writer.length(), writer.length());
            writer.writeTo(answer);
            outlet.offerPacket(answer, new IcePath(transport, source));
        }
        if (result.isValid() && state == State.CHECKING) {
            state = State.CHECKED;
            handshakeDeadlineNanos = now + HANDSHAKE_NANOS;
        }
        return receptionOf(result);
    }

    private static Reception receptionOf(CheckResult result) {
        return switch (result) {
            case VALID, SELECTED -> Reception.VALID_CHECK;
            case BAD_REQUEST, UNKNOWN_ATTRIBUTE, ROLE_CONFLICT, IGNORED -> Reception.HARMLESS;
            case REPLAYED -> Reception.REPLAYED;
            case WRONG_USER, UNAUTHENTICATED -> Reception.UNAUTHENTICATED;
            case ENDED -> Reception.ENDED;
        };
    }

    /**
     * Any other packet: DTLS, SRTP or SRTCP.
     *
     * @param packet borrowed; opened in place
     * @param index absolute index of its first byte
     */
    public Reception receive(
            ByteBuf packet, int index, int length, IceTransport transport, InetSocketAddress source, long now) {
        if (state == State.ENDED) {
            return Reception.ENDED;
        }
        nowNanos = now;
        if (!agent.isValidPath(transport, source)) {
            return Reception.UNKNOWN_PATH;
        }
        return switch (DatagramKind.of(packet, index, length)) {
            case DTLS -> receiveDtls(packet.slice(index, length));
            case RTP -> receiveRtp(packet, index, length);
            case RTCP -> receiveRtcp(packet, index, length);
            case STUN, OTHER -> Reception.MALFORMED;
        };
    }

    private Reception receiveDtls(ByteBuf datagram) {
        SessionOutlet.DtlsLink link = dtls;
        if (link == null) {
            state = State.HANDSHAKING;
            link = outlet.openDtls(this);
            dtls = link;
        }
        link.receive(datagram);
        return Reception.TAKEN;
    }

    private Reception receiveRtp(ByteBuf packet, int index, int length) {
        SrtpReceiver open = receiver;
        if (open == null) {
            return Reception.NO_KEYS;
        }
        int opened = open.unprotectRtp(packet, index, length);
        if (opened < 0) {
            return receptionOf(SrtpFailure.of(opened));
        }
        listener.onRtp(packet, index, opened, nowNanos);
        return Reception.TAKEN;
    }

    private Reception receiveRtcp(ByteBuf packet, int index, int length) {
        SrtpReceiver open = receiver;
        if (open == null) {
            return Reception.NO_KEYS;
        }
        int opened = open.unprotectRtcp(packet, index, length);
        if (opened < 0) {
            return receptionOf(SrtpFailure.of(opened));
        }
        listener.onRtcp(packet, index, opened, nowNanos);
        return Reception.TAKEN;
    }

    private static Reception receptionOf(SrtpFailure failure) {
        return switch (failure) {
            case REPLAYED, TOO_OLD -> Reception.REPLAYED;
            case AUTH_FAILED, NOT_ENCRYPTED -> Reception.AUTH_FAILED;
            case TOO_SHORT, TOO_LONG, MALFORMED, TOO_MANY_SSRCS, REPEATED_DIFFERENTLY, KEY_EXHAUSTED ->
                Reception.MALFORMED;
        };
    }

    @Override
    public void offerDatagram(ByteBuf datagram) {
        IcePath path = agent.sendPath();
        if (path == null) {
            datagram.release();
        } else {
            outlet.offerPacket(datagram, path);
        }
    }

    @Override
    public void onConnected(DtlsKeys keys) {
        if (state != State.HANDSHAKING) {
            return;
        }
        SrtpProfile profile = SrtpProfile.ofUseSrtpId(keys.protection().id());
        if (profile == null) {
            end(SessionEnd.HANDSHAKE_FAILED);
            return;
        }
        takeKeys(profile, keys);
        state = State.CONNECTED;
        listener.onConnected(this, nowNanos);
        tellPath();
    }

    private void takeKeys(SrtpProfile profile, DtlsKeys keys) {
        byte[] material = keys.keyingMaterial();
        SrtpKeys both = SrtpKeys.ofKeyingMaterial(profile, material);
        boolean server = keys.role() == DtlsRole.SERVER;
        MasterKey ours = server ? both.serverWrite() : both.clientWrite();
        MasterKey theirs = server ? both.clientWrite() : both.serverWrite();
        sender = new SrtpSender(ours, ciphers);
        receiver = new SrtpReceiver(theirs, ciphers);
        both.destroy();
        Arrays.fill(material, (byte) 0);
    }

    @Override
    public void onClosed(DtlsFailure reason) {
        end(
                switch (reason) {
                    case PEER_CLOSED -> SessionEnd.PEER_CLOSED;
                    case PEER_ALERT -> state == State.CONNECTED ? SessionEnd.PEER_CLOSED : SessionEnd.HANDSHAKE_FAILED;
                    case OVERLOADED -> SessionEnd.OVERLOADED;
                    case TIMED_OUT -> SessionEnd.HANDSHAKE_TIMEOUT;
                    case NO_CERTIFICATE, FINGERPRINT_MISMATCH, NO_SRTP_PROFILE, PROTOCOL_ERROR ->
                        SessionEnd.HANDSHAKE_FAILED;
                    case CLOSED -> SessionEnd.CLOSED;
                });
    }

    private void tellPath() {
        IcePath path = agent.sendPath();
        if (state == State.CONNECTED && path != null && !path.equals(toldPath)) {
            toldPath = path;
            listener.onPath(path);
        }
    }

    /**
     * Protects a compound RTCP packet and sends it; nothing when there are no keys or no path.
     *
     * @param compound owned by the callee; from its reader to its writer index, with room behind for {@link SrtpProfile#MAX_RTCP_OVERHEAD}
     *     bytes
     */
    public void offerRtcp(ByteBuf compound) {
        SrtpSender protector = sender;
        IcePath path = agent.sendPath();
        if (state != State.CONNECTED || protector == null || path == null) {
            compound.release();
            return;
        }
        int length = protector.protectRtcp(compound, compound.readerIndex(), compound.readableBytes());
        if (length < 0) {
            compound.release();
            return;
        }
        outlet.offerPacket(compound.writerIndex(compound.readerIndex() + length), path);
    }

    /** ICE restart; the answer tells the new credentials, under which the peer's next checks come. */
    public void restart(IceCredentials newLocal, IceCredentials newRemote) {
        if (state != State.ENDED) {
            agent.restart(newLocal, newRemote);
        }
    }

    /** A TCP connection of the peer's is gone. */
    public void onTcpClosed(InetSocketAddress source) {
        if (state != State.ENDED) {
            agent.onPathClosed(IceTransport.TCP, source);
        }
    }

    /** When {@link #onDeadline} wants to be called; {@link Long#MAX_VALUE}: never. */
    public long nextDeadlineNanos() {
        return switch (state) {
            case ENDED -> Long.MAX_VALUE;
            case CHECKED, HANDSHAKING -> {
                long consent = agent.nextDeadlineNanos();
                yield consent - handshakeDeadlineNanos < 0 ? consent : handshakeDeadlineNanos;
            }
            case CHECKING, CONNECTED -> agent.nextDeadlineNanos();
        };
    }

    /** Time has passed. Harmless when called early. */
    public void onDeadline(long now) {
        nowNanos = now;
        agent.onDeadline(now);
        boolean shaking = state == State.CHECKED || state == State.HANDSHAKING;
        if (shaking && handshakeDeadlineNanos - now <= 0) {
            end(SessionEnd.HANDSHAKE_TIMEOUT);
        }
    }

    /** Ends the session, telling the peer. May be repeated. */
    public void close() {
        end(SessionEnd.CLOSED);
    }

    private void end(SessionEnd reason) {
        if (state == State.ENDED) {
            return;
        }
        state = State.ENDED;
        SessionOutlet.DtlsLink link = dtls;
        if (link != null) {
            link.close();
        }
        listener.onEnded(reason);
        closeCiphers();
    }

    private void closeCiphers() {
        SrtpSender out = sender;
        if (out != null) {
            out.close();
        }
        SrtpReceiver in = receiver;
        if (in != null) {
            in.close();
        }
        sender = null;
        receiver = null;
    }

    /** Whether it may still go to another loop: nothing has been started that answers to this one. */
    public boolean isMovable() {
        return state == State.CHECKING || state == State.CHECKED;
    }

    /** Whether packets from there are looked at. */
    public boolean isValidPath(IceTransport transport, InetSocketAddress source) {
        return state != State.ENDED && agent.isValidPath(transport, source);
    }

    /** Whether media may flow. */
    public boolean isConnected() {
        return state == State.CONNECTED;
    }

    /** Whether it is over. */
    public boolean isEnded() {
        return state == State.ENDED;
    }

    /** Protects what is sent; null unless {@link #isConnected}. Closed by the session. */
    public @Nullable SrtpSender sender() {
        return sender;
    }

    /** Where to send; null: nowhere at the moment. */
    public @Nullable IcePath sendPath() {
        return state == State.ENDED ? null : agent.sendPath();
    }

    /** The peer's credentials, after a restart the new ones. */
    public IceCredentials remoteCredentials() {
        return agent.remoteCredentials();
    }

    /** Our credentials, after a restart the new ones. */
    public IceCredentials localCredentials() {
        return agent.localCredentials();
    }
}
