package org.porchlight.relay.webrtc.session;

import io.netty.buffer.ByteBuf;
import org.porchlight.relay.webrtc.dtls.DtlsListener;
import org.porchlight.relay.webrtc.ice.IcePath;

/** What a session asks of the world. Called on the session's loop, within a call to the session. */
public interface SessionOutlet {
    /**
     * Sends one packet: an answer to a check, a handshake's flight, SRTCP.
     *
     * @param packet owned by the callee
     */
    void offerPacket(ByteBuf packet, IcePath path);

    /**
     * Begins the handshake with this session's certificate and the peer's fingerprints. Called once.
     *
     * @param session to be told, on the session's loop
     */
    DtlsLink openDtls(DtlsListener session);

    /** No check will be valid for this user name fragment any more. */
    void onRetired(String localUfrag);

    /** A DTLS association, as much as a session needs of it. */
    interface DtlsLink {
        /**
         * A datagram of the peer's.
         *
         * @param datagram borrowed; from its reader to its writer index
         */
        void receive(ByteBuf datagram);

        /** Ends it, telling the peer. May be repeated. */
        void close();
    }
}
