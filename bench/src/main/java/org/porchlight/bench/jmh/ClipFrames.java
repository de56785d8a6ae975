package org.porchlight.bench.jmh;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import java.util.SplittableRandom;
import org.porchlight.bench.camera.CameraMedia;
import org.porchlight.bench.media.ClipLibrary;
import org.porchlight.bench.media.VideoFormat;
import org.porchlight.bench.packet.FrameTemplate;
import org.porchlight.bench.packet.RtpTrackWriter;
import org.porchlight.relay.codec.Codec;
import org.porchlight.relay.codec.TrackFormat;
import org.porchlight.relay.rtp.RtpHeader;

/** One GOP of a 4 Mb/s camera as it comes by RTSP/TCP, the material of all benchmarks here. */
final class ClipFrames {
    private static final VideoFormat FORMAT = new VideoFormat(Codec.H264, 640, 360, 25, 50, 4_000_000);

    private static final int HEADER = RtpTrackWriter.INTERLEAVED_HEADER;

    private final CameraMedia media;
    private final ByteBuf stream;
    private final int packets;
    private final int[] frameEnds;

    ClipFrames() {
        this(1_200);
    }

    /** @param packetBytes of RTP payload at most */
    ClipFrames(int packetBytes) {
        media = CameraMedia.of(new ClipLibrary().clip(FORMAT).orElseThrow(), null, packetBytes);
        frameEnds = new int[media.video().size()];
        RtpTrackWriter writer = new RtpTrackWriter(CameraMedia.VIDEO_CLOCK, new SplittableRandom(1));
        stream = Unpooled.directBuffer();
        int count = 0;
        for (int i = 0; i < media.video().size(); i++) {
            FrameTemplate template = media.video().get(i);
            writer.write(template, stream, 0, i * media.videoFrameNanos());
            count += template.packets();
            frameEnds[i] = stream.writerIndex();
        }
        packets = count;
    }

    /** Interleaved frames, one behind the other; lent. */
    ByteBuf streamView() {
        return stream;
    }

    int packets() {
        return packets;
    }

    int frames() {
        return frameEnds.length;
    }

    /** Index in the stream behind the last byte of a frame. */
    int frameEnd(int frame) {
        return frameEnds[frame];
    }

    long frameNanos() {
        return media.videoFrameNanos();
    }

    /** Makes of it the GOP that follows: numbers and timestamps go on. */
    void moveOn() {
        int ticks = (int) (frames() * frameNanos() * CameraMedia.VIDEO_CLOCK / 1_000_000_000L);
        for (int at = 0; at < stream.writerIndex(); at += HEADER + stream.getUnsignedShort(at + 2)) {
            int rtp = at + HEADER;
            RtpHeader.setSequenceNumber(stream, rtp, RtpHeader.sequenceNumber(stream, rtp) + packets);
            RtpHeader.setTimestamp(stream, rtp, RtpHeader.timestamp(stream, rtp) + ticks);
        }
    }

    TrackFormat track() {
        return media.tracks().get(0);
    }

    void release() {
        stream.release();
    }
}
