package org.porchlight.relay.webrtc.negotiation;

import java.util.ArrayList;
import java.util.EnumMap;
import java.util.EnumSet;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.porchlight.relay.codec.Codec;
import org.porchlight.relay.codec.MediaKind;
import org.porchlight.relay.codec.TrackFormat;
import org.porchlight.relay.sdp.Attribute;
import org.porchlight.relay.sdp.RtpMap;
import org.porchlight.relay.webrtc.negotiation.NegotiationException.Reason;

/**
 * The other side: offers of a WHEP or WHIP client of ours, and what follows from the server's answer. For load generators and tests; works
 * against any server, so it answers to either DTLS role. Used for one exchange.
 */
public final class ClientOffer {
    private static final Set<Feedback> VIDEO_FEEDBACK = EnumSet.allOf(Feedback.class);
    private static final Set<Feedback> AUDIO_FEEDBACK = EnumSet.of(Feedback.TRANSPORT_CC);
    private static final int FIRST_DYNAMIC = 96;
    /** 111 to 118 serve audio, so that video and audio never share a payload type (RFC 8829 section 5.2.1). */
    private static final int FIRST_DYNAMIC_AUDIO = 111;

    private record Offered(MediaKind kind, List<PayloadFormat> payloads, int track, int ssrc, int rtxSsrc) {
        String media() {
            return kind == MediaKind.VIDEO ? "video" : "audio";
        }
    }

    private final boolean publishes;
    private final List<Offered> offered = new ArrayList<>();
    private final HeaderExtensions extensions = extensionIds();
    private final String description;

    private ClientOffer(boolean publishes, List<Offered> offered, LocalTransport local) {
        this.publishes = publishes;
        this.offered.addAll(offered);
        description = write(local);
    }

    /**
     * An offer to watch: one m-line for video and one for audio, as far as there are codecs for them.
     *
     * @param codecs those that are taken, the best first
     * @throws IllegalArgumentException when none of them is spoken in WebRTC
     */
    public static ClientOffer toWatch(List<Codec> codecs, LocalTransport local) {
        List<Offered> offered = new ArrayList<>();
        for (MediaKind kind : List.of(MediaKind.VIDEO, MediaKind.AUDIO)) {
            List<PayloadFormat> payloads = payloads(codecs, kind);
            if (!payloads.isEmpty()) {
                offered.add(new Offered(kind, payloads, offered.size(), 0, 0));
            }
        }
        if (offered.isEmpty()) {
            throw new IllegalArgumentException("no codec of WebRTC among " + codecs);
        }
        return new ClientOffer(false, offered, local);
    }

    /**
     * An offer to publish: one m-line for each track, with retransmission for video.
     *
     * @param tracks video and audio under their own payload types, which must differ
     */
    public static ClientOffer toPublish(List<TrackFormat> tracks, LocalTransport local) {
        SsrcChoice ssrcs = new SsrcChoice(local.ssrcs());
        List<Offered> offered = new ArrayList<>();
        for (int track = 0; track < tracks.size(); track++) {
            TrackFormat format = tracks.get(track);
            boolean video = format.kind() == MediaKind.VIDEO;
            RtpMap map = new RtpMap(format.payloadType(), format.encodingName(), format.clockRate(), format.channels());
            List<PayloadFormat> payloads = new ArrayList<>();
            payloads.add(new PayloadFormat(map, format.fmtp(), video ? VIDEO_FEEDBACK : AUDIO_FEEDBACK));
            if (video) {
                payloads.add(rtx(freePayloadType(tracks, track), format.payloadType()));
            }
            offered.add(new Offered(format.kind(), payloads, track, ssrcs.next(), video ? ssrcs.next() : 0));
        }
        return new ClientOffer(true, offered, local);
    }

    private static int freePayloadType(List<TrackFormat> tracks, int offset) {
        int candidate = 127 - offset;
        while (isTaken(tracks, candidate)) {
            candidate -= 8;
        }
        return candidate;
    }

    private static boolean isTaken(List<TrackFormat> tracks, int payloadType) {
        return tracks.stream().anyMatch(track -> track.payloadType() == payloadType);
    }

    private static PayloadFormat rtx(int payloadType, int apt) {
        return new PayloadFormat(new RtpMap(payloadType, "rtx", 90_000, 1), "apt=" + apt, Set.of());
    }

    private static List<PayloadFormat> payloads(List<Codec> codecs, MediaKind kind) {
        List<PayloadFormat> payloads = new ArrayList<>();
        int next = kind == MediaKind.VIDEO ? FIRST_DYNAMIC : FIRST_DYNAMIC_AUDIO;
        for (Codec codec : codecs) {
            for (String fmtp : variants(codec, kind)) {
                RtpMap map = map(codec, next);
                next += map.payloadType() == next ? 1 : 0;
                payloads.add(new PayloadFormat(map, fmtp, kind == MediaKind.VIDEO ? VIDEO_FEEDBACK : AUDIO_FEEDBACK));
                if (kind == MediaKind.VIDEO) {
                    payloads.add(rtx(next++, map.payloadType()));
                }
            }
        }
        return payloads;
    }

    private static RtpMap map(Codec codec, int dynamic) {
        return switch (codec) {
            case PCMU -> new RtpMap(0, "PCMU", 8_000, 1);
            case PCMA -> new RtpMap(8, "PCMA", 8_000, 1);
            case G722 -> new RtpMap(9, "G722", 8_000, 1);
            case OPUS -> new RtpMap(dynamic, "opus", 48_000, 2);
            default -> new RtpMap(dynamic, codec.name(), 90_000, 1);
        };
    }

    /** The format parameters under which a codec is offered, each under a payload type of its own; none: not of this kind. */
    private static List<String> variants(Codec codec, MediaKind kind) {
        if (kind == MediaKind.AUDIO) {
            return switch (codec) {
                case OPUS -> List.of("minptime=10;useinbandfec=1");
                case PCMU, PCMA, G722 -> List.of("");
                default -> List.of();
            };
        }
        return switch (codec) {
            case H264 ->
                List.of(
                        "level-asymmetry-allowed=1;packetization-mode=1;profile-level-id=640034",
                        "level-asymmetry-allowed=1;packetization-mode=1;profile-level-id=4d0034",
                        "level-asymmetry-allowed=1;packetization-mode=1;profile-level-id=42e034");
            case H265 -> List.of("level-id=180;profile-id=1;tier-flag=0;tx-mode=SRST");
            case VP9 -> List.of("profile-id=0");
            case AV1 -> List.of("level-idx=13;profile=0;tier=0");
            case VP8 -> List.of("");
            default -> List.of();
        };
    }

    private static HeaderExtensions extensionIds() {
        Map<HeaderExtension, Integer> ids = new EnumMap<>(HeaderExtension.class);
        ids.put(HeaderExtension.MID, 1);
        ids.put(HeaderExtension.TRANSPORT_CC, 2);
        ids.put(HeaderExtension.ABS_CAPTURE_TIME, 3);
        ids.put(HeaderExtension.PLAYOUT_DELAY, 4);
        ids.put(HeaderExtension.ABS_SEND_TIME, 5);
        return new HeaderExtensions(ids);
    }

    private String write(LocalTransport local) {
        DescriptionText text = new DescriptionText(local, SetupRole.ACTPASS, false);
        for (int i = 0; i < offered.size(); i++) {
            Offered media = offered.get(i);
            List<Attribute> own = new ArrayList<>();
            own.add(Attribute.property("rtcp-rsize"));
            own.addAll(extensions.toAttributes());
            List<Integer> types = new ArrayList<>();
            for (PayloadFormat payload : media.payloads()) {
                types.add(payload.payloadType());
                own.addAll(FormatLines.describe(payload.map(), payload.fmtp(), payload.feedback()));
            }
            if (publishes) {
                own.addAll(FormatLines.describeSender(local.cname(), media.media() + i, media.ssrc(), media.rtxSsrc()));
            }
            Direction direction = publishes ? Direction.SENDONLY : Direction.RECVONLY;
            text.add(media.media(), Integer.toString(i), direction, types, own);
        }
        return text.write();
    }

    /** The offer's text. */
    public String description() {
        return description;
    }

    /**
     * What follows from the server's answer.
     *
     * @param answer text of its description
     * @return without a description: nothing is left to be sent
     * @throws NegotiationException when the answer is none, belongs to another offer, or takes nothing
     */
    public Agreement accept(String answer) throws NegotiationException {
        RemoteDescription remote = RemoteDescription.read(answer);
        if (remote.media().size() != offered.size()) {
            throw new NegotiationException(
                    Reason.ANSWER_UNUSABLE,
                    remote.media().size() + " m-lines answer " + offered.size() + " of the offer.");
        }
        SetupRole setup = remote.transport().setup();
        if (setup != SetupRole.ACTIVE && setup != SetupRole.PASSIVE) {
            throw new NegotiationException(
                    Reason.UNUSABLE_SETUP, "An answer must choose a DTLS role, not " + setup.token() + ".");
        }
        List<AgreedMedia> agreed = new ArrayList<>();
        for (int i = 0; i < offered.size(); i++) {
            RemoteMedia media = remote.media().get(i);
            Direction direction = media.direction();
            boolean flows = media.usable() && (publishes ? direction.receives() : direction.sends());
            if (flows && media.isKind(offered.get(i).media())) {
                accept(i, media, agreed);
            }
        }
        if (agreed.isEmpty()) {
            throw new NegotiationException(Reason.ANSWER_UNUSABLE, "The answer takes no m-line of the offer.");
        }
        return new Agreement("", remote.transport(), setup == SetupRole.ACTIVE, agreed);
    }

    private void accept(int index, RemoteMedia media, List<AgreedMedia> agreed) {
        Offered ours = offered.get(index);
        Map<Integer, PayloadFormat> known = new HashMap<>();
        ours.payloads().forEach(payload -> known.put(payload.payloadType(), payload));
        for (PayloadFormat payload : media.payloads()) {
            PayloadFormat own = known.get(payload.payloadType());
            Codec codec = own == null ? null : CodecMatch.codecOf(own);
            if (own == null || codec == null || !payload.isNamed(own.map().encodingName())) {
                continue;
            }
            int rtx = payload.rtxAmong(media.payloads());
            Set<Feedback> feedback = EnumSet.noneOf(Feedback.class);
            feedback.addAll(payload.feedback());
            feedback.retainAll(own.feedback());
            TrackFormat format = new TrackFormat(
                    ours.kind(),
                    codec,
                    own.payloadType(),
                    own.map().encodingName(),
                    own.map().clockRate(),
                    own.map().channels(),
                    own.fmtp());
            agreed.add(new AgreedMedia(
                    index,
                    Integer.toString(index),
                    ours.track(),
                    format,
                    known.containsKey(rtx) ? rtx : -1,
                    publishes ? ours.ssrc() : (int) media.ssrc(),
                    publishes ? ours.rtxSsrc() : (int) media.rtxSsrc(),
                    media.extensions().only(extensions.ids().keySet()),
                    feedback,
                    media.has("rtcp-rsize"),
                    List.of()));
            return;
        }
    }
}
