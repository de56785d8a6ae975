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
    HTTP;

    /** What clients call it: {@code tcp}, {@code udp} or {@code http}; TLS shows in the address. */
    String protocol() {
        return switch (this) {
            case TCP, TLS -> "tcp";
            case UDP -> "udp";
            case HTTP -> "http";
        };
    }
}
