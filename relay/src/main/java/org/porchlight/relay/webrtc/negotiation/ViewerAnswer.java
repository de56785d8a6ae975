package org.porchlight.relay.webrtc.negotiation;

import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.stream.Collectors;
import org.porchlight.relay.codec.MediaKind;
import org.porchlight.relay.codec.TrackFormat;
import org.porchlight.relay.sdp.Attribute;
import org.porchlight.relay.webrtc.negotiation.NegotiationException.Reason;

/**
 * Answers a viewer's offer (WHEP) for the tracks of a stream. Each m-line gets the first track of its kind that is not given yet and whose
 * codec it offers; the others are rejected. Video decides: where the camera has it and the viewer asks for it, there is no answer without.
 * Audio that no browser decodes (AAC) is left out.
 */
public final class ViewerAnswer {
    private final RemoteDescription offer;
    private final List<TrackFormat> tracks;
    private final LocalTransport local;
    private final DescriptionText text;
    private final SsrcChoice ssrcs;
    private final List<AgreedMedia> agreed = new ArrayList<>();

    private ViewerAnswer(RemoteDescription offer, List<TrackFormat> tracks, LocalTransport local) {
        this.offer = offer;
        this.tracks = tracks;
        this.local = local;
        text = new DescriptionText(local, SetupRole.PASSIVE, true);
        ssrcs = new SsrcChoice(local.ssrcs());
    }

    /**
     * Makes the answer.
     *
     * @param tracks of the stream, in its order
     * @param local whose {@code ssrcs} give those of what we send
     * @throws NegotiationException when nothing can flow, or not what the viewer asks for
     */
    public static Agreement answer(RemoteDescription offer, List<TrackFormat> tracks, LocalTransport local)
            throws NegotiationException {
        return new ViewerAnswer(offer, tracks, local).make();
    }

    private Agreement make() throws NegotiationException {
        AnswerRules.checkSetup(offer);
        if (offer.media().stream().noneMatch(m -> m.usable() && m.direction().receives())) {
            throw new NegotiationException(
                    Reason.WRONG_DIRECTION, "A viewer must offer to receive: no m-line is recvonly or sendrecv.");
        }
        if (offer.mixesExtensions()) {
            text.allowMixedExtensions();
        }
        for (int index = 0; index < offer.media().size(); index++) {
            RemoteMedia media = offer.media().get(index);
            if (!media.usable() || !media.direction().receives() || !take(index, media)) {
                text.reject(media);
            }
        }
        boolean videoWanted = offer.usable("video").anyMatch(m -> m.direction().receives())
                && tracks.stream().anyMatch(track -> track.kind() == MediaKind.VIDEO);
        boolean videoAgreed = agreed.stream().anyMatch(m -> m.format().kind() == MediaKind.VIDEO);
        if (agreed.isEmpty() || (videoWanted && !videoAgreed)) {
            throw new NegotiationException(Reason.NO_CODEC_IN_COMMON, "No codec in common: " + difference());
        }
        return new Agreement(text.write(), offer.transport(), true, agreed);
    }

    private String difference() {
        String has = tracks.stream()
                .filter(track -> track.kind() != MediaKind.METADATA)
                .map(track -> (track.encodingName() + " " + track.fmtp()).strip())
                .map(name -> name.length() > 80 ? name.substring(0, 80) + "..." : name)
                .collect(Collectors.joining(", "));
        List<String> takes = new ArrayList<>(offer.codecNames("video"));
        takes.addAll(offer.codecNames("audio"));
        return "the camera sends " + has + "; the viewer takes "
                + takes.stream().limit(24).collect(Collectors.joining(", ")) + ".";
    }

    private boolean take(int index, RemoteMedia media) {
        for (int track = 0; track < tracks.size(); track++) {
            TrackFormat format = tracks.get(track);
            if (!AnswerRules.isKind(media, format.kind()) || isGiven(track)) {
                continue;
            }
            PayloadFormat payload = CodecMatch.find(format, media.payloads()).orElse(null);
            if (payload != null) {
                add(index, media, track, payload);
                return true;
            }
        }
        return false;
    }

    private boolean isGiven(int track) {
        return agreed.stream().anyMatch(m -> m.track() == track);
    }

    private void add(int index, RemoteMedia media, int track, PayloadFormat payload) {
        TrackFormat format = tracks.get(track);
        int rtx = payload.rtxAmong(media.payloads());
        int ssrc = ssrcs.next();
        int rtxSsrc = rtx < 0 ? 0 : ssrcs.next();
        Set<Feedback> feedback = FormatLines.agreedFeedback(payload, media.extensions());
        HeaderExtensions extensions = FormatLines.towardsViewer(media.extensions(), format.kind(), feedback);
        List<Attribute> own = new ArrayList<>(AnswerRules.describe(media, payload, rtx, feedback, extensions));
        own.addAll(FormatLines.describeSender(local.cname(), media.line().media() + index, ssrc, rtxSsrc));
        text.add(
                media.line().media(),
                media.mid(),
                Direction.SENDONLY,
                rtx < 0 ? List.of(payload.payloadType()) : List.of(payload.payloadType(), rtx),
                own);
        agreed.add(new AgreedMedia(
                index,
                media.mid(),
                track,
                format.withPayloadType(payload.payloadType()),
                rtx,
                ssrc,
                rtxSsrc,
                extensions,
                feedback,
                media.has("rtcp-rsize"),
                List.of()));
    }
}
