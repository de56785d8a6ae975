package org.porchlight.bench.media;

import static org.bytedeco.ffmpeg.global.avutil.AV_LOG_FATAL;
import static org.bytedeco.ffmpeg.global.avutil.av_log_set_level;
import static org.bytedeco.ffmpeg.global.avutil.av_strerror;

import java.nio.charset.StandardCharsets;

/** What every use of libavcodec here needs: its errors as exceptions, its chatter off. */
final class Libav {

    private Libav() {}

    static void quiet() {
        av_log_set_level(AV_LOG_FATAL);
    }

    static void check(int result, String what) {
        if (result < 0) {
            byte[] text = new byte[128];
            av_strerror(result, text, text.length);
            int end = 0;
            while (end < text.length && text[end] != 0) {
                end++;
            }
            throw new IllegalStateException(
                    "cannot " + what + ": " + new String(text, 0, end, StandardCharsets.US_ASCII));
        }
    }
}
