package org.porchlight.relay.rtsp;

import io.netty.buffer.ByteBuf;

/**
 * Undoes the base64 of the tunnel's upward half (RFC 4648 section 4), cut anywhere. Owner: the loop of the POST connection.
 *
 * <p>Each message may have been encoded for itself, so padding may stand in the middle; it ends a group and the next begins. Line
 * breaks and blanks are passed over.
 */
public final class Base64TunnelDecoder {
    private int group;
    private int sextets;
    private int padding;

    /**
     * Decodes what is there.
     *
     * @param in borrowed; {@code [from, to)} is read, its indices do not move
     * @param out takes three bytes for four read; stays the caller's
     * @return false when a character is no base64 or padding stands where none can be: the connection is of no more use
     */
    public boolean decode(ByteBuf in, int from, int to, ByteBuf out) {
        out.ensureWritable((to - from + 3) / 4 * 3 + 3);
        for (int i = from; i < to; i++) {
            byte c = in.getByte(i);
            if (c == '\r' || c == '\n' || c == ' ' || c == '\t') {
                continue;
            }
            if (!(c == '=' ? pad(out) : take(valueOf(c), out))) {
                return false;
            }
        }
        return true;
    }

    private boolean take(int value, ByteBuf out) {
        if (value < 0 || padding > 0) {
            return false;
        }
        group = group << 6 | value;
        if (++sextets == 4) {
            out.writeMedium(group);
            startGroup();
        }
        return true;
    }

    private boolean pad(ByteBuf out) {
        if (sextets < 2) {
            return false;
        }
        if (sextets + ++padding < 4) {
            return true;
        }
        if (sextets == 3) {
            out.writeShort(group >> 2);
        } else {
            out.writeByte(group >> 4);
        }
        startGroup();
        return true;
    }

    private void startGroup() {
        group = 0;
        sextets = 0;
        padding = 0;
    }

    private static int valueOf(byte c) {
        if (c >= 'A' && c <= 'Z') {
            return c - 'A';
        }
        if (c >= 'a' && c <= 'z') {
            return c - 'a' + 26;
        }
        if (c >= '0' && c <= '9') {
            return c - '0' + 52;
        }
        return c == '+' ? 62 : c == '/' ? 63 : -1;
    }
}
