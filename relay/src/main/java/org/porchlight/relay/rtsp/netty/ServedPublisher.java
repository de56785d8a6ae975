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
import org.porchlight.relay.codec.TrackFormat;
import org.porchlight.relay.metrics.Counter;
import org.porchlight.relay.metrics.Level;
import org.porchlight.relay.rtsp.NumberPair;
import org.porchlight.relay.rtsp.server.Refusal;
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

    private final List<PortPair> ports = new ArrayList<>();
    /** Index in the stream of a track by its index in the announcement. */
    private final int[] streamTrack = new int[StreamDescription.MAX_TRACKS];

    private @Nullable Ingest ingest;
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
    }

    /** @param onMedia told the time for each packet that came by UDP */
    ServedPublisher(Channel channel, ServerLoop loop, RtspServerSettings settings, LongConsumer onMedia) {
        this.channel = channel;
        this.loop = loop;
        this.settings = settings;
        this.onMedia = onMedia;
        Arrays.fill(streamTrack, NO_TRACK);
    }

    void openPorts(int announcedTrack, Consumer<@Nullable NumberPair> ready) {
        InetAddress local = ((InetSocketAddress) channel.localAddress()).getAddress();
        PortPair.open(loop.loop, local, rtcpPort -> receiver(announcedTrack, rtcpPort), opened -> {
            if (opened != null && ended) {
                opened.close();
                return;
            }
            if (opened != null) {
                ports.add(opened);
            }
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

    void record(
            Stream stream,
            List<TrackFormat> formats,
            List<Integer> announced,
            boolean ordered,
            boolean replace,
            Told told) {
        IngestOptions options = new IngestOptions(ordered, replace, () -> {
            if (!ended) {
                forget();
                told.onReplaced();
            }
        });
        stream.attach(loop.loop, new StreamDescription(formats), options).whenComplete((opened, failure) -> {
            assert loop.loop.inEventLoop();
            if (opened == null) {
                told.onRefused(refusalOf(failure));
            } else if (ended) {
                opened.close();
            } else {
                ingest = opened;
                for (int i = 0; i < announced.size(); i++) {
                    streamTrack[announced.get(i)] = i;
                }
                loop.counters.increment(Counter.PUBLISHERS_OPENED);
                loop.counters.adjust(Level.PUBLISHERS, 1);
                told.onRecording();
            }
        });
    }

    boolean usesUdp() {
        return !ports.isEmpty();
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
        if (open == null) {
            return;
        }
        if (rtcp) {
            open.rtcp(track, slab, offset, length, now);
        } else {
            count(length, now);
            open.packet(track, slab, offset, length, now);
        }
    }

    /** A packet that lies elsewhere. */
    void copied(int track, boolean rtcp, ByteBuf src, int offset, int length, long now) {
        Ingest open = ingest;
        if (open == null) {
            return;
        }
        if (rtcp) {
            open.rtcp(track, src, offset, length, now);
        } else {
            count(length, now);
            open.datagram(track, src, offset, length, now);
        }
    }

    private void count(int length, long now) {
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

    /** When packets that wait for missing ones are to be given up; {@link Long#MAX_VALUE}: none wait. */
    long nextDeadlineNanos() {
        Ingest open = ingest;
        return open == null ? Long.MAX_VALUE : open.nextDeadlineNanos();
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
        ports.forEach(PortPair::close);
        ports.clear();
        Ingest open = ingest;
        forget();
        if (open != null) {
            open.close();
        }
    }

    private void forget() {
        if (ingest != null) {
            loop.counters.adjust(Level.PUBLISHERS, -1);
        }
        ingest = null;
        Arrays.fill(streamTrack, NO_TRACK);
    }
}
