package org.porchlight.bench.media;

import static org.bytedeco.ffmpeg.global.avcodec.AV_CODEC_FLAG_GLOBAL_HEADER;
import static org.bytedeco.ffmpeg.global.avcodec.AV_CODEC_ID_AAC;
import static org.bytedeco.ffmpeg.global.avcodec.av_packet_alloc;
import static org.bytedeco.ffmpeg.global.avcodec.av_packet_free;
import static org.bytedeco.ffmpeg.global.avcodec.av_packet_unref;
import static org.bytedeco.ffmpeg.global.avcodec.avcodec_alloc_context3;
import static org.bytedeco.ffmpeg.global.avcodec.avcodec_find_encoder;
import static org.bytedeco.ffmpeg.global.avcodec.avcodec_free_context;
import static org.bytedeco.ffmpeg.global.avcodec.avcodec_open2;
import static org.bytedeco.ffmpeg.global.avcodec.avcodec_receive_packet;
import static org.bytedeco.ffmpeg.global.avcodec.avcodec_send_frame;
import static org.bytedeco.ffmpeg.global.avutil.AV_SAMPLE_FMT_FLTP;
import static org.bytedeco.ffmpeg.global.avutil.av_channel_layout_default;
import static org.bytedeco.ffmpeg.global.avutil.av_frame_alloc;
import static org.bytedeco.ffmpeg.global.avutil.av_frame_free;
import static org.bytedeco.ffmpeg.global.avutil.av_frame_get_buffer;
import static org.bytedeco.ffmpeg.global.avutil.av_frame_make_writable;
import static org.bytedeco.ffmpeg.global.avutil.av_make_q;

import java.util.ArrayList;
import java.util.HexFormat;
import java.util.List;
import org.bytedeco.ffmpeg.avcodec.AVCodecContext;
import org.bytedeco.ffmpeg.avcodec.AVPacket;
import org.bytedeco.ffmpeg.avutil.AVDictionary;
import org.bytedeco.ffmpeg.avutil.AVFrame;
import org.bytedeco.javacpp.FloatPointer;

/** Makes a clip of a soft tone that rises and falls, by libavcodec's own AAC-LC encoder. */
public final class AacEncoder {
    private static final int SAMPLE_RATE = 16_000;
    private static final int SECONDS = 4;
    private static final int BITS_PER_SECOND = 32_000;

    private AacEncoder() {}

    /** About four seconds, mono, 16 kHz, 32 kb/s. */
    public static AudioClip tone() {
        Libav.quiet();
        var codec = avcodec_find_encoder(AV_CODEC_ID_AAC);
        AVCodecContext context = avcodec_alloc_context3(codec);
        AVFrame frame = av_frame_alloc();
        AVPacket packet = av_packet_alloc();
        try {
            context.sample_fmt(AV_SAMPLE_FMT_FLTP)
                    .sample_rate(SAMPLE_RATE)
                    .bit_rate(BITS_PER_SECOND)
                    .time_base(av_make_q(1, SAMPLE_RATE))
                    .flags(context.flags() | AV_CODEC_FLAG_GLOBAL_HEADER);
            av_channel_layout_default(context.ch_layout(), 1);
            Libav.check(avcodec_open2(context, codec, (AVDictionary) null), "open the AAC encoder");
            int unitSamples = context.frame_size();
            frame.format(AV_SAMPLE_FMT_FLTP).nb_samples(unitSamples).sample_rate(SAMPLE_RATE);
            av_channel_layout_default(frame.ch_layout(), 1);
            Libav.check(av_frame_get_buffer(frame, 0), "allocate an audio frame");
            List<byte[]> units = new ArrayList<>();
            int count = SECONDS * SAMPLE_RATE / unitSamples;
            float[] samples = new float[unitSamples];
            for (int unit = 0; unit < count; unit++) {
                Libav.check(av_frame_make_writable(frame), "make the audio frame writable");
                for (int i = 0; i < unitSamples; i++) {
                    double seconds = (double) (unit * unitSamples + i) / SAMPLE_RATE;
                    double phase = 2 * Math.PI * (440 * seconds - 110 / Math.PI * Math.cos(Math.PI * seconds));
                    samples[i] = (float) (0.1 * Math.sin(phase));
                }
                new FloatPointer(frame.data(0)).put(samples, 0, unitSamples);
                frame.pts((long) unit * unitSamples);
                Libav.check(avcodec_send_frame(context, frame), "encode audio");
                drain(context, packet, units);
            }
            Libav.check(avcodec_send_frame(context, null), "flush the AAC encoder");
            drain(context, packet, units);
            byte[] config = new byte[context.extradata_size()];
            context.extradata().get(config);
            return new AudioClip(SAMPLE_RATE, 1, unitSamples, HexFormat.of().formatHex(config), units);
        } finally {
            av_packet_free(packet);
            av_frame_free(frame);
            avcodec_free_context(context);
        }
    }

    private static void drain(AVCodecContext context, AVPacket packet, List<byte[]> units) {
        while (avcodec_receive_packet(context, packet) >= 0) {
            byte[] unit = new byte[packet.size()];
            packet.data().get(unit);
            units.add(unit);
            av_packet_unref(packet);
        }
    }
}
