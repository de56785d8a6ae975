package org.porchlight.bench.limit;

/** Ways to do the kernel work of a fan-out. */
public enum LimitMode {
    /** One write per viewer and frame: the limit of TCP. */
    TCP("tcp"),
    /** One write per packet, the plain way. */
    TCP_PACKET("tcp-packet"),
    /** One GSO send per viewer and frame. */
    UDP_GSO("udp-gso"),
    /** Many GSO frames in one sendmmsg: the limit of UDP. */
    UDP_MMSG("udp-mmsg"),
    /** One sendto per packet, the plain way. */
    UDP_SENDTO("udp-sendto");

    private final String word;

    LimitMode(String word) {
        this.word = word;
    }

    /** As reports and the C program call it. */
    public String word() {
        return word;
    }

    public boolean isTcp() {
        return this == TCP || this == TCP_PACKET;
    }
}
