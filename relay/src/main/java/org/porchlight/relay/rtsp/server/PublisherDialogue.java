package org.porchlight.relay.rtsp.server;

import java.util.List;
import org.jspecify.annotations.Nullable;
import org.porchlight.relay.codec.TrackFormat;
import org.porchlight.relay.rtsp.RangeHeader;
import org.porchlight.relay.rtsp.RtspHeaders;
import org.porchlight.relay.rtsp.RtspRequest;
import org.porchlight.relay.rtsp.RtspStatus;
import org.porchlight.relay.rtsp.TransportHeader;

/** ANNOUNCE, SETUP and RECORD of one client (RFC 2326 sections 10.3, 10.4, 10.11). Owner: that of its session. */
final class PublisherDialogue {
    private final Conversation conversation;
    private final Exchange exchange;
    private final SessionTracks tracks;

    PublisherDialogue(Conversation conversation) {
        this.conversation = conversation;
        this.exchange = conversation.exchange;
        this.tracks = conversation.tracks;
    }

    void announce(ResourcePath path) {
        RtspRequest request = exchange.request();
        if (tracks.announced() != null || !tracks.isEmpty()) {
            conversation.wrongState();
            return;
        }
        if (path.track() >= 0) {
            exchange.respond(RtspStatus.ONLY_AGGREGATE_OPERATION_ALLOWED);
            return;
        }
        RtspStatus fault = RequestRules.announcementFault(request);
        if (fault != null) {
            exchange.respond(fault);
        } else if (conversation.isPermitted(path, true)) {
            PublisherTracks announced = PublisherTracks.of(request.body(), request.uri());
            if (announced != null) {
                tracks.announce(announced);
            }
            exchange.respond(announced == null ? RtspStatus.BAD_REQUEST : RtspStatus.OK);
        }
    }

    void setup(ResourcePath path, PublisherTracks announced) {
        TransportHeader offers = conversation.offers();
        int track = announced.indexOf(exchange.request().uri());
        if (conversation.state() == SessionState.RECORDING) {
            conversation.wrongState();
        } else if (!conversation.right.isOf(path)) {
            exchange.respond(RtspStatus.AGGREGATE_OPERATION_NOT_ALLOWED);
        } else if (!tracks.isEmpty() && exchange.request().session() == null) {
            exchange.respond(RtspStatus.SESSION_NOT_FOUND);
        } else if (track < 0) {
            exchange.respond(RtspStatus.NOT_FOUND);
        } else if (offers.specs().isEmpty()) {
            conversation.badTransport();
        } else {
            conversation.setup(offers, track);
        }
    }

    void record(ResourcePath path, @Nullable PublisherTracks announced) {
        ResourcePath held = conversation.right.resource();
        if (announced == null || held == null || conversation.state() == SessionState.RECORDING) {
            conversation.wrongState();
        } else if (conversation.isReadyFor(path)) {
            if (exchange.isRecording()) {
                conversation.enter(SessionState.RECORDING);
                exchange.respond(RtspStatus.OK, RtspHeaders.RANGE, RangeHeader.LIVE.render());
            } else {
                takeOver(held, announced);
            }
        }
    }

    private void takeOver(ResourcePath held, PublisherTracks announced) {
        List<Integer> indices = tracks.indices();
        List<TrackFormat> formats = indices.stream().map(announced::format).toList();
        List<TrackSetup> setups = tracks.setups(true);
        tracks.mapChannels(setups);
        conversation.actions.record(conversation.ask(), held.camera(), held.rendition(), formats, setups, indices);
    }
}
