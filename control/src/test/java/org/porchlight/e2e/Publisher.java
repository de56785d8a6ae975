package org.porchlight.e2e;

import java.util.List;

/** Real RTSP clients that publish a moving picture, 25 frames a second and a keyframe each second. */
enum Publisher {
    FFMPEG {
        @Override
        String command(String url, Way way) {
            return "ffmpeg -hide_banner -nostdin -loglevel warning -re -f lavfi -i testsrc2=size=320x240:rate=25"
                    + " -c:v libx264 -preset ultrafast -tune zerolatency -pix_fmt yuv420p -g 25 -b:v 600k -f rtsp -rtsp_transport "
                    + way.protocol() + " " + url;
        }
    },

    GSTREAMER {
        @Override
        String command(String url, Way way) {
            return "gst-launch-1.0 videotestsrc is-live=true pattern=ball ! video/x-raw,width=320,height=240,framerate=25/1"
                    + " ! x264enc tune=zerolatency speed-preset=ultrafast key-int-max=25 bitrate=600 ! h264parse"
                    + " ! rtspclientsink tls-validation-flags=0 latency=50 protocols=" + way.protocol() + " location="
                    + url;
        }
    };

    /** The command that publishes to {@code url} until it is stopped; its words hold no blanks. */
    abstract String command(String url, Way way);

    /** Starts to publish. */
    ExternalProgram publish(String url, Way way) {
        return ExternalProgram.start(
                name() + "-publisher-" + way, List.of(command(url, way).split(" ")));
    }
}
