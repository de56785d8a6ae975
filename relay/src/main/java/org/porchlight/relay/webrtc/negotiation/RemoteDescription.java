package org.porchlight.relay.webrtc.negotiation;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashSet;
import java.util.List;
import java.util.Locale;
import java.util.Set;
import java.util.stream.Stream;
import org.porchlight.relay.sdp.Attribute;
import org.porchlight.relay.sdp.MediaDescription;
import org.porchlight.relay.sdp.SdpFlaw;
import org.porchlight.relay.sdp.SdpParser;
import org.porchlight.relay.sdp.SessionDescription;
import org.porchlight.relay.webrtc.dtls.Fingerprint;
import org.porchlight.relay.webrtc.ice.IceCandidate;
import org.porchlight.relay.webrtc.ice.IceCredentials;
import org.porchlight.relay.webrtc.negotiation.NegotiationException.Reason;

/**
 * A peer's offer or answer, read and found complete: there is one transport with ICE credentials, a fingerprint and a DTLS role, and every
 * m-line that is usable shares it. Immutable.
 */
public final class RemoteDescription {
    /** Longest text that is read, in characters; browsers write less than 10,000. */
    public static final int MAX_LENGTH = 64 * 1024;
    /** Candidates beyond this number are left out. */
    public static final int MAX_CANDIDATES = 64;

    private static final int MAX_FINGERPRINTS = 8;

    private final RemoteTransport transport;
    private final List<RemoteMedia> media;
    private final boolean mixesExtensions;

    private RemoteDescription(RemoteTransport transport, List<RemoteMedia> media, boolean mixesExtensions) {
        this.transport = transport;
        this.media = List.copyOf(media);
        this.mixesExtensions = mixesExtensions;
    }

    /**
     * Reads a description.
     *
     * @param text of the body
     * @throws NegotiationException when it is none or lacks what every session needs
     */
    public static RemoteDescription read(String text) throws NegotiationException {
        if (text.length() > MAX_LENGTH) {
            throw new NegotiationException(Reason.NOT_SDP, "The body is longer than " + MAX_LENGTH + " characters.");
        }
        SdpParser.Result result = SdpParser.parse(text);
        SessionDescription session = result.description();
        if (session.media().isEmpty() || result.flaws().contains(SdpFlaw.TOO_LARGE)) {
            throw new NegotiationException(Reason.NOT_SDP, "The body is no session description with m-lines.");
        }
        List<RemoteMedia> media = bundled(session);
        boolean mixes = session.attribute("extmap-allow-mixed").isPresent();
        return new RemoteDescription(transport(session, media), media, mixes);
    }

    /** The m-lines; those that are usable but outside the BUNDLE group count as not usable. */
    private static List<RemoteMedia> bundled(SessionDescription session) throws NegotiationException {
        List<RemoteMedia> all = new ArrayList<>();
        Set<String> mids = new HashSet<>();
        for (MediaDescription line : session.media()) {
            RemoteMedia media = RemoteMedia.of(line);
            if (!media.mid().isEmpty() && !mids.add(media.mid())) {
                throw new NegotiationException(Reason.NO_BUNDLE, "Two m-lines have the same mid.");
            }
            all.add(media);
        }
        if (all.stream().filter(RemoteMedia::usable).count() <= 1) {
            return all;
        }
        List<String> bundle = bundle(session);
        List<RemoteMedia> media = all.stream()
                .map(m -> bundle.contains(m.mid()) ? m : unusable(m))
                .toList();
        if (media.stream().noneMatch(RemoteMedia::usable)) {
            throw new NegotiationException(
                    Reason.NO_BUNDLE,
                    "All media must share one transport: an a=group:BUNDLE that lists the mids is needed.");
        }
        return media;
    }

    private static RemoteMedia unusable(RemoteMedia m) {
        return new RemoteMedia(
                m.line(), m.mid(), false, m.direction(), m.payloads(), m.extensions(), m.rids(), m.ssrc(), m.rtxSsrc());
    }

    private static List<String> bundle(SessionDescription session) {
        for (Attribute attribute : session.attributes()) {
            List<String> words = Arrays.asList(attribute.value().split("\\s+"));
            if (attribute.isNamed("group") && words.get(0).equalsIgnoreCase("BUNDLE")) {
                return words.subList(1, words.size());
            }
        }
        return List.of();
    }

    private static RemoteTransport transport(SessionDescription session, List<RemoteMedia> media)
            throws NegotiationException {
        RemoteMedia first = media.stream()
                .filter(RemoteMedia::usable)
                .findFirst()
                .orElseThrow(() -> new NegotiationException(
                        Reason.WRONG_DIRECTION, "No m-line offers RTP over DTLS (UDP/TLS/RTP/SAVPF)."));
        for (RemoteMedia each : media) {
            if (each.usable() && !each.has("rtcp-mux")) {
                throw new NegotiationException(
                        Reason.NO_RTCP_MUX, "RTP and RTCP must share a port: a=rtcp-mux is missing.");
            }
        }
        String ufrag = value(session, first, "ice-ufrag");
        String password = value(session, first, "ice-pwd");
        if (!IceCredentials.isValid(ufrag, password)) {
            throw new NegotiationException(Reason.NO_ICE_CREDENTIALS, "A valid a=ice-ufrag and a=ice-pwd are missing.");
        }
        List<Fingerprint> fingerprints = fingerprints(session, first);
        if (fingerprints.isEmpty()) {
            throw new NegotiationException(
                    Reason.NO_FINGERPRINT, "An a=fingerprint with sha-256, sha-384 or sha-512 is missing.");
        }
        String options = value(session, first, "ice-options");
        List<IceCandidate> candidates = first.line().attributes().stream()
                .filter(attribute -> attribute.isNamed("candidate"))
                .flatMap(attribute -> IceCandidate.parse(attribute.value()).stream())
                .limit(MAX_CANDIDATES)
                .toList();
        return new RemoteTransport(
                new IceCredentials(ufrag, password),
                fingerprints,
                // An offer without the attribute means active (RFC 4145 section 4.1).
                SetupRole.of(value(session, first, "setup")).orElse(SetupRole.ACTIVE),
                candidates,
                session.attribute("ice-lite").isPresent(),
                Arrays.asList(options.split("\\s+")).contains("trickle") && !first.has("end-of-candidates"));
    }

    private static String value(SessionDescription session, RemoteMedia media, String name) {
        return media.line()
                .attribute(name)
                .or(() -> session.attribute(name))
                .orElse("")
                .strip();
    }

    private static List<Fingerprint> fingerprints(SessionDescription session, RemoteMedia media) {
        List<Fingerprint> own = fingerprints(media.line().attributes());
        return own.isEmpty() ? fingerprints(session.attributes()) : own;
    }

    private static List<Fingerprint> fingerprints(List<Attribute> attributes) {
        return attributes.stream()
                .filter(attribute -> attribute.isNamed("fingerprint"))
                .flatMap(attribute -> Fingerprint.parse(attribute.value().strip()).stream())
                .limit(MAX_FINGERPRINTS)
                .toList();
    }

    /** How to reach the peer and how to know it. */
    public RemoteTransport transport() {
        return transport;
    }

    /** Names of the video and audio codecs in the description, each once, for messages. */
    public List<String> codecNames(String kind) {
        return usable(kind)
                .flatMap(m -> m.payloads().stream())
                .map(payload -> payload.map().encodingName())
                .filter(name -> !isAuxiliary(name))
                .distinct()
                .toList();
    }

    private static boolean isAuxiliary(String name) {
        return switch (name.toLowerCase(Locale.ROOT)) {
            case "rtx", "red", "ulpfec", "flexfec-03", "cn", "telephone-event" -> true;
            default -> false;
        };
    }

    Stream<RemoteMedia> usable(String kind) {
        return media.stream().filter(m -> m.usable() && m.isKind(kind));
    }

    List<RemoteMedia> media() {
        return media;
    }

    boolean mixesExtensions() {
        return mixesExtensions;
    }
}
