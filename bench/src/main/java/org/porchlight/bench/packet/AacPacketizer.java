package org.porchlight.bench.packet;

/** One AAC access unit in one RTP packet, mode AAC-hbr (RFC 3640 section 3.3.6): 16 bits of AU-headers-length, 13 bits of size, 3 bits of index. */
public final class AacPacketizer {
    private static final int LARGEST_UNIT = (1 << 13) - 1;

    private AacPacketizer() {}

    /**
     * Makes the packet of one access unit.
     *
     * @param unit at most 8,191 bytes, and a path that takes it in one packet: fragments are not made
     */
    public static FrameTemplate packetize(byte[] unit, int payloadType) {
        if (unit.length > LARGEST_UNIT) {
            throw new IllegalArgumentException("access unit of " + unit.length + " bytes needs fragments");
        }
        TemplateBuilder out = new TemplateBuilder(payloadType);
        out.beginPacket();
        out.put16(16).put16(unit.length << 3).put(unit);
        return out.build(true);
    }
}
