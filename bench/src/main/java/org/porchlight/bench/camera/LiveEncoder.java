package org.porchlight.bench.camera;

import java.time.LocalTime;
import java.time.ZoneId;
import java.time.format.DateTimeFormatter;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.locks.LockSupport;
import org.jspecify.annotations.Nullable;
import org.porchlight.bench.media.Encoders;
import org.porchlight.bench.media.TestPicture;
import org.porchlight.bench.media.VideoEncoder;
import org.porchlight.bench.media.VideoFormat;
import org.porchlight.bench.packet.FrameTemplate;
import org.porchlight.bench.packet.VideoPacketizer;

/**
 * Encodes one camera's picture with a true clock while somebody watches it. A thread of its own paints, encodes and cuts; listeners
 * take the finished packets to their event loops.
 */
public final class LiveEncoder implements AutoCloseable {
    private static final DateTimeFormatter CLOCK = DateTimeFormatter.ofPattern("HH:mm:ss.SSS");
    private static final long IDLE_NANOS = 20_000_000L;

    private final String title;
    private final VideoFormat format;
    private final VideoEncoder encoder;
    private final TestPicture picture;
    private final VideoPacketizer packetizer;
    private final List<Listener> listeners = new CopyOnWriteArrayList<>();
    private @Nullable Thread thread;
    private volatile boolean keyframeWanted;
    private volatile boolean closed;

    /** Takes frames, on the encoder's thread; must hand over and return. */
    public interface Listener {
        void onFrame(FrameTemplate template);
    }

    private LiveEncoder(CameraSpec spec, VideoEncoder encoder) {
        title = spec.name() + " " + spec.video().codec() + " " + spec.transports();
        format = spec.video();
        this.encoder = encoder;
        picture = new TestPicture(format.width(), format.height(), spec.number(), false);
        packetizer = new VideoPacketizer(format.isHevc(), CameraMedia.VIDEO_PAYLOAD_TYPE, spec.packetBytes());
    }

    /** Null when no encoder for this codec can be fed frame by frame. */
    public static @Nullable LiveEncoder open(CameraSpec spec) {
        return Encoders.live(spec.video(), spec.video().bitsPerSecond())
                .map(encoder -> new LiveEncoder(spec, encoder))
                .orElse(null);
    }

    /** Starts the thread. */
    public synchronized void start() {
        if (thread == null) {
            thread = new Thread(this::run, "encoder " + title);
            thread.setDaemon(true);
            thread.start();
        }
    }

    /** The listener's first frame will be a keyframe, made for it. */
    public void add(Listener listener) {
        listeners.add(listener);
        keyframeWanted = true;
    }

    public void remove(Listener listener) {
        listeners.remove(listener);
    }

    private void run() {
        long start = System.nanoTime();
        long frame = 0;
        try (encoder) {
            while (!closed) {
                if (listeners.isEmpty()) {
                    LockSupport.parkNanos(IDLE_NANOS);
                    frame = (System.nanoTime() - start) / format.frameNanos() + 1;
                    continue;
                }
                long wait = start + frame * format.frameNanos() - System.nanoTime();
                if (wait > 0) {
                    LockSupport.parkNanos(wait);
                    continue;
                }
                encodeOne(frame);
                // A machine that cannot keep up shows fewer frames, at the right time.
                frame = Math.max(frame + 1, (System.nanoTime() - start) / format.frameNanos());
            }
        }
    }

    private void encodeOne(long frame) {
        boolean keyframe = keyframeWanted;
        keyframeWanted = false;
        picture.paint(title, LocalTime.now(ZoneId.systemDefault()).format(CLOCK), frame, format.framesPerSecond());
        FrameTemplate template = packetizer.packetize(encoder.encode(picture, keyframe), 0);
        for (Listener listener : listeners) {
            listener.onFrame(template);
        }
    }

    @Override
    public void close() {
        closed = true;
    }
}
