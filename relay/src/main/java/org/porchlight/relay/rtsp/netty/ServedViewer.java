package org.porchlight.relay.rtsp.netty;

import io.netty.buffer.ByteBuf;
import io.netty.channel.Channel;
import io.netty.channel.epoll.EpollSocketChannel;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;
import org.porchlight.relay.admission.Rendition;
import org.porchlight.relay.egress.ByteTransport;
import org.porchlight.relay.egress.DatagramViewer;
import org.porchlight.relay.egress.StreamViewer;
import org.porchlight.relay.egress.ViewKey;
import org.porchlight.relay.egress.Viewer;
import org.porchlight.relay.egress.ViewerFeedback;
import org.porchlight.relay.egress.ViewerListener;
import org.porchlight.relay.egress.ViewerSetting;
import org.porchlight.relay.egress.netty.GatheringSocket;
import org.porchlight.relay.egress.netty.PipelineTransport;
import org.porchlight.relay.metrics.Level;
import org.porchlight.relay.metrics.Timing;
import org.porchlight.relay.rtsp.NumberPair;
import org.porchlight.relay.rtsp.TransportSpec;
import org.porchlight.relay.rtsp.server.TrackSetup;
import org.porchlight.relay.rtsp.server.TrackStart;
import org.porchlight.relay.stream.Stream;
import org.porchlight.relay.stream.StreamDescription;
import org.porchlight.relay.stream.TrackPosition;

/** The viewer behind one connection, over its pauses. Owner: the connection's loop; the connection closes it. */
final class ServedViewer {
    private final Channel channel;
    private final ServerLoop loop;
    private final RtspServerSettings settings;
    private final boolean plainTcp;
    private final Runnable onLifeSign;

    private ServerLoop.@Nullable ViewerPorts ports;
    private final List<InetSocketAddress> registered = new ArrayList<>();
    private @Nullable Viewer viewer;
    private @Nullable ViewerFeedback feedback;
    private boolean udp;
    private long packets;
    private long bytes;
    private long lastSendNanos = Long.MIN_VALUE;

    /** What becomes of a viewer. */
    interface Told {
        /** Media follow right behind this call. */
        void onStart(List<TrackStart> first);

        /** It has ended by itself: too slow, the stream is over, the socket is gone. */
        void onEnd(String reason, boolean abrupt);
    }

    /** @param plainTcp bytes may pass the channel's pipeline by */
    ServedViewer(Channel channel, ServerLoop loop, RtspServerSettings settings, boolean plainTcp, Runnable onLifeSign) {
        this.channel = channel;
        this.loop = loop;
        this.settings = settings;
        this.plainTcp = plainTcp;
        this.onLifeSign = onLifeSign;
    }

    /** Has our ports ready for media by UDP; null: there are none. */
    void openPorts(Consumer<@Nullable NumberPair> ready) {
        InetAddress local = ((InetSocketAddress) channel.localAddress()).getAddress();
        loop.viewerPorts(local, opened -> {
            ports = opened;
            ready.accept(opened == null ? null : opened.pair().numbers());
        });
    }

    void play(Stream stream, List<TrackSetup> tracks, Told told) {
        pause();
        ViewerListener listener = new ViewerListener() {
            private boolean started;

            @Override
            public void onStart(List<TrackPosition> first) {
                started = true;
                loop.counters.adjust(Level.VIEWERS, 1);
                told.onStart(starts(first, tracks));
            }

            @Override
            public void onFirstKeyframe(long nanos) {
                settings.timings().accept(Timing.FIRST_KEYFRAME, nanos);
            }

            @Override
            public void onEnd(String reason, boolean abrupt) {
                if (started) {
                    loop.counters.adjust(Level.VIEWERS, -1);
                }
                if (viewer != null) {
                    told.onEnd(reason, abrupt);
                }
            }
        };
        ViewerSetting setting = new ViewerSetting(
                loop.loop,
                stream,
                listener,
                settings.staleness().get(),
                loop.counters,
                settings.hub().settings().nanoTime(),
                stream.rendition() == Rendition.MAIN ? settings.hub().find(stream.camera(), Rendition.SUB) : null);
        udp = tracks.get(0).transport().lower() == TransportSpec.Lower.UDP;
        Viewer made = udp ? datagrams(setting, tracks) : interleaved(setting, tracks);
        viewer = made;
        feedback = new ViewerFeedback(made, loop.counters);
        made.start();
    }

    /**
     * RTCP of the client has come.
     *
     * @param buf borrowed; one compound packet at {@code [offset, offset + length)}
     */
    void feedback(ByteBuf buf, int offset, int length) {
        ViewerFeedback listening = feedback;
        if (listening != null) {
            listening.receive(buf, offset, length, settings.nowNanos());
        }
    }

    private Viewer interleaved(ViewerSetting setting, List<TrackSetup> tracks) {
        int[] channels = new int[StreamDescription.MAX_TRACKS];
        Arrays.fill(channels, -1);
        for (TrackSetup track : tracks) {
            NumberPair pair = track.transport().interleaved();
            if (pair != null) {
                channels[track.track()] = pair.first();
            }
        }
        ByteTransport transport = plainTcp && channel instanceof EpollSocketChannel socket
                ? new GatheringSocket(socket, loop.vector)
                : new PipelineTransport(channel);
        return new StreamViewer(setting, ViewKey.interleaved(channels), transport, loop.pieces);
    }

    private Viewer datagrams(ViewerSetting setting, List<TrackSetup> tracks) {
        ServerLoop.ViewerPorts open = ports;
        if (open == null) {
            throw new IllegalStateException("a UDP viewer plays without ports");
        }
        InetAddress remote = ((InetSocketAddress) channel.remoteAddress()).getAddress();
        List<DatagramViewer.@Nullable Destination> destinations = new ArrayList<>();
        int mask = 0;
        for (TrackSetup track : tracks) {
            NumberPair client = track.transport().clientPort();
            if (client == null) {
                continue;
            }
            while (destinations.size() < track.track()) {
                destinations.add(null);
            }
            InetSocketAddress rtcp = new InetSocketAddress(remote, client.second());
            destinations.add(new DatagramViewer.Destination(new InetSocketAddress(remote, client.first()), rtcp));
            mask |= 1 << track.track();
            open.register(rtcp, packet -> {
                onLifeSign.run();
                feedback(packet, packet.readerIndex(), packet.readableBytes());
            });
            registered.add(rtcp);
        }
        return new DatagramViewer(setting, ViewKey.datagrams(mask), open.sender(), destinations);
    }

    private static List<TrackStart> starts(List<TrackPosition> first, List<TrackSetup> tracks) {
        List<TrackStart> starts = new ArrayList<>(tracks.size());
        for (TrackSetup track : tracks) {
            if (track.track() < first.size()) {
                TrackPosition position = first.get(track.track());
                starts.add(
                        position.started()
                                ? new TrackStart(
                                        track.track(),
                                        position.nextSequenceNumber() & 0xffff,
                                        Integer.toUnsignedLong(position.rtpTimestamp()))
                                : new TrackStart(track.track(), -1, -1));
            }
        }
        return starts;
    }

    /** Leaves the stream without telling; {@link #play} may follow. */
    void pause() {
        end("paused", false);
    }

    /** Leaves the stream without telling; may be repeated. */
    void end(String reason, boolean abrupt) {
        Viewer leaving = viewer;
        viewer = null;
        feedback = null;
        if (leaving != null) {
            leaving.close(reason, abrupt);
            packets += leaving.sentPackets();
            bytes += leaving.sentBytes();
            lastSendNanos = leaving.lastSendNanos() == Long.MIN_VALUE ? lastSendNanos : leaving.lastSendNanos();
        }
        ServerLoop.ViewerPorts open = ports;
        if (open != null) {
            registered.forEach(open::unregister);
        }
        registered.clear();
    }

    boolean isPlaying() {
        return viewer != null;
    }

    /** RTP packets sent so far. */
    long packets() {
        Viewer playing = viewer;
        return packets + (playing == null ? 0 : playing.sentPackets());
    }

    long bytes() {
        Viewer playing = viewer;
        return bytes + (playing == null ? 0 : playing.sentBytes());
    }

    /** Times it was dropped to a keyframe, and where it stands on the ladder, in the playing that goes on. */
    long drops() {
        Viewer playing = viewer;
        return playing == null ? 0 : playing.drops();
    }

    String rung() {
        Viewer playing = viewer;
        return playing == null ? "" : playing.rung();
    }

    /** Whether it plays, or played last, over UDP. */
    boolean usesUdp() {
        return udp;
    }

    /** When the last packet was handed to the kernel; {@link Long#MIN_VALUE}: never. */
    long lastSendNanos() {
        Viewer playing = viewer;
        return playing == null || playing.lastSendNanos() == Long.MIN_VALUE ? lastSendNanos : playing.lastSendNanos();
    }
}
