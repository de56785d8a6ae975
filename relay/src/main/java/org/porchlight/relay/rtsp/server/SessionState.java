package org.porchlight.relay.rtsp.server;

/** Where an RTSP session stands (RFC 2326 appendix A.2), and that its connection is over. */
enum SessionState {
    INIT,
    READY,
    PLAYING,
    RECORDING,
    CLOSED
}
