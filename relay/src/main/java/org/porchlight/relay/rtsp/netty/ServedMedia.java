package org.porchlight.relay.rtsp.netty;

import io.netty.buffer.ByteBuf;
import io.netty.channel.Channel;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.porchlight.relay.admission.Rendition;
import org.porchlight.relay.buffer.SlabPool;
import org.porchlight.relay.codec.TrackFormat;
import org.porchlight.relay.metrics.Timing;
import org.porchlight.relay.rtsp.NumberPair;
import org.porchlight.relay.rtsp.TransportSpec;
import org.porchlight.relay.rtsp.server.Refusal;
import org.porchlight.relay.rtsp.server.RtspServerSession;
import org.porchlight.relay.rtsp.server.TrackSetup;
import org.porchlight.relay.rtsp.server.TrackStart;
import org.porchlight.relay.stream.PublishRule;
import org.porchlight.relay.stream.Stream;
import org.porchlight.relay.stream.StreamException;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Between one session and the hub: asks for descriptions, and is the session's viewer or publisher when it has one. Answers go to the
 * session that asked. Owner: the connection's loop.
 */
final class ServedMedia {
    private static final Logger LOG = LoggerFactory.getLogger(ServedMedia.class);

    private final ServerConnection connection;
    private final Channel channel;
    private final ServerLoop loop;
    private final RtspServerSettings settings;
    private final boolean encrypted;

    private @Nullable ServedViewer viewer;
    private @Nullable ServedPublisher publisher;

    ServedMedia(ServerConnection connection, ServerLoop loop, RtspServerSettings settings, boolean encrypted) {
        this.connection = connection;
        this.channel = connection.channel();
        this.loop = loop;
        this.settings = settings;
        this.encrypted = encrypted;
    }

    @Nullable
    ServedViewer viewer() {
        return viewer;
    }

    @Nullable
    ServedPublisher publisher() {
        return publisher;
    }

    /** Lets go of viewer and publisher, which the caller ends. */
    void forget() {
        viewer = null;
        publisher = null;
    }

    private ServedViewer servedViewer() {
        ServedViewer known = viewer;
        if (known == null) {
            RtspServerSession session = connection.session();
            known = new ServedViewer(
                    channel, loop, settings, !encrypted, () -> session.onLifeSign(settings.nowNanos()));
            viewer = known;
        }
        return known;
    }

    private ServedPublisher servedPublisher() {
        ServedPublisher known = publisher;
        if (known == null) {
            RtspServerSession session = connection.session();
            known = new ServedPublisher(channel, loop, settings, now -> {
                session.onMedia(now);
                connection.arm();
            });
            publisher = known;
        }
        return known;
    }

    // ---- descriptions and ports

    void describe(int question, String camera, Rendition rendition) {
        RtspServerSession session = connection.session();
        Stream stream = settings.hub().find(camera, rendition);
        if (stream == null) {
            session.onRefused(question, Refusal.NO_SUCH_STREAM, settings.nowNanos());
            return;
        }
        boolean mustWait = stream.state() == Stream.State.IDLE || stream.knownDescription() == null;
        long askedNanos = settings.nowNanos();
        stream.describe()
                .whenComplete((description, failure) -> connection.onLoop(() -> {
                    long now = settings.nowNanos();
                    if (description == null) {
                        session.onRefused(question, refusalOf(failure), now);
                        return;
                    }
                    if (mustWait) {
                        settings.timings().accept(Timing.DESCRIBE_WAIT, now - askedNanos);
                    }
                    session.onDescription(question, description.tracks(), now);
                }));
    }

    private static Refusal refusalOf(@Nullable Throwable failure) {
        boolean ended = failure instanceof StreamException known && known.reason() == StreamException.Reason.ENDED;
        return ended ? Refusal.NO_SUCH_STREAM : Refusal.NO_SOURCE;
    }

    void openPorts(int question, int track, boolean publishes) {
        if (publishes) {
            servedPublisher().openPorts(track, ports -> onPorts(question, ports));
        } else {
            servedViewer().openPorts(ports -> onPorts(question, ports));
        }
    }

    private void onPorts(int question, @Nullable NumberPair ports) {
        if (ports == null) {
            connection.session().onRefused(question, Refusal.NO_PORTS, settings.nowNanos());
        } else {
            connection.session().onPorts(question, ports, settings.nowNanos());
        }
        connection.arm();
    }

    // ---- viewers

    void play(int question, String camera, Rendition rendition, List<TrackSetup> tracks) {
        RtspServerSession session = connection.session();
        Stream stream = settings.hub().find(camera, rendition);
        if (stream == null) {
            session.onRefused(question, Refusal.NO_SUCH_STREAM, settings.nowNanos());
            return;
        }
        servedViewer().play(stream, tracks, new ServedViewer.Told() {
            private boolean started;

            @Override
            public void onStart(List<TrackStart> first) {
                started = true;
                session.onPlaying(question, first, settings.nowNanos());
                connection.arm();
            }

            @Override
            public void onEnd(String reason, boolean abrupt) {
                if (started) {
                    session.close(reason, abrupt);
                } else {
                    servedViewer().pause();
                    session.onRefused(question, Refusal.NO_SOURCE, settings.nowNanos());
                }
            }
        });
    }

    void pause() {
        servedViewer().pause();
    }

    // ---- publishers

    void record(
            int question,
            String camera,
            Rendition rendition,
            List<TrackFormat> formats,
            List<TrackSetup> tracks,
            List<Integer> announced) {
        RtspServerSession session = connection.session();
        PublishRule rule = settings.publishRule().apply(camera);
        Stream stream = rule == PublishRule.OFF ? null : open(camera, rendition);
        if (stream == null) {
            Refusal refusal = rule == PublishRule.OFF ? Refusal.NOT_PUBLISHABLE : Refusal.NO_SUCH_STREAM;
            session.onRefused(question, refusal, settings.nowNanos());
            return;
        }
        boolean tcp = tracks.get(0).transport().lower() == TransportSpec.Lower.TCP;
        boolean replace = rule == PublishRule.REPLACE;
        servedPublisher().record(stream, formats, tracks, announced, replace, new ServedPublisher.Told() {
            @Override
            public void onRecording() {
                if (tcp) {
                    connection.readIntoSlabs(SlabPool.MIN_SLAB_BYTES * 4);
                }
                session.onRecording(question, settings.nowNanos());
                connection.arm();
            }

            @Override
            public void onRefused(Refusal refusal) {
                session.onRefused(question, refusal, settings.nowNanos());
            }

            @Override
            public void onReplaced() {
                session.close("replaced", false);
            }

            @Override
            public void onFlood() {
                session.close("flood", true);
            }
        });
    }

    private @Nullable Stream open(String camera, Rendition rendition) {
        try {
            return settings.hub().open(camera, rendition);
        } catch (IllegalStateException e) {
            LOG.warn("no stream for publisher of {}: {}", camera, e.getMessage());
            return null;
        }
    }

    /** One packet of the publisher, in the buffer that is being read. */
    void interleaved(int track, boolean rtcp, ConnectionReads reads, int offset, int length) {
        ServedPublisher recording = publisher;
        if (recording == null) {
            return;
        }
        ByteBuf in = reads.currentView();
        if (reads.isInSlab()) {
            recording.inSlab(track, rtcp, in, offset, length, reads.nowNanos());
        } else {
            recording.copied(track, rtcp, in, offset, length, reads.nowNanos());
        }
    }

    /** RTCP of a viewer that has its media over the connection. */
    void feedback(ConnectionReads reads, int offset, int length) {
        ServedViewer watching = viewer;
        if (watching != null) {
            watching.feedback(reads.currentView(), offset, length);
        }
    }

    /** Everything that was there has been read. */
    void endOfRead(ConnectionReads reads, long now) {
        ServedPublisher recording = publisher;
        if (recording != null) {
            recording.endOfRead(now);
            reads.resizeSlabs(recording.suggestedSlabBytes());
        }
    }

    /** When to call {@link #onDeadline}; {@link Long#MAX_VALUE}: never. */
    long nextDeadlineNanos() {
        ServedPublisher recording = publisher;
        return recording == null ? Long.MAX_VALUE : recording.nextDeadlineNanos();
    }

    void onDeadline(long now) {
        ServedPublisher recording = publisher;
        if (recording != null) {
            recording.onDeadline(now);
        }
    }
}
