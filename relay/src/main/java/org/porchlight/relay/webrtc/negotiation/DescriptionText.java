package org.porchlight.relay.webrtc.negotiation;

import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.porchlight.relay.sdp.Attribute;
import org.porchlight.relay.sdp.MediaDescription;
import org.porchlight.relay.sdp.SdpWriter;
import org.porchlight.relay.sdp.SessionDescription;
import org.porchlight.relay.webrtc.ice.IceCandidate;
import org.porchlight.relay.webrtc.ice.IceTransport;

/** Collects the m-lines of a description of ours and writes it (RFC 8829 section 5). Used once. */
final class DescriptionText {
    static final String PROTOCOL = "UDP/TLS/RTP/SAVPF";
    private static final int DISCARD_PORT = 9;

    private final LocalTransport local;
    private final SetupRole setup;
    private final boolean lite;
    private final List<MediaDescription> media = new ArrayList<>();
    private final List<String> bundle = new ArrayList<>();
    private boolean mixesExtensions;
    private boolean candidatesWritten;

    /**
     * A description without m-lines.
     *
     * @param setup our role in DTLS
     * @param lite whether our agent is a lite one
     */
    DescriptionText(LocalTransport local, SetupRole setup, boolean lite) {
        this.local = local;
        this.setup = setup;
        this.lite = lite;
    }

    void allowMixedExtensions() {
        mixesExtensions = true;
    }

    /** An m-line of the peer that is not taken: port 0 (RFC 3264 section 6), outside the BUNDLE group. */
    void reject(RemoteMedia remote) {
        List<Attribute> attributes = new ArrayList<>();
        if (!remote.mid().isEmpty()) {
            attributes.add(new Attribute("mid", remote.mid()));
        }
        attributes.add(Direction.INACTIVE.toAttribute());
        MediaDescription line = remote.line();
        List<String> formats = line.formats().isEmpty() ? List.of("0") : line.formats();
        media.add(new MediaDescription(line.media(), 0, line.protocol(), formats, "IN IP4 0.0.0.0", 0, attributes));
    }

    /**
     * An m-line with media.
     *
     * @param kind {@code audio} or {@code video}
     * @param mid empty: none
     * @param formats payload types in order of preference
     * @param own what is particular to this m-line
     */
    void add(String kind, String mid, Direction direction, List<Integer> formats, List<Attribute> own) {
        List<Attribute> attributes = new ArrayList<>();
        if (!mid.isEmpty()) {
            attributes.add(new Attribute("mid", mid));
            bundle.add(mid);
        }
        attributes.add(direction.toAttribute());
        attributes.add(new Attribute("ice-ufrag", local.credentials().ufrag()));
        attributes.add(new Attribute("ice-pwd", local.credentials().password()));
        attributes.add(new Attribute("ice-options", "trickle"));
        attributes.add(new Attribute("fingerprint", local.fingerprint().toString()));
        attributes.add(new Attribute("setup", setup.token()));
        attributes.add(Attribute.property("rtcp-mux"));
        attributes.addAll(own);
        candidates(attributes);
        IceCandidate first = defaultCandidate();
        media.add(new MediaDescription(
                kind,
                first == null ? DISCARD_PORT : first.port(),
                PROTOCOL,
                formats.stream().map(String::valueOf).toList(),
                first == null ? "IN IP4 0.0.0.0" : connection(first),
                0,
                attributes));
    }

    /** With everything bundled, candidates stand in the first m-line only (RFC 9143 section 7.1). */
    private void candidates(List<Attribute> attributes) {
        if (candidatesWritten) {
            return;
        }
        candidatesWritten = true;
        for (IceCandidate candidate : local.candidates()) {
            attributes.add(new Attribute("candidate", candidate.toAttributeValue()));
        }
        if (lite) {
            attributes.add(Attribute.property("end-of-candidates"));
        }
    }

    private @Nullable IceCandidate defaultCandidate() {
        for (IceCandidate candidate : local.candidates()) {
            if (candidate.transport() == IceTransport.UDP) {
                return candidate;
            }
        }
        return null;
    }

    private static String connection(IceCandidate candidate) {
        return (candidate.host().indexOf(':') >= 0 ? "IN IP6 " : "IN IP4 ") + candidate.host();
    }

    String write() {
        List<Attribute> attributes = new ArrayList<>();
        if (!bundle.isEmpty()) {
            attributes.add(new Attribute("group", "BUNDLE " + String.join(" ", bundle)));
        }
        if (lite) {
            attributes.add(Attribute.property("ice-lite"));
        }
        if (mixesExtensions) {
            attributes.add(Attribute.property("extmap-allow-mixed"));
        }
        return SdpWriter.write(new SessionDescription(
                "- " + local.sessionId() + " 1 IN IP4 0.0.0.0", "-", "", "0 0", attributes, media));
    }
}
