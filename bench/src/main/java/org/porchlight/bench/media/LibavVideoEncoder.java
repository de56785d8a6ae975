package org.porchlight.bench.media;

import static org.bytedeco.ffmpeg.global.avcodec.AV_PKT_FLAG_KEY;
import static org.bytedeco.ffmpeg.global.avcodec.av_packet_alloc;
import static org.bytedeco.ffmpeg.global.avcodec.av_packet_free;
import static org.bytedeco.ffmpeg.global.avcodec.av_packet_unref;
import static org.bytedeco.ffmpeg.global.avcodec.avcodec_alloc_context3;
import static org.bytedeco.ffmpeg.global.avcodec.avcodec_find_encoder_by_name;
import static org.bytedeco.ffmpeg.global.avcodec.avcodec_free_context;
import static org.bytedeco.ffmpeg.global.avcodec.avcodec_open2;
import static org.bytedeco.ffmpeg.global.avcodec.avcodec_receive_packet;
import static org.bytedeco.ffmpeg.global.avcodec.avcodec_send_frame;
import static org.bytedeco.ffmpeg.global.avutil.AV_PICTURE_TYPE_I;
import static org.bytedeco.ffmpeg.global.avutil.AV_PICTURE_TYPE_NONE;
import static org.bytedeco.ffmpeg.global.avutil.AV_PIX_FMT_YUV420P;
import static org.bytedeco.ffmpeg.global.avutil.av_dict_free;
import static org.bytedeco.ffmpeg.global.avutil.av_dict_set;
import static org.bytedeco.ffmpeg.global.avutil.av_frame_alloc;
import static org.bytedeco.ffmpeg.global.avutil.av_frame_free;
import static org.bytedeco.ffmpeg.global.avutil.av_frame_get_buffer;
import static org.bytedeco.ffmpeg.global.avutil.av_frame_make_writable;
import static org.bytedeco.ffmpeg.global.avutil.av_make_q;

import java.util.Map;
import java.util.Optional;
import org.bytedeco.ffmpeg.avcodec.AVCodec;
import org.bytedeco.ffmpeg.avcodec.AVCodecContext;
import org.bytedeco.ffmpeg.avcodec.AVPacket;
import org.bytedeco.ffmpeg.avutil.AVDictionary;
import org.bytedeco.ffmpeg.avutil.AVFrame;
import org.bytedeco.javacpp.BytePointer;

/** An encoder of libavcodec without delay: no B-frames, one thread, one access unit out for each picture in. Owner: one thread. */
final class LibavVideoEncoder implements VideoEncoder {
    private final VideoFormat format;
    private final AVCodecContext context;
    private final AVFrame frame;
    private final AVPacket packet;
    private long pictures;
    private long lastKeyframe;
    private boolean closed;

    private LibavVideoEncoder(VideoFormat format, AVCodecContext context) {
        this.format = format;
        this.context = context;
        frame = av_frame_alloc();
        frame.format(AV_PIX_FMT_YUV420P).width(format.width()).height(format.height());
        Libav.check(av_frame_get_buffer(frame, 32), "allocate a frame");
        packet = av_packet_alloc();
    }

    /** Opens the encoder by its libavcodec name; empty when this build of libavcodec or this machine has none. */
    static Optional<LibavVideoEncoder> open(
            String name, VideoFormat format, long encoderBitsPerSecond, Map<String, String> settings) {
        Libav.quiet();
        AVCodec codec = avcodec_find_encoder_by_name(name);
        if (codec == null || codec.isNull()) {
            return Optional.empty();
        }
        AVCodecContext context = avcodec_alloc_context3(codec);
        context.width(format.width())
                .height(format.height())
                .pix_fmt(AV_PIX_FMT_YUV420P)
                .time_base(av_make_q(1, format.framesPerSecond()))
                .framerate(av_make_q(format.framesPerSecond(), 1))
                .bit_rate(encoderBitsPerSecond)
                .gop_size(format.gopFrames())
                .max_b_frames(0)
                .thread_count(1);
        AVDictionary options = new AVDictionary(null);
        settings.forEach((key, value) -> av_dict_set(options, key, value, 0));
        int result = avcodec_open2(context, codec, options);
        av_dict_free(options);
        if (result < 0) {
            avcodec_free_context(context);
            return Optional.empty();
        }
        return Optional.of(new LibavVideoEncoder(format, context));
    }

    @Override
    public EncodedFrame encode(TestPicture picture, boolean keyframe) {
        Libav.check(av_frame_make_writable(frame), "make the frame writable");
        copyPlane(0, picture.luma(), picture.width(), picture.height());
        copyPlane(1, picture.cb(), picture.width() / 2, picture.height() / 2);
        copyPlane(2, picture.cr(), picture.width() / 2, picture.height() / 2);
        boolean wanted = keyframe || pictures == 0 || pictures - lastKeyframe >= format.gopFrames();
        frame.pict_type(wanted ? AV_PICTURE_TYPE_I : AV_PICTURE_TYPE_NONE);
        frame.pts(pictures);
        Libav.check(avcodec_send_frame(context, frame), "encode a picture");
        Libav.check(avcodec_receive_packet(context, packet), "take the access unit of a picture");
        byte[] stream = new byte[packet.size()];
        packet.data().get(stream);
        boolean isKeyframe = (packet.flags() & AV_PKT_FLAG_KEY) != 0;
        av_packet_unref(packet);
        if (isKeyframe) {
            lastKeyframe = pictures;
        }
        pictures++;
        return new EncodedFrame(AnnexB.nalUnits(stream), isKeyframe);
    }

    private void copyPlane(int plane, byte[] samples, int width, int height) {
        int stride = frame.linesize(plane);
        BytePointer data = frame.data(plane).capacity((long) stride * height);
        for (int y = 0; y < height; y++) {
            data.position((long) y * stride).put(samples, y * width, width);
        }
        data.position(0);
    }

    @Override
    public void close() {
        if (!closed) {
            closed = true;
            av_packet_free(packet);
            av_frame_free(frame);
            avcodec_free_context(context);
        }
    }
}
