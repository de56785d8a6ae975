package org.porchlight.bench.media;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;

/** Encodes one H.265 clip by the system's ffmpeg program: raw pictures into its standard input, annex B out of its standard output. */
final class FfmpegProcess {
    private static final int LIMIT_SECONDS = 120;

    private FfmpegProcess() {}

    static boolean isUsable() {
        try {
            Process process = new ProcessBuilder(
                            "ffmpeg", "-hide_banner", "-loglevel", "error", "-h", "encoder=libx265")
                    .redirectErrorStream(true)
                    .start();
            process.getOutputStream().close();
            String answer =
                    new String(process.getInputStream().readAllBytes(), java.nio.charset.StandardCharsets.UTF_8);
            return process.waitFor() == 0 && answer.contains("Encoder libx265");
        } catch (IOException e) {
            return false;
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            return false;
        }
    }

    static List<EncodedFrame> encodeHevc(VideoFormat format, int frames, long bitsPerSecond) throws IOException {
        long kilobits = Math.max(16, bitsPerSecond / 1_000);
        int gop = format.gopFrames();
        Process process = new ProcessBuilder(
                        "ffmpeg",
                        "-hide_banner",
                        "-loglevel",
                        "error",
                        "-f",
                        "rawvideo",
                        "-pix_fmt",
                        "yuv420p",
                        "-s",
                        format.width() + "x" + format.height(),
                        "-r",
                        String.valueOf(format.framesPerSecond()),
                        "-i",
                        "pipe:0",
                        "-c:v",
                        "libx265",
                        "-preset",
                        "ultrafast",
                        "-tune",
                        "zerolatency",
                        "-b:v",
                        kilobits + "k",
                        "-x265-params",
                        "log-level=none:repeat-headers=1:bframes=0:scenecut=0:open-gop=0:slices=1:keyint=" + gop
                                + ":min-keyint=" + gop + ":vbv-maxrate=" + kilobits + ":vbv-bufsize=" + kilobits,
                        "-f",
                        "hevc",
                        "pipe:1")
                .redirectError(ProcessBuilder.Redirect.DISCARD)
                .start();
        try {
            CompletableFuture<byte[]> stream = CompletableFuture.supplyAsync(() -> readAll(process.getInputStream()));
            try (OutputStream pictures = process.getOutputStream()) {
                var iterator = ClipPictures.frames(format, frames).iterator();
                while (iterator.hasNext()) {
                    TestPicture picture = iterator.next();
                    pictures.write(picture.luma());
                    pictures.write(picture.cb());
                    pictures.write(picture.cr());
                }
            }
            if (!process.waitFor(LIMIT_SECONDS, TimeUnit.SECONDS) || process.exitValue() != 0) {
                throw new IOException("ffmpeg with libx265 failed or took more than " + LIMIT_SECONDS + " s");
            }
            return accessUnits(AnnexB.nalUnits(stream.join()));
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new IOException("interrupted while ffmpeg encoded a clip", e);
        } finally {
            process.destroyForcibly();
        }
    }

    private static byte[] readAll(InputStream in) {
        ByteArrayOutputStream all = new ByteArrayOutputStream();
        try (in) {
            in.transferTo(all);
        } catch (IOException e) {
            throw new java.io.UncheckedIOException(e);
        }
        return all.toByteArray();
    }

    /** One slice per picture was asked for, so every slice with first_slice_segment_in_pic_flag (H.265 7.3.6.1) ends an access unit. */
    static List<EncodedFrame> accessUnits(List<byte[]> nalUnits) {
        List<EncodedFrame> frames = new ArrayList<>();
        List<byte[]> unit = new ArrayList<>();
        for (byte[] nal : nalUnits) {
            unit.add(nal);
            if (ParameterSets.nalType(true, nal) < 32) {
                frames.add(new EncodedFrame(unit, ParameterSets.isKeyframeSlice(true, nal)));
                unit = new ArrayList<>();
            }
        }
        return frames;
    }
}
