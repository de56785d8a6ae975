package org.porchlight.relay.rtsp.netty;

import io.netty.buffer.ByteBuf;
import io.netty.channel.Channel;
import io.netty.channel.ChannelHandler;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.SimpleChannelInboundHandler;
import io.netty.channel.socket.DatagramPacket;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.function.Consumer;
import java.util.function.LongConsumer;
import org.jspecify.annotations.Nullable;
import org.porchlight.relay.codec.MediaKind;
import org.porchlight.relay.codec.TrackFormat;
import org.porchlight.relay.metrics.Counter;
import org.porchlight.relay.metrics.Level;
import org.porchlight.relay.rtsp.NumberPair;
import org.porchlight.relay.rtsp.TransportSpec;
import org.porchlight.relay.rtsp.server.Refusal;
import org.porchlight.relay.rtsp.server.TrackSetup;
import org.porchlight.relay.stream.FloodGauge;
import org.porchlight.relay.stream.Ingest;
import org.porchlight.relay.stream.IngestOptions;
import org.porchlight.relay.stream.Stream;
import org.porchlight.relay.stream.StreamDescription;
import org.porchlight.relay.stream.StreamException;

/** The publisher behind one connection: its ports, and its way into a stream. Owner: the connection's loop; the connection closes it. */
final class ServedPublisher {
    private static final int NO_TRACK = -1;

    private final Channel channel;
    private final ServerLoop loop;
    private final RtspServerSettings settings;
    private final LongConsumer onMedia;

    /** By the track's index in the announcement. */
    private final @Nullable PortPair[] ports = new @Nullable PortPair[StreamDescription.MAX_TRACKS];
    /** Index in the stream of a track by its index in the announcement. */
    private final int[] streamTrack = new int[StreamDescription.MAX_TRACKS];

    private @Nullable Ingest ingest;
    private @Nullable PublisherReports reports;
    private @Nullable FloodGauge flood;
    private @Nullable Told listener;
    private boolean udp;
    private int videoTrack = NO_TRACK;
    private boolean ended;
    private long packets;
    private long bytes;
    private long lastPacketNanos = Long.MIN_VALUE;

    /** What becomes of a publisher. */
    interface Told {
        void onRecording();

        void onRefused(Refusal refusal);

        /** Another one has taken over, or the camera is no more. */
        void onReplaced();

        /** It sends more than the camera may. */
        void onFlood();
    }

    /** @param onMedia told the time for each packet that came by UDP */
    ServedPublisher(Channel channel, ServerLoop loop, RtspServerSettings settings, LongConsumer onMedia) {
        this.channel = channel;
        this.loop = loop;
        this.settings = settings;
        this.onMedia = onMedia;
        Arrays.fill(streamTrack, NO_TRACK);
    }

    /** Has ports of ours ready for a track; the same when it is asked again. */
    void openPorts(int announcedTrack, Consumer<@Nullable NumberPair> ready) {
        PortPair known = ports[announcedTrack];
        if (known != null) {
            ready.accept(known.numbers());
            return;
        }
        InetAddress local = ((InetSocketAddress) channel.localAddress()).getAddress();
        PortPair.Handlers receivers = rtcpPort -> receiver(announcedTrack, rtcpPort);
        PortPair.open(loop.loop, local, loop.datagramReads, receivers, opened -> {
            if (opened != null && ended) {
                opened.close();
                return;
            }
            ports[announcedTrack] = opened;
            ready.accept(opened == null ? null : opened.numbers());
        });
    }

    private ChannelHandler receiver(int announcedTrack, boolean rtcpPort) {
        InetAddress publisher = ((InetSocketAddress) channel.remoteAddress()).getAddress();
        return new SimpleChannelInboundHandler<DatagramPacket>() {
            @Override
            protected void channelRead0(ChannelHandlerContext ctx, DatagramPacket packet) {
                int track = streamTrack[announcedTrack];
                if (!packet.sender().getAddress().equals(publisher)) {
                    loop.counters.increment(Counter.DISCARDED_SENDER);
                } else if (track != NO_TRACK) {
                    long now = settings.nowNanos();
                    onMedia.accept(now);
                    ByteBuf content = packet.content();
                    copied(track, rtcpPort, content, content.readerIndex(), content.readableBytes(), now);
                }
            }

            @Override
            public void channelReadComplete(ChannelHandlerContext ctx) {
                endOfRead(settings.nowNanos());
            }

            @Override
            public void exceptionCaught(ChannelHandlerContext ctx, Throwable cause) {
                // An ICMP error of the network; silence ends the session if it lasts.
            }
        };
    }

    /** @param announced by track of the stream its index in the announcement */
    void record(
            Stream stream,
            List<TrackFormat> formats,
            List<TrackSetup> tracks,
            List<Integer> announced,
            boolean replace,
            Told told) {
        udp = tracks.get(0).transport().lower() == TransportSpec.Lower.UDP;
        videoTrack = videoTrackOf(formats);
        Runnable onReplaced = () -> {
            if (!ended) {
                forget();
                told.onReplaced();
            }
        };
        IngestOptions options = new IngestOptions(!udp, replace, onReplaced, this::requestKeyframe);
        stream.attach(loop.loop, new StreamDescription(formats), options).whenComplete((opened, failure) -> {
            assert loop.loop.inEventLoop();
            if (opened == null) {
                told.onRefused(refusalOf(failure));
            } else if (ended) {
                opened.close();
            } else {
                ingest = opened;
                begin(stream.camera(), tracks, announced);
                listener = told;
                for (int i = 0; i < announced.size(); i++) {
                    streamTrack[announced.get(i)] = i;
                }
                loop.counters.increment(Counter.PUBLISHERS_OPENED);
                loop.counters.adjust(Level.PUBLISHERS, 1);
                told.onRecording();
            }
        });
    }

    private static int videoTrackOf(List<TrackFormat> formats) {
        for (int i = 0; i < formats.size(); i++) {
            if (formats.get(i).kind() == MediaKind.VIDEO) {
                return i;
            }
        }
        return NO_TRACK;
    }

    /** Asked by the stream, about once a second at most. */
    private boolean requestKeyframe() {
        Ingest open = ingest;
        PublisherReports reporting = reports;
        return open != null
                && reporting != null
                && videoTrack != NO_TRACK
                && reporting.requestKeyframe(videoTrack, open.statistics(videoTrack), settings.nowNanos());
    }

    private void begin(String camera, List<TrackSetup> tracks, List<Integer> announced) {
        long now = settings.nowNanos();
        List<PublisherReports.Way> ways = new ArrayList<>(tracks.size());
        for (int i = 0; i < tracks.size(); i++) {
            TransportSpec transport = tracks.get(i).transport();
            ways.add(
                    udp
                            ? new PublisherReports.Way(null, ports[announced.get(i)], transport.clientPort())
                            : new PublisherReports.Way(transport.interleaved(), null, null));
        }
        reports = new PublisherReports(
                channel, ways, loop.counters, settings.sessionIds().nextInt(), now);
        flood = new FloodGauge(settings.maxBitsPerSecond().applyAsLong(camera), now);
    }

    boolean usesUdp() {
        return udp;
    }

    private static Refusal refusalOf(@Nullable Throwable failure) {
        if (failure instanceof StreamException known) {
            return switch (known.reason()) {
                case OCCUPIED -> Refusal.OCCUPIED;
                case SOURCE_UNAVAILABLE -> Refusal.NO_SOURCE;
                case ENDED -> Refusal.NO_SUCH_STREAM;
            };
        }
        return Refusal.FAILED;
    }

    /** A packet that lies in a slab, with room for a head in front of it. */
    void inSlab(int track, boolean rtcp, ByteBuf slab, int offset, int length, long now) {
        Ingest open = ingest;
        if (open == null || isFlooded(length, now)) {
            return;
        }
        if (rtcp) {
            open.rtcp(track, slab, offset, length, now);
        } else {
            count(track, slab, offset, length, now);
            open.packet(track, slab, offset, length, now);
        }
    }

    /** A packet that lies elsewhere. */
    void copied(int track, boolean rtcp, ByteBuf src, int offset, int length, long now) {
        Ingest open = ingest;
        if (open == null || isFlooded(length, now)) {
            return;
        }
        if (rtcp) {
            open.rtcp(track, src, offset, length, now);
        } else {
            count(track, src, offset, length, now);
            open.datagram(track, src, offset, length, now);
        }
    }

    private boolean isFlooded(int length, long now) {
        FloodGauge gauge = flood;
        Told told = listener;
        if (gauge == null || told == null || gauge.take(length, now)) {
            return false;
        }
        told.onFlood();
        return true;
    }

    private void count(int track, ByteBuf buf, int offset, int length, long now) {
        PublisherReports reporting = reports;
        if (reporting != null) {
            reporting.onRtp(track, buf, offset, length);
        }
        packets++;
        bytes += length;
        lastPacketNanos = now;
    }

    void endOfRead(long now) {
        Ingest open = ingest;
        if (open != null) {
            open.endOfRead(now);
        }
    }

    /** When to call {@link #onDeadline}: packets wait for missing ones, or a report is due; {@link Long#MAX_VALUE}: never. */
    long nextDeadlineNanos() {
        Ingest open = ingest;
        PublisherReports reporting = reports;
        if (open == null || reporting == null) {
            return Long.MAX_VALUE;
        }
        long report = reporting.nextDeadlineNanos();
        long reorder = open.nextDeadlineNanos();
        return reorder == Long.MAX_VALUE || report - reorder < 0 ? report : reorder;
    }

    /** Does what is due. */
    void onDeadline(long now) {
        endOfRead(now);
        Ingest open = ingest;
        PublisherReports reporting = reports;
        if (open != null && reporting != null) {
            reporting.onDeadline(open::statistics, now);
        }
    }

    int suggestedSlabBytes() {
        Ingest open = ingest;
        return open == null ? 0 : open.suggestedSlabBytes();
    }

    boolean isRecording() {
        return ingest != null;
    }

    long packets() {
        return packets;
    }

    long bytes() {
        return bytes;
    }

    /** When the last packet came; {@link Long#MIN_VALUE}: never. */
    long lastPacketNanos() {
        return lastPacketNanos;
    }

    void end() {
        ended = true;
        for (int i = 0; i < ports.length; i++) {
            PortPair open = ports[i];
            ports[i] = null;
            if (open != null) {
                open.close();
            }
        }
        Ingest attached = ingest;
        forget();
        if (attached != null) {
            attached.close();
        }
    }

    private void forget() {
        if (ingest != null) {
            loop.counters.adjust(Level.PUBLISHERS, -1);
        }
        ingest = null;
        reports = null;
        flood = null;
        listener = null;
        Arrays.fill(streamTrack, NO_TRACK);
    }
}
