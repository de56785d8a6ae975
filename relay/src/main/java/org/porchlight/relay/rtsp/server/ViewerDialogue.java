package org.porchlight.relay.rtsp.server;

import java.util.List;
import org.jspecify.annotations.Nullable;
import org.porchlight.relay.codec.TrackFormat;
import org.porchlight.relay.rtsp.RangeHeader;
import org.porchlight.relay.rtsp.RtpInfo;
import org.porchlight.relay.rtsp.RtspHeaders;
import org.porchlight.relay.rtsp.RtspMessage;
import org.porchlight.relay.rtsp.RtspRequest;
import org.porchlight.relay.rtsp.RtspStatus;
import org.porchlight.relay.rtsp.TransportHeader;
import org.porchlight.relay.rtsp.TransportSpec;

/** DESCRIBE, SETUP, PLAY and PAUSE of one client (RFC 2326 sections 10.2 and 10.4 to 10.6). Owner: that of its session. */
final class ViewerDialogue {
    private final Conversation conversation;
    private final Exchange exchange;
    private final SessionTracks tracks;
    private final SessionRight right;

    ViewerDialogue(Conversation conversation) {
        this.conversation = conversation;
        this.exchange = conversation.exchange;
        this.tracks = conversation.tracks;
        this.right = conversation.right;
    }

    void describe(ResourcePath path) {
        RtspRequest request = exchange.request();
        if (tracks.announced() != null || (!tracks.isEmpty() && !right.isOf(path))) {
            conversation.wrongState();
        } else if (!RequestRules.acceptsSdp(request)) {
            exchange.respond(RtspStatus.NOT_ACCEPTABLE);
        } else if (conversation.isPermitted(path, false)) {
            // Asked for anew each time: parameter sets may have been learned.
            List<TrackFormat> formats = exchange.isDescribed() ? tracks.described() : null;
            if (formats == null) {
                askForTracks(path);
            } else {
                exchange.respond(
                        RtspStatus.OK,
                        RtspHeaders.builder()
                                .add(RtspHeaders.CONTENT_BASE, baseOf(request.uri()) + "/")
                                .add(RtspHeaders.CONTENT_TYPE, RequestRules.SDP)
                                .add(RtspHeaders.CACHE_CONTROL, "no-cache"),
                        ViewerDescription.of(path.camera(), formats, conversation.isIpv6()));
            }
        }
    }

    private void askForTracks(ResourcePath path) {
        conversation.actions.describe(conversation.ask(), path.camera(), path.rendition());
    }

    void setup(ResourcePath path) {
        TransportHeader offers = conversation.offers();
        boolean playing = conversation.state() == SessionState.PLAYING;
        if (playing || offers.specs().stream().anyMatch(TransportSpec::record)) {
            conversation.wrongState();
        } else if (!tracks.isEmpty() && !right.isOf(path)) {
            exchange.respond(RtspStatus.AGGREGATE_OPERATION_NOT_ALLOWED);
        } else if (!tracks.isEmpty() && exchange.request().session() == null) {
            exchange.respond(RtspStatus.SESSION_NOT_FOUND);
        } else if (offers.specs().isEmpty()) {
            conversation.badTransport();
        } else if (conversation.isPermitted(path, false)) {
            List<TrackFormat> formats = tracks.described();
            if (formats == null) {
                askForTracks(path);
            } else {
                setup(path, offers, formats.size());
            }
        }
    }

    private void setup(ResourcePath path, TransportHeader offers, int count) {
        int track = path.track() < 0 && count == 1 ? 0 : path.track();
        if (track < 0) {
            exchange.respond(RtspStatus.AGGREGATE_OPERATION_NOT_ALLOWED);
        } else if (track >= count) {
            exchange.respond(RtspStatus.NOT_FOUND);
        } else {
            conversation.setup(offers, track);
        }
    }

    void play(ResourcePath path) {
        RtspRequest request = exchange.request();
        String range = request.headers().first(RtspHeaders.RANGE);
        ResourcePath held = right.resource();
        if (tracks.announced() != null || held == null) {
            conversation.wrongState();
            return;
        }
        if (!conversation.isReadyFor(path)) {
            return;
        }
        List<TrackStart> starts = exchange.starts();
        if (range != null && RangeHeader.parse(range) == null) {
            exchange.respond(RtspStatus.INVALID_RANGE);
        } else if (conversation.state() == SessionState.PLAYING) {
            respondPlaying(request, List.of());
        } else if (starts == null) {
            List<TrackSetup> setups = tracks.setups(false);
            tracks.mapChannels(setups);
            conversation.actions.play(conversation.ask(), held.camera(), held.rendition(), setups);
        } else {
            conversation.enter(SessionState.PLAYING);
            respondPlaying(request, starts);
        }
    }

    private void respondPlaying(RtspRequest request, List<TrackStart> firstPackets) {
        RtspHeaders.Builder headers = RtspHeaders.builder().add(RtspHeaders.RANGE, RangeHeader.LIVE.render());
        String info = infoOf(baseOf(request.uri()), firstPackets);
        if (info != null) {
            headers.add(RtspHeaders.RTP_INFO, info);
        }
        if (request.headers().contains(RtspHeaders.SCALE)) {
            headers.add(RtspHeaders.SCALE, "1.0");
        }
        exchange.respond(RtspStatus.OK, headers, RtspMessage.NO_BODY);
    }

    /** {@code RTP-Info} for the tracks of which something is known; null: none. */
    private static @Nullable String infoOf(String base, List<TrackStart> firstPackets) {
        List<RtpInfo.Entry> entries = firstPackets.stream()
                .filter(start -> start.sequenceNumber() >= 0)
                .map(start -> new RtpInfo.Entry(
                        base + "/" + ResourcePath.TRACK + start.track(), start.sequenceNumber(), start.rtpTimestamp()))
                .toList();
        return entries.isEmpty() ? null : new RtpInfo(entries).render();
    }

    void pause(ResourcePath path) {
        if (tracks.announced() != null) {
            conversation.wrongState();
        } else if (conversation.isReadyFor(path)) {
            if (conversation.state() == SessionState.PLAYING) {
                conversation.actions.pause();
                conversation.enter(SessionState.READY);
            }
            exchange.respond(RtspStatus.OK);
        }
    }

    /** The URI without query, track and slashes at its end, and without any password in it. */
    private static String baseOf(String uri) {
        int end = uri.length();
        while (end > 0 && uri.charAt(end - 1) == '/') {
            end--;
        }
        String base = uri.substring(0, end).replaceFirst("://[^/@]*@", "://");
        int slash = base.lastIndexOf('/');
        boolean track =
                slash >= 0 && base.regionMatches(true, slash + 1, ResourcePath.TRACK, 0, ResourcePath.TRACK.length());
        return track ? base.substring(0, slash) : base;
    }
}
