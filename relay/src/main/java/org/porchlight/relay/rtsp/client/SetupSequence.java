package org.porchlight.relay.rtsp.client;

import io.netty.util.NetUtil;
import java.net.InetAddress;
import java.net.UnknownHostException;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.porchlight.relay.codec.MediaKind;
import org.porchlight.relay.rtsp.NumberPair;
import org.porchlight.relay.rtsp.RtspHeaders;
import org.porchlight.relay.rtsp.RtspResponse;
import org.porchlight.relay.rtsp.RtspStatus;
import org.porchlight.relay.rtsp.TransportHeader;
import org.porchlight.relay.rtsp.TransportSpec;

/**
 * SETUP of one track after the other (RFC 2326 section 10.4): what to ask for, and what the answers mean. Pipelined SETUPs, which many cameras do not
 * survive, are left out. Owner: the loop of the connection.
 */
final class SetupSequence {
    private final CameraMemory memory;
    private final InetAddress camera;
    private DescribedTracks described = new DescribedTracks("", List.of());
    private int offered;
    private final List<ClientTrack> tracks = new ArrayList<>();
    private final List<Integer> rtpChannels = new ArrayList<>();
    private final List<Integer> rtcpChannels = new ArrayList<>();
    private final List<SenderLock> senderLocks = new ArrayList<>();

    /** What to do after an answer. */
    enum Verdict {
        /** Set up the next one, which may be the same track in another way. */
        GO_ON,
        /** Another transport came than asked for, and the connection cannot be used for it. */
        OTHER_TRANSPORT,
        /** The camera refuses the only transport that is allowed. */
        TRANSPORT_REFUSED,
        /** The camera refuses a track that cannot be left out. */
        REFUSED
    }

    SetupSequence(CameraMemory memory, InetAddress camera) {
        this.memory = memory;
        this.camera = camera;
    }

    /** The camera has described its tracks. */
    void begin(DescribedTracks tracksDescribed) {
        described = tracksDescribed;
    }

    /** Whether every track was set up or left out. */
    boolean isOver() {
        return offered == described.tracks().size();
    }

    /** URL for requests that mean all tracks. */
    String aggregateUrl() {
        return described.aggregateUrl();
    }

    /** URL of the track that is next. */
    String nextUrl() {
        return described.tracks().get(offered).controlUrl();
    }

    /** The channels that the next track is to have in the connection. */
    NumberPair nextChannels() {
        int channel = 2 * tracks.size();
        return new NumberPair(channel, channel + 1);
    }

    /** The tracks that are set up; a live view. */
    List<ClientTrack> tracks() {
        return tracks;
    }

    boolean usesUdp() {
        for (int i = 0; i < tracks.size(); i++) {
            if (tracks.get(i).transport() == ClientTrack.Transport.UDP) {
                return true;
            }
        }
        return false;
    }

    /** The tracks' senders, two for each track: of RTP, then of RTCP. */
    List<SenderLock> senderLocks() {
        return senderLocks;
    }

    /** The interleaved channels as they were agreed. */
    ChannelMap channels() {
        return new ChannelMap(
                tracks,
                rtpChannels.stream().mapToInt(Integer::intValue).toArray(),
                rtcpChannels.stream().mapToInt(Integer::intValue).toArray(),
                memory.quirkSink());
    }

    /** The camera has set a track up. */
    Verdict onAccepted(RtspResponse response) {
        TransportSpec spec = chosenTransport(response);
        boolean udp = spec.lower() == TransportSpec.Lower.UDP;
        if (udp != memory.usesUdp()) {
            memory.note(CameraQuirk.TRANSPORT_NOT_AS_ASKED);
            if (udp || spec.interleaved() == null) {
                return Verdict.OTHER_TRANSPORT;
            }
        }
        addTrack(described.tracks().get(offered), spec, udp);
        offered++;
        return Verdict.GO_ON;
    }

    /** What the camera chose; what it does not tell is as we asked. */
    private TransportSpec chosenTransport(RtspResponse response) {
        List<TransportSpec> specs = TransportHeader.parse(response.headers().all(RtspHeaders.TRANSPORT))
                .specs();
        NumberPair asked = nextChannels();
        if (specs.isEmpty()) {
            memory.note(CameraQuirk.TRANSPORT_MISSING);
            return memory.usesUdp() ? TransportSpec.udp(asked) : TransportSpec.tcp(asked);
        }
        TransportSpec spec = specs.get(0);
        if (spec.interleaved() != null && spec.lower() != TransportSpec.Lower.TCP) {
            // "RTP/AVP;interleaved=0-1": some forget to say TCP
            return TransportSpec.tcp(spec.interleaved());
        }
        return spec.lower() == TransportSpec.Lower.TCP && spec.interleaved() == null && !memory.usesUdp()
                ? spec.withInterleaved(asked)
                : spec;
    }

    private void addTrack(DescribedTracks.Offer offer, TransportSpec spec, boolean udp) {
        NumberPair interleaved = spec.interleaved();
        NumberPair ports = udp ? spec.serverPort() : null;
        tracks.add(new ClientTrack(
                offer.format(),
                offer.controlUrl(),
                udp ? ClientTrack.Transport.UDP : ClientTrack.Transport.INTERLEAVED,
                ports,
                spec.ssrc() == null ? null : spec.ssrc().intValue(),
                offer.keyframeFeedback()));
        rtpChannels.add(interleaved == null ? -1 : interleaved.first());
        rtcpChannels.add(interleaved == null ? -1 : interleaved.second());
        InetAddress announced = literalAddress(spec.source());
        senderLocks.add(new SenderLock(camera, announced, ports == null ? 0 : ports.first(), memory.quirkSink()));
        senderLocks.add(new SenderLock(camera, announced, ports == null ? 0 : ports.second(), memory.quirkSink()));
    }

    private static @Nullable InetAddress literalAddress(@Nullable String text) {
        byte[] bytes = text == null ? null : NetUtil.createByteArrayFromIpAddressString(text);
        if (bytes == null) {
            return null;
        }
        try {
            return InetAddress.getByAddress(bytes);
        } catch (UnknownHostException e) {
            return null; // cannot be: four or sixteen bytes
        }
    }

    /** The camera refuses to set a track up. */
    Verdict onRefused(RtspResponse response) {
        MediaKind kind = described.tracks().get(offered).format().kind();
        if (response.status() == RtspStatus.UNSUPPORTED_TRANSPORT.code()) {
            memory.note(CameraQuirk.TRANSPORT_REFUSED);
            if (tracks.isEmpty() && memory.switchTransport()) {
                return Verdict.GO_ON;
            }
            if (!memory.mayChangeTransport() && kind == MediaKind.VIDEO) {
                return Verdict.TRANSPORT_REFUSED;
            }
        }
        boolean othersRemain = offered + 1 < described.tracks().size() || !tracks.isEmpty();
        if (kind == MediaKind.VIDEO || !othersRemain) {
            return Verdict.REFUSED;
        }
        memory.note(CameraQuirk.TRACK_REFUSED);
        offered++;
        return Verdict.GO_ON;
    }
}
