package org.porchlight.relay.webrtc.dtls;

import io.netty.buffer.ByteBuf;

/**
 * Whoever owns a connection hears of it here, on the executor given to {@link DtlsEndpoint#open} and nowhere else. After {@link #onClosed}
 * nothing more comes.
 */
public interface DtlsListener {
    /**
     * A datagram for the peer.
     *
     * @param datagram owned by the callee; on the heap
     */
    void offerDatagram(ByteBuf datagram);

    /** The handshake is done and the peer is who it said it is. Called once at most, after the datagrams of its last flight. */
    void onConnected(DtlsKeys keys);

    /** The connection failed or ended. Called once, also after {@link DtlsConnection#close}. */
    void onClosed(DtlsFailure reason);
}
