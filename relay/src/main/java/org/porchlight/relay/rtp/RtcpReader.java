package org.porchlight.relay.rtp;

import io.netty.buffer.ByteBuf;

/**
 * Reads compound RTCP packets (RFC 3550 section 6.1). No state. Lenient where cameras are careless (a compound that does not begin with a
 * report, reduced size of RFC 5506, padding in the middle), strict about lengths: nothing is read beyond the packet. What stands
 * before a defect is reported to the visitor all the same.
 *
 * <pre>
 *  0                   1                   2                   3
 *  0 1 2 3 4 5 6 7 8 9 0 1 2 3 4 5 6 7 8 9 0 1 2 3 4 5 6 7 8 9 0 1
 * |V=2|P|  count  |  packet type  |  length in words less one     |
 * </pre>
 */
public final class RtcpReader {
    private static final int COMMON_HEADER = 4;
    private static final int SENDER_INFO = 24;
    private static final int SDES_CNAME = 1;
    private static final int RTPFB_NACK = 1;
    private static final int RTPFB_TRANSPORT_FEEDBACK = 15;
    private static final int PSFB_PLI = 1;
    private static final int PSFB_FIR = 4;
    private static final int PSFB_APPLICATION = 15;
    private static final int REMB = 'R' << 24 | 'E' << 16 | 'M' << 8 | 'B';
    private static final int MAX_REMB_EXPONENT = 63 - 18;

    private RtcpReader() {}

    /** How reading a compound packet ended. */
    public enum Result {
        OK,
        /** Fewer bytes than a header. */
        TOO_SHORT,
        /** A version other than 2. */
        BAD_VERSION,
        /** A length field reaches beyond the packet. */
        LENGTH_OVERRUN,
        /** The padding count is larger than its packet. */
        PADDING_OVERRUN,
        /** A packet is too short for what its type or count promises. */
        BODY_TOO_SHORT
    }

    /**
     * Reads one compound packet.
     *
     * @param buf borrowed, lent on to the visitor
     * @param offset absolute index
     * @param length bytes of the compound packet
     * @return {@link Result#OK}, or the first defect
     */
    public static Result read(ByteBuf buf, int offset, int length, RtcpVisitor visitor) {
        if (length < COMMON_HEADER) {
            return Result.TOO_SHORT;
        }
        Result result = Result.OK;
        int end = offset + length;
        int at = offset;
        // Each turn moves on by at least a header, so the packet's own length bounds the loop.
        while (at < end) {
            if (end - at < COMMON_HEADER) {
                return first(result, Result.TOO_SHORT);
            }
            int flags = buf.getUnsignedByte(at);
            if (flags >>> 6 != 2) {
                return first(result, Result.BAD_VERSION);
            }
            int packetLength = (buf.getUnsignedShort(at + 2) + 1) * 4;
            if (packetLength > end - at) {
                return first(result, Result.LENGTH_OVERRUN);
            }
            int bodyLength = packetLength - COMMON_HEADER;
            if ((flags & 0x20) != 0) {
                int padding = bodyLength == 0 ? 1 : buf.getUnsignedByte(at + packetLength - 1);
                if (padding > bodyLength) {
                    return first(result, Result.PADDING_OVERRUN);
                }
                bodyLength -= padding;
            }
            result = first(
                    result,
                    readBody(buf.getUnsignedByte(at + 1), flags & 0x1f, buf, at + COMMON_HEADER, bodyLength, visitor));
            at += packetLength;
        }
        return result;
    }

    private static Result first(Result earlier, Result later) {
        return earlier == Result.OK ? later : earlier;
    }

    private static Result readBody(int type, int count, ByteBuf buf, int at, int length, RtcpVisitor visitor) {
        return switch (type) {
            case RtcpType.SR -> readSenderReport(count, buf, at, length, visitor);
            case RtcpType.RR -> readReceiverReport(count, buf, at, length, visitor);
            case RtcpType.SDES -> readSourceDescription(count, buf, at, length, visitor);
            case RtcpType.BYE -> readBye(count, buf, at, length, visitor);
            case RtcpType.APP -> readApplication(count, buf, at, length, visitor);
            case RtcpType.RTPFB -> readTransportFeedback(count, buf, at, length, visitor);
            case RtcpType.PSFB -> readPayloadFeedback(count, buf, at, length, visitor);
            default -> {
                visitor.onOther(type, count, buf, at, length);
                yield Result.OK;
            }
        };
    }

    private static Result readSenderReport(int count, ByteBuf buf, int at, int length, RtcpVisitor visitor) {
        if (length < SENDER_INFO) {
            return Result.BODY_TOO_SHORT;
        }
        int ssrc = buf.getInt(at);
        visitor.onSenderReport(
                ssrc, buf.getLong(at + 4), buf.getInt(at + 12), buf.getInt(at + 16), buf.getInt(at + 20));
        return readReportBlocks(ssrc, count, buf, at + SENDER_INFO, length - SENDER_INFO, visitor);
    }

    private static Result readReceiverReport(int count, ByteBuf buf, int at, int length, RtcpVisitor visitor) {
        if (length < 4) {
            return Result.BODY_TOO_SHORT;
        }
        int ssrc = buf.getInt(at);
        visitor.onReceiverReport(ssrc);
        return readReportBlocks(ssrc, count, buf, at + 4, length - 4, visitor);
    }

    private static Result readReportBlocks(
            int reporterSsrc, int count, ByteBuf buf, int at, int length, RtcpVisitor visitor) {
        int present = Math.min(count, length / ReceiveStatistics.REPORT_BLOCK_LENGTH);
        for (int i = 0; i < present; i++) {
            int block = at + i * ReceiveStatistics.REPORT_BLOCK_LENGTH;
            visitor.onReportBlock(
                    reporterSsrc,
                    buf.getInt(block),
                    buf.getUnsignedByte(block + 4),
                    buf.getMedium(block + 5),
                    buf.getInt(block + 8),
                    buf.getInt(block + 12),
                    buf.getInt(block + 16),
                    buf.getInt(block + 20));
        }
        return present == count ? Result.OK : Result.BODY_TOO_SHORT;
    }

    private static Result readSourceDescription(int count, ByteBuf buf, int at, int length, RtcpVisitor visitor) {
        int end = at + length;
        int position = at;
        for (int chunk = 0; chunk < count; chunk++) {
            if (end - position < 4) {
                return Result.BODY_TOO_SHORT;
            }
            int ssrc = buf.getInt(position);
            position += 4;
            while (position < end && buf.getByte(position) != 0) {
                if (end - position < 2 || end - position - 2 < buf.getUnsignedByte(position + 1)) {
                    return Result.BODY_TOO_SHORT;
                }
                int itemLength = buf.getUnsignedByte(position + 1);
                if (buf.getByte(position) == SDES_CNAME) {
                    visitor.onCname(ssrc, buf, position + 2, itemLength);
                }
                position += 2 + itemLength;
            }
            // The list ends with zeros up to the next word, at least one; careless senders leave them out at the end.
            position = Math.min(end, at + (position - at + 4) / 4 * 4);
        }
        return Result.OK;
    }

    private static Result readBye(int count, ByteBuf buf, int at, int length, RtcpVisitor visitor) {
        int present = Math.min(count, length / 4);
        for (int i = 0; i < present; i++) {
            visitor.onBye(buf.getInt(at + i * 4));
        }
        return present == count ? Result.OK : Result.BODY_TOO_SHORT;
    }

    private static Result readApplication(int subtype, ByteBuf buf, int at, int length, RtcpVisitor visitor) {
        if (length < 8) {
            return Result.BODY_TOO_SHORT;
        }
        visitor.onApplication(buf.getInt(at), subtype, buf.getInt(at + 4), buf, at + 8, length - 8);
        return Result.OK;
    }

    private static Result readTransportFeedback(int format, ByteBuf buf, int at, int length, RtcpVisitor visitor) {
        if (length < 8) {
            return Result.BODY_TOO_SHORT;
        }
        int senderSsrc = buf.getInt(at);
        int mediaSsrc = buf.getInt(at + 4);
        switch (format) {
            case RTPFB_NACK -> {
                for (int entry = at + 8; entry + 4 <= at + length; entry += 4) {
                    visitor.onNack(senderSsrc, mediaSsrc, buf.getUnsignedShort(entry), buf.getUnsignedShort(entry + 2));
                }
            }
            case RTPFB_TRANSPORT_FEEDBACK -> {
                if (length < 16) {
                    return Result.BODY_TOO_SHORT;
                }
                visitor.onTransportFeedback(senderSsrc, mediaSsrc, buf, at + 8, length - 8);
            }
            default -> visitor.onOther(RtcpType.RTPFB, format, buf, at, length);
        }
        return Result.OK;
    }

    private static Result readPayloadFeedback(int format, ByteBuf buf, int at, int length, RtcpVisitor visitor) {
        if (length < 8) {
            return Result.BODY_TOO_SHORT;
        }
        int senderSsrc = buf.getInt(at);
        switch (format) {
            case PSFB_PLI -> visitor.onPli(senderSsrc, buf.getInt(at + 4));
            case PSFB_FIR -> {
                for (int entry = at + 8; entry + 8 <= at + length; entry += 8) {
                    visitor.onFir(senderSsrc, buf.getInt(entry), buf.getUnsignedByte(entry + 4));
                }
            }
            case PSFB_APPLICATION -> {
                if (length < 16 || buf.getInt(at + 8) != REMB) {
                    visitor.onOther(RtcpType.PSFB, format, buf, at, length);
                } else {
                    visitor.onRemb(senderSsrc, rembBitsPerSecond(buf.getUnsignedMedium(at + 13)));
                }
            }
            default -> visitor.onOther(RtcpType.PSFB, format, buf, at, length);
        }
        return Result.OK;
    }

    /** Six bits of exponent, 18 of mantissa; what does not fit a long is as good as no limit. */
    private static long rembBitsPerSecond(int field) {
        int exponent = field >>> 18;
        long mantissa = field & 0x3ffff;
        return exponent > MAX_REMB_EXPONENT ? Long.MAX_VALUE : mantissa << exponent;
    }
}
