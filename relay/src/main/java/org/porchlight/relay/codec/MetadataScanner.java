package org.porchlight.relay.codec;

import io.netty.buffer.ByteBuf;

/**
 * Scanner for ONVIF metadata: XML documents over one or more packets, the marker at the end of each (ONVIF Streaming Specification section
 * 5.2.1). The XML itself is none of the relay's business. Owner: the loop of the track's source.
 */
final class MetadataScanner extends FrameScanner {
    MetadataScanner(TrackFormat format) {
        super(format);
    }

    @Override
    int inspect(ByteBuf buf, int offset, int length, boolean afterLoss) {
        boolean begins = buf.getByte(offset) == '<' && length > 1 && buf.getByte(offset + 1) == '?';
        return PICTURE | KEY | REFERENCED | (begins ? BEGINS_PICTURE : 0);
    }
}
