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

/** One GOP of a 4 Mb/s camera as it comes by RTSP/TCP, the material of all benchmarks here. */
final class ClipFrames {
    private static final VideoFormat FORMAT = new VideoFormat(Codec.H264, 640, 360, 25, 50, 4_000_000);

    private final CameraMedia media;
    private final ByteBuf stream;
    private final int packets;

    ClipFrames() {
        media = CameraMedia.of(new ClipLibrary().clip(FORMAT).orElseThrow(), null, 1_200);
        RtpTrackWriter writer = new RtpTrackWriter(CameraMedia.VIDEO_CLOCK, new SplittableRandom(1));
        stream = Unpooled.directBuffer();
        int count = 0;
        for (int i = 0; i < media.video().size(); i++) {
            FrameTemplate template = media.video().get(i);
            writer.write(template, stream, 0, i * media.videoFrameNanos());
            count += template.packets();
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

    TrackFormat track() {
        return media.tracks().get(0);
    }

    void release() {
        stream.release();
    }
}
