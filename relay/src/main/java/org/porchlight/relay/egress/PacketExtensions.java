package org.porchlight.relay.egress;

import io.netty.buffer.ByteBuf;

/**
 * The header extensions that a viewer has agreed to (RFC 8285 section 4.2, one-byte headers), by their ids; 0: not agreed.
 *
 * <p>What a packet carries follows from its frame alone, so all packets of a frame are equally long, and one that is sent again is the same to
 * the byte. The transport-wide number is on every packet; the capture time and the bound of the player's delay on those of keyframes.
 *
 * @param transportCc transport-wide sequence number (draft-holmer-rmcat-transport-wide-cc-extensions-01), 0 to 14
 * @param absCaptureTime camera's clock at the moment of capture, 0 to 14
 * @param playoutDelay bounds of the player's delay, 0 to 14: always both 0
 */
public record PacketExtensions(int transportCc, int absCaptureTime, int playoutDelay) {
    public static final PacketExtensions NONE = new PacketExtensions(0, 0, 0);

    /** Bytes of the longest header with extensions. */
    static final int MAX_HEADER = 12 + 4 + 16;

    private static final int PROFILE = 0xbede;
    private static final int EXTENSION_BIT = 0x10;

    public PacketExtensions {
        if ((transportCc | absCaptureTime | playoutDelay) < 0
                || Math.max(transportCc, Math.max(absCaptureTime, playoutDelay)) > 14) {
            throw new IllegalArgumentException("ids of one-byte header extensions are 1 to 14");
        }
    }

    /** Bytes of the header that {@link #write} makes. */
    int headerLength(boolean keyframe, long captureNtp) {
        int elements = elements(keyframe, captureNtp);
        return elements == 0 ? 12 : 16 + (elements + 3 & ~3);
    }

    private int elements(boolean keyframe, long captureNtp) {
        return (transportCc > 0 ? 3 : 0)
                + (keyframe && absCaptureTime > 0 && captureNtp != 0 ? 9 : 0)
                + (keyframe && playoutDelay > 0 ? 4 : 0);
    }

    /**
     * Writes the extension behind a fixed header.
     *
     * @param at index of the packet
     * @param transportSequenceNumber low 16 bits
     * @param captureNtp 64-bit NTP time; 0: unknown, left out
     * @return length of the header with it
     */
    int write(ByteBuf out, int at, int transportSequenceNumber, boolean keyframe, long captureNtp) {
        int elements = elements(keyframe, captureNtp);
        if (elements == 0) {
            return 12;
        }
        int words = (elements + 3) / 4;
        out.setByte(at, out.getByte(at) | EXTENSION_BIT);
        out.setShort(at + 12, PROFILE);
        out.setShort(at + 14, words);
        int to = at + 16;
        if (transportCc > 0) {
            out.setByte(to, transportCc << 4 | 1);
            out.setShort(to + 1, transportSequenceNumber);
            to += 3;
        }
        if (keyframe && absCaptureTime > 0 && captureNtp != 0) {
            out.setByte(to, absCaptureTime << 4 | 7);
            out.setLong(to + 1, captureNtp);
            to += 9;
        }
        if (keyframe && playoutDelay > 0) {
            out.setByte(to, playoutDelay << 4 | 2);
            out.setMedium(to + 1, 0);
            to += 4;
        }
        out.setZero(to, 16 + words * 4 - (to - at));
        return 16 + words * 4;
    }
}
