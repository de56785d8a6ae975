package org.porchlight.relay.codec;

import io.netty.buffer.ByteBuf;

/**
 * Scanner for AAC as mpeg4-generic (RFC 3640) or MP4A-LATM (RFC 6416). An access unit may be cut over several packets; the marker tells its
 * end. Each frame can be decoded by itself. Owner: the loop of the track's source.
 */
final class AacScanner extends FrameScanner {
    /** The AU header section is there: some of its fields have a length (RFC 3640 section 3.2.1). */
    private final boolean hasHeaders;

    AacScanner(TrackFormat format) {
        super(format);
        FormatParameters parameters = FormatParameters.parse(format.fmtp());
        hasHeaders = !format.encodingName().equalsIgnoreCase("MP4A-LATM")
                && (parameters.number("sizelength", 0) > 0 || parameters.number("indexlength", 0) > 0);
    }

    @Override
    int inspect(ByteBuf buf, int offset, int length, boolean afterLoss) {
        int evidence = PICTURE | KEY | REFERENCED;
        if (!hasHeaders) {
            return evidence;
        }
        boolean fits = length >= 2 && 2 + (buf.getUnsignedShort(offset) + 7) / 8 <= length;
        return fits ? evidence : evidence | malformed(CodecDeviation.DAMAGED_PAYLOAD);
    }
}
