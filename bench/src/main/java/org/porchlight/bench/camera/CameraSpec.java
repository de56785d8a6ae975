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
        return switch (key) {
            case "name" ->
                new CameraSpec(
                        number,
                        value,
                        video,
                        audio,
                        transports,
                        loss,
                        reordering,
                        jitterMillis,
                        rebootSeconds,
                        packetBytes);
            case "codec" ->
                withVideo(new VideoFormat(
                        codecOf(value),
                        video.width(),
                        video.height(),
                        video.framesPerSecond(),
                        video.gopFrames(),
                        video.bitsPerSecond()));
            case "size" -> withSize(value);
            case "fps" -> {
                int fps = whole(key, value);
                int gop = Math.max(1, Math.round((float) video.gopFrames() * fps / video.framesPerSecond()));
                yield withVideo(
                        new VideoFormat(video.codec(), video.width(), video.height(), fps, gop, video.bitsPerSecond()));
            }
            case "gop" ->
                withVideo(new VideoFormat(
                        video.codec(),
                        video.width(),
                        video.height(),
                        video.framesPerSecond(),
                        gopFrames(number(key, value), video.framesPerSecond()),
                        video.bitsPerSecond()));
            case "rate" ->
                withVideo(new VideoFormat(
                        video.codec(),
                        video.width(),
                        video.height(),
                        video.framesPerSecond(),
                        video.gopFrames(),
                        BitRate.parse(value)));
            case "audio" ->
                new CameraSpec(
                        number,
                        name,
                        video,
                        oneOf(key, value, "aac", "none"),
                        transports,
                        loss,
                        reordering,
                        jitterMillis,
                        rebootSeconds,
                        packetBytes);
            case "transport" ->
                new CameraSpec(
                        number,
                        name,
                        video,
                        audio,
                        transportsOf(value),
                        loss,
                        reordering,
                        jitterMillis,
                        rebootSeconds,
                        packetBytes);
            case "loss" ->
                new CameraSpec(
                        number,
                        name,
                        video,
                        audio,
                        transports,
                        number(key, value) / 100,
                        reordering,
                        jitterMillis,
                        rebootSeconds,
                        packetBytes);
            case "reorder" ->
                new CameraSpec(
                        number,
                        name,
                        video,
                        audio,
                        transports,
                        loss,
                        number(key, value) / 100,
                        jitterMillis,
                        rebootSeconds,
                        packetBytes);
            case "jitter" ->
                new CameraSpec(
                        number,
                        name,
                        video,
                        audio,
                        transports,
                        loss,
                        reordering,
                        whole(key, value),
                        rebootSeconds,
                        packetBytes);
            case "reboot" ->
                new CameraSpec(
                        number,
                        name,
                        video,
                        audio,
                        transports,
                        loss,
                        reordering,
                        jitterMillis,
                        whole(key, value),
                        packetBytes);
            case "packet" ->
                new CameraSpec(
                        number,
                        name,
                        video,
                        audio,
                        transports,
                        loss,
                        reordering,
                        jitterMillis,
                        rebootSeconds,
                        whole(key, value));
            default ->
                throw new IllegalArgumentException(
                        "unknown camera property " + key
                                + "; known are name, codec, size, fps, gop, rate, audio, transport, loss, reorder, jitter, reboot, packet");
        };
    }

    /** Frames of a GOP that lasts so many seconds. */
    public static int gopFrames(double seconds, int framesPerSecond) {
        return (int) Math.max(1, Math.round(seconds * framesPerSecond));
    }

    private CameraSpec withVideo(VideoFormat format) {
        return new CameraSpec(
                number, name, format, audio, transports, loss, reordering, jitterMillis, rebootSeconds, packetBytes);
    }

    private CameraSpec withSize(String value) {
        String[] parts = value.split("x", -1);
        if (parts.length != 2) {
            throw new IllegalArgumentException("size must look like 1280x720, not " + value);
        }
        return withVideo(new VideoFormat(
                video.codec(),
                whole("size", parts[0]),
                whole("size", parts[1]),
                video.framesPerSecond(),
                video.gopFrames(),
                video.bitsPerSecond()));
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
