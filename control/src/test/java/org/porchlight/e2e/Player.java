package org.porchlight.e2e;

import java.util.List;
import java.util.regex.Pattern;

/** Real RTSP clients that watch: how to make each play, and how to read off how many pictures it decoded. */
enum Player {
    FFMPEG {
        @Override
        String command(String url, Way way, int frames) {
            return "ffmpeg -hide_banner -nostdin -nostats -loglevel warning -rtsp_transport " + way.protocol() + " -i "
                    + url + " -an -vf showinfo=checksum=0 -fps_mode passthrough -frames:v " + frames
                    + " -loglevel info -f null -";
        }

        @Override
        Pattern frame() {
            return SHOWINFO;
        }
    },

    GSTREAMER {
        @Override
        String command(String url, Way way, int frames) {
            boolean tunnel = way == Way.HTTP;
            return "gst-launch-1.0 -v rtspsrc name=source latency=100 tls-validation-flags=0 location="
                    + (tunnel ? url.replaceFirst("^rtsp:", "rtsph:") : url) + " protocols="
                    + (tunnel ? "tcp+http" : way.protocol())
                    + " source. ! application/x-rtp,media=video ! rtph264depay ! h264parse ! avdec_h264"
                    + " ! fakesink name=frames silent=false sync=false num-buffers=" + frames;
        }

        @Override
        Pattern frame() {
            return Pattern.compile("frames: last-message = chain");
        }
    },

    MPV {
        @Override
        String command(String url, Way way, int frames) {
            return "mpv --no-config --vo=null --ao=null --no-audio --no-input-terminal --untimed --rtsp-transport=lavf"
                    + " --demuxer-lavf-o-add=rtsp_transport=" + way.protocol()
                    + " --vf=lavfi=[showinfo] --msg-level=all=warn,ffmpeg=v --frames=" + frames + " " + url;
        }

        @Override
        Pattern frame() {
            return SHOWINFO;
        }
    };

    /** FFmpeg's filter tells each picture that passes. */
    private static final Pattern SHOWINFO = Pattern.compile("showinfo.*\\bn: *\\d+ pts");

    /** What a decoder or depayloader complains with when packets are missing or wrong. */
    static final Pattern DAMAGE = Pattern.compile(
            "(?i)error while decoding|corrupt|concealing|missed \\d+ packets|non-existing [SP]PS|no frame!"
                    + "|decode_slice_header error|could not decode|invalid NAL|cannot be decoded");

    private static final Pattern END_OF_STREAM = Pattern.compile("Got EOS from element");

    /**
     * Whether it ended as it should once it had its frames. GStreamer closes the connection on which it is still sending PAUSE, now and then
     * before that has left, and calls it an error of its own after the end of the stream: what counts is that it got there.
     */
    boolean endedWell(ExternalProgram program, int exit) {
        return exit == 0 || (this == GSTREAMER && program.count(END_OF_STREAM) > 0);
    }

    /** The command that plays {@code url} until {@code frames} pictures are decoded, then ends; its words hold no blanks. */
    abstract String command(String url, Way way, int frames);

    /** Matches one line per decoded picture. */
    abstract Pattern frame();

    /** Starts to play. */
    ExternalProgram play(String url, Way way, int frames) {
        return ExternalProgram.start(
                name() + "-" + way, List.of(command(url, way, frames).split(" ")));
    }
}
