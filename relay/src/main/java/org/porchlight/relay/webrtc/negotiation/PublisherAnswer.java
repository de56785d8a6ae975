package org.porchlight.relay.webrtc.negotiation;

import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import org.jspecify.annotations.Nullable;
import org.porchlight.relay.codec.Codec;
import org.porchlight.relay.codec.MediaKind;
import org.porchlight.relay.codec.TrackFormat;
import org.porchlight.relay.sdp.Attribute;
import org.porchlight.relay.webrtc.negotiation.NegotiationException.Reason;

/**
 * Answers a publisher's offer (WHIP): at most one video and one audio m-line, each with exactly one codec, so that the stream has one format
 * from its first packet on.
 */
public final class PublisherAnswer {
    /** What most viewers can play, first: every browser, phone and RTSP client decodes H.264 and Opus. */
    public static final List<Codec> PREFERENCE = List.of(
            Codec.H264, Codec.VP8, Codec.VP9, Codec.AV1, Codec.H265, Codec.OPUS, Codec.PCMU, Codec.PCMA, Codec.G722);

    private final RemoteDescription offer;
    private final List<Codec> preference;
    private final int maxLayers;
    private final DescriptionText text;
    private final List<AgreedMedia> agreed = new ArrayList<>();

    private PublisherAnswer(RemoteDescription offer, List<Codec> preference, int maxLayers, LocalTransport local) {
        this.offer = offer;
        this.preference = preference;
        this.maxLayers = maxLayers;
        text = new DescriptionText(local, SetupRole.PASSIVE, true);
    }

    /**
     * Makes the answer.
     *
     * @param preference codecs that are taken, the best first; {@link #PREFERENCE} where nothing else is known
     * @param maxLayers simulcast layers taken of those offered, from the first; below 2: no simulcast
     * @throws NegotiationException when nothing can flow
     */
    public static Agreement answer(RemoteDescription offer, List<Codec> preference, int maxLayers, LocalTransport local)
            throws NegotiationException {
        return new PublisherAnswer(offer, List.copyOf(preference), maxLayers, local).make();
    }

    private Agreement make() throws NegotiationException {
        AnswerRules.checkSetup(offer);
        if (offer.media().stream().noneMatch(m -> m.usable() && m.direction().sends())) {
            throw new NegotiationException(
                    Reason.WRONG_DIRECTION, "A publisher must offer to send: no m-line is sendonly or sendrecv.");
        }
        if (offer.mixesExtensions()) {
            text.allowMixedExtensions();
        }
        for (int index = 0; index < offer.media().size(); index++) {
            RemoteMedia media = offer.media().get(index);
            if (!take(index, media)) {
                text.reject(media);
            }
        }
        boolean videoOffered = offer.usable("video").anyMatch(m -> m.direction().sends());
        if (agreed.isEmpty() || (videoOffered && !isTaken(MediaKind.VIDEO))) {
            List<String> names = new ArrayList<>(offer.codecNames("video"));
            names.addAll(offer.codecNames("audio"));
            throw new NegotiationException(
                    Reason.NO_CODEC_IN_COMMON,
                    "No codec in common: the publisher offers "
                            + String.join(", ", names.subList(0, Math.min(24, names.size()))) + "; taken are "
                            + preference
                            + " (H264 with packetization-mode=1).");
        }
        return new Agreement(text.write(), offer.transport(), true, agreed);
    }

    private boolean take(int index, RemoteMedia media) {
        MediaKind kind = kindOf(media);
        if (kind == null || !media.usable() || !media.direction().sends() || isTaken(kind)) {
            return false;
        }
        Optional<PayloadFormat> payload = choose(media.payloads());
        payload.ifPresent(chosen -> add(index, media, kind, chosen));
        return payload.isPresent();
    }

    private static @Nullable MediaKind kindOf(RemoteMedia media) {
        if (media.isKind("video")) {
            return MediaKind.VIDEO;
        }
        return media.isKind("audio") ? MediaKind.AUDIO : null;
    }

    private boolean isTaken(MediaKind kind) {
        return agreed.stream().anyMatch(m -> m.format().kind() == kind);
    }

    private Optional<PayloadFormat> choose(List<PayloadFormat> payloads) {
        for (Codec wanted : preference) {
            for (PayloadFormat payload : payloads) {
                boolean fragments = wanted != Codec.H264 || payload.parameters().number("packetization-mode", 0) == 1;
                if (fragments && CodecMatch.SPOKEN.contains(wanted) && CodecMatch.codecOf(payload) == wanted) {
                    return Optional.of(payload);
                }
            }
        }
        return Optional.empty();
    }

    private void add(int index, RemoteMedia media, MediaKind kind, PayloadFormat payload) {
        int rtx = payload.rtxAmong(media.payloads());
        List<String> rids = maxLayers < 2
                ? List.of()
                : media.rids().subList(0, Math.min(maxLayers, media.rids().size()));
        Set<Feedback> feedback = FormatLines.agreedFeedback(payload, media.extensions());
        HeaderExtensions extensions = FormatLines.fromPublisher(media.extensions(), feedback, !rids.isEmpty());
        List<Attribute> own = new ArrayList<>(AnswerRules.describe(media, payload, rtx, feedback, extensions));
        for (String rid : rids) {
            own.add(new Attribute("rid", rid + " recv"));
        }
        if (!rids.isEmpty()) {
            own.add(new Attribute("simulcast", "recv " + String.join(";", rids)));
        }
        text.add(
                media.line().media(),
                media.mid(),
                Direction.RECVONLY,
                rtx < 0 ? List.of(payload.payloadType()) : List.of(payload.payloadType(), rtx),
                own);
        agreed.add(new AgreedMedia(
                index,
                media.mid(),
                agreed.size(),
                formatOf(kind, payload),
                rtx,
                (int) media.ssrc(),
                rtx < 0 ? 0 : (int) media.rtxSsrc(),
                extensions,
                feedback,
                media.has("rtcp-rsize"),
                rids));
    }

    private static TrackFormat formatOf(MediaKind kind, PayloadFormat payload) {
        Codec codec = CodecMatch.codecOf(payload);
        return new TrackFormat(
                kind,
                codec == null ? Codec.OPAQUE : codec,
                payload.payloadType(),
                payload.map().encodingName(),
                payload.map().clockRate(),
                payload.map().channels(),
                payload.fmtp());
    }
}
