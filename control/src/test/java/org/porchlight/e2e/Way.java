package org.porchlight.e2e;

/** How RTP travels between an RTSP client and its server. */
enum Way {
    /** Interleaved in the RTSP connection. */
    TCP,
    /** In datagrams beside the RTSP connection. */
    UDP,
    /** Interleaved, all of it in TLS. */
    TLS,
    /** Interleaved, tunnelled through a pair of HTTP requests. */
    HTTP
}
