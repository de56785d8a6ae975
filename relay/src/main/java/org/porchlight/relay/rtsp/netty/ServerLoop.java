package org.porchlight.relay.rtsp.netty;

import io.netty.buffer.ByteBuf;
import io.netty.channel.ChannelHandler;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.EventLoop;
import io.netty.channel.SimpleChannelInboundHandler;
import io.netty.channel.socket.DatagramPacket;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;
import org.porchlight.relay.egress.Pieces;
import org.porchlight.relay.egress.netty.GatheringSocket;
import org.porchlight.relay.egress.netty.UdpSender;
import org.porchlight.relay.metrics.Counter;
import org.porchlight.relay.metrics.LoopCounters;

/**
 * What the connections of one loop share: scratch for sending, and for UDP viewers one pair of ports for each address of ours that they
 * came to, so that media comes from the address that the client knows. Owner: that loop.
 */
final class ServerLoop {
    final EventLoop loop;
    final LoopCounters counters;
    final Pieces pieces = new Pieces();
    final GatheringSocket.IoVector vector = new GatheringSocket.IoVector();
    private final Map<InetAddress, ViewerPorts> viewerPorts = new HashMap<>();
    /** Of all UDP ports of the loop's viewers and publishers. */
    final ReusedReads datagramReads = new ReusedReads();

    private boolean closed;

    ServerLoop(EventLoop loop, LoopCounters counters) {
        this.loop = loop;
        this.counters = counters;
    }

    /**
     * The ports by which viewers that came to this address get their media, opened for the first of them.
     *
     * @param ready gets them now or later on the loop; null: there are none
     */
    void viewerPorts(InetAddress local, Consumer<@Nullable ViewerPorts> ready) {
        assert loop.inEventLoop();
        ViewerPorts ports = viewerPorts.computeIfAbsent(local, address -> new ViewerPorts());
        ports.whenOpen(local, ready);
    }

    void close() {
        closed = true;
        viewerPorts.values().forEach(ViewerPorts::close);
        viewerPorts.clear();
        datagramReads.close();
    }

    /** A viewer that says something by RTCP. */
    @FunctionalInterface
    interface RtcpListener {
        /** @param packet borrowed; its readable bytes are one compound packet */
        void onRtcp(ByteBuf packet);
    }

    /** One pair of ports and the viewers behind it, by the address from which their RTCP comes. */
    final class ViewerPorts {
        private final Map<InetSocketAddress, RtcpListener> listeners = new HashMap<>();
        private final List<Consumer<@Nullable ViewerPorts>> waiting = new ArrayList<>();
        private @Nullable PortPair pair;
        private @Nullable UdpSender sender;

        private void whenOpen(InetAddress local, Consumer<@Nullable ViewerPorts> ready) {
            if (pair != null) {
                ready.accept(this);
                return;
            }
            waiting.add(ready);
            if (waiting.size() == 1) {
                PortPair.open(loop, local, datagramReads, this::handlerFor, opened -> onOpened(local, opened));
            }
        }

        private void onOpened(InetAddress local, @Nullable PortPair opened) {
            if (opened != null && closed) {
                opened.close();
            } else if (opened != null) {
                pair = opened;
                sender = new UdpSender(opened.rtp(), opened.rtcp());
            }
            if (pair == null) {
                viewerPorts.remove(local);
            }
            List<Consumer<@Nullable ViewerPorts>> told = List.copyOf(waiting);
            waiting.clear();
            told.forEach(ready -> ready.accept(pair == null ? null : this));
        }

        private ChannelHandler handlerFor(boolean rtcpPort) {
            return new SimpleChannelInboundHandler<DatagramPacket>() {
                @Override
                protected void channelRead0(ChannelHandlerContext ctx, DatagramPacket packet) {
                    // What comes to the RTP port opens a way through the client's NAT and says nothing.
                    RtcpListener listener = rtcpPort ? listeners.get(packet.sender()) : null;
                    if (listener != null) {
                        listener.onRtcp(packet.content());
                    } else if (rtcpPort) {
                        counters.increment(Counter.DISCARDED_SENDER);
                    }
                }

                @Override
                public void exceptionCaught(ChannelHandlerContext ctx, Throwable cause) {
                    // A port unreachable of one viewer; the socket serves all others and stays.
                }
            };
        }

        PortPair pair() {
            return open(pair);
        }

        UdpSender sender() {
            return open(sender);
        }

        private <T> T open(@Nullable T part) {
            if (part == null) {
                throw new IllegalStateException("viewers' ports are used before they are open");
            }
            return part;
        }

        /** From now on RTCP from there is one viewer's. */
        void register(InetSocketAddress rtcpSource, RtcpListener listener) {
            listeners.put(rtcpSource, listener);
        }

        void unregister(InetSocketAddress rtcpSource) {
            listeners.remove(rtcpSource);
        }

        private void close() {
            PortPair open = pair;
            if (open != null) {
                open.close();
            }
        }
    }
}
