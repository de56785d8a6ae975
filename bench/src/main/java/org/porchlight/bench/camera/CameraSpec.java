package org.porchlight.bench.camera;

import java.util.Locale;
import org.porchlight.bench.media.VideoFormat;
import org.porchlight.relay.codec.Codec;

/**
 * What one synthetic camera is like.
 *
 * @param number counts from 1
 * @param name its path on the server
 * @param video picture
 * @param audio has an AAC track
 * @param transports what it agrees to in SETUP
 * @param loss share of packets lost, 0 to 1
 * @param reordering share of packets that change places with the next one, 0 to 1
 * @param jitterMillis most that a frame is late, 0 to 10,000
 * @param rebootSeconds restarts after so long; 0: never
 * @param packetBytes length of a full RTP packet with its header
 */
public record CameraSpec(
        int number,
        String name,
        VideoFormat video,
        boolean audio,
        Transports transports,
        double loss,
        double reordering,
        int jitterMillis,
        int rebootSeconds,
        int packetBytes) {

    /** What a camera agrees to. */
    public enum Transports {
        ANY,
        TCP,
        UDP
    }

    public CameraSpec {
        share("loss", loss);
        share("reordering", reordering);
        if (jitterMillis < 0 || jitterMillis > 10_000) {
            throw new IllegalArgumentException("jitter " + jitterMillis + " ms is not within 0 to 10000");
        }
        if (rebootSeconds < 0) {
            throw new IllegalArgumentException("a reboot every " + rebootSeconds + " s");
        }
    }

    private static void share(String what, double value) {
        if (!(value >= 0 && value <= 1)) {
            throw new IllegalArgumentException(what + " " + value + " is not within 0 and 100 %");
        }
    }

    /**
     * This camera with one property set by name.
     *
     * @param key {@code name}, {@code codec} (h264, h265), {@code size} (1280x720), {@code fps}, {@code gop} (seconds), {@code rate} (bits per
     *     second, k and M allowed), {@code audio} (aac, none), {@code transport} (any, tcp, udp), {@code loss} and {@code reorder} (percent),
     *     {@code jitter} (ms), {@code reboot} (s), {@code packet} (bytes)
     * @throws IllegalArgumentException for an unknown key or a value that does not fit
     */
    public CameraSpec with(String key, String value) {
        Draft draft = new Draft(this);
        switch (key) {
            case "name" -> draft.name = value;
            case "codec" -> draft.codec = codecOf(value);
            case "size" -> draft.size(value);
            case "fps" -> draft.framesPerSecond(whole(key, value));
            case "gop" -> draft.gopFrames = gopFrames(number(key, value), draft.framesPerSecond);
            case "rate" -> draft.bitsPerSecond = BitRate.parse(value);
            case "audio" -> draft.audio = oneOf(key, value, "aac", "none");
            case "transport" -> draft.transports = transportsOf(value);
            case "loss" -> draft.loss = number(key, value) / 100;
            case "reorder" -> draft.reordering = number(key, value) / 100;
            case "jitter" -> draft.jitterMillis = whole(key, value);
            case "reboot" -> draft.rebootSeconds = whole(key, value);
            case "packet" -> draft.packetBytes = whole(key, value);
            default ->
                throw new IllegalArgumentException(
                        "unknown camera property " + key
                                + "; known are name, codec, size, fps, gop, rate, audio, transport, loss, reorder, jitter, reboot, packet");
        }
        return draft.spec();
    }

    /** The same as another camera of the fleet. */
    public CameraSpec as(int otherNumber, String otherName) {
        Draft draft = new Draft(this);
        draft.number = otherNumber;
        draft.name = otherName;
        return draft.spec();
    }

    /** A camera of which one property is about to change. */
    private static final class Draft {
        int number;
        String name;
        Codec codec;
        int width;
        int height;
        int framesPerSecond;
        int gopFrames;
        long bitsPerSecond;
        boolean audio;
        Transports transports;
        double loss;
        double reordering;
        int jitterMillis;
        int rebootSeconds;
        int packetBytes;

        Draft(CameraSpec spec) {
            number = spec.number;
            name = spec.name;
            codec = spec.video.codec();
            width = spec.video.width();
            height = spec.video.height();
            framesPerSecond = spec.video.framesPerSecond();
            gopFrames = spec.video.gopFrames();
            bitsPerSecond = spec.video.bitsPerSecond();
            audio = spec.audio;
            transports = spec.transports;
            loss = spec.loss;
            reordering = spec.reordering;
            jitterMillis = spec.jitterMillis;
            rebootSeconds = spec.rebootSeconds;
            packetBytes = spec.packetBytes;
        }

        /** The GOP lasts as long as before. */
        void framesPerSecond(int fps) {
            gopFrames = Math.max(1, Math.round((float) gopFrames * fps / framesPerSecond));
            framesPerSecond = fps;
        }

        void size(String value) {
            String[] parts = value.split("x", -1);
            if (parts.length != 2) {
                throw new IllegalArgumentException("size must look like 1280x720, not " + value);
            }
            width = whole("size", parts[0]);
            height = whole("size", parts[1]);
        }

        CameraSpec spec() {
            return new CameraSpec(
                    number,
                    name,
                    new VideoFormat(codec, width, height, framesPerSecond, gopFrames, bitsPerSecond),
                    audio,
                    transports,
                    loss,
                    reordering,
                    jitterMillis,
                    rebootSeconds,
                    packetBytes);
        }
    }

    /** Frames of a GOP that lasts so many seconds. */
    public static int gopFrames(double seconds, int framesPerSecond) {
        return (int) Math.max(1, Math.round(seconds * framesPerSecond));
    }

    private static boolean oneOf(String key, String value, String yes, String no) {
        if (!value.equals(yes) && !value.equals(no)) {
            throw new IllegalArgumentException(key + " must be " + yes + " or " + no + ", not " + value);
        }
        return value.equals(yes);
    }

    private static Transports transportsOf(String value) {
        try {
            return Transports.valueOf(value.toUpperCase(Locale.ROOT));
        } catch (IllegalArgumentException e) {
            throw new IllegalArgumentException("transport must be any, tcp or udp, not " + value, e);
        }
    }

    private static Codec codecOf(String value) {
        return switch (value.toLowerCase(Locale.ROOT)) {
            case "h264" -> Codec.H264;
            case "h265" -> Codec.H265;
            default -> throw new IllegalArgumentException("codec must be h264 or h265, not " + value);
        };
    }

    private static int whole(String key, String value) {
        try {
            return Integer.parseInt(value);
        } catch (NumberFormatException e) {
            throw new IllegalArgumentException(key + " must be a whole number, not " + value, e);
        }
    }

    private static double number(String key, String value) {
        try {
            return Double.parseDouble(value);
        } catch (NumberFormatException e) {
            throw new IllegalArgumentException(key + " must be a number, not " + value, e);
        }
    }
}
