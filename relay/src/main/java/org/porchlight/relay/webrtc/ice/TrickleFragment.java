package org.porchlight.relay.webrtc.ice;

import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.porchlight.relay.sdp.Attribute;
import org.porchlight.relay.sdp.MediaDescription;
import org.porchlight.relay.sdp.SdpParser;
import org.porchlight.relay.sdp.SessionDescription;

/**
 * The body of a PATCH that trickles candidates or restarts ICE: {@code application/trickle-ice-sdpfrag} (RFC 8840 section 9; RFC 9725
 * section 4.3). With everything bundled one fragment speaks for one transport.
 *
 * @param credentials the sender's; empty: the fragment names none, or none that are valid
 * @param mid of the m-line the candidates belong to; empty: not told
 * @param candidates at most {@link #MAX_CANDIDATES}
 * @param ended whether {@code a=end-of-candidates} is there
 */
public record TrickleFragment(
        Optional<IceCredentials> credentials, String mid, List<IceCandidate> candidates, boolean ended) {
    /** Content type of such a body. */
    public static final String CONTENT_TYPE = "application/trickle-ice-sdpfrag";
    /** Candidates beyond this number are left out. */
    public static final int MAX_CANDIDATES = 64;

    public TrickleFragment {
        candidates = List.copyOf(candidates);
    }

    /**
     * Reads a fragment. Lenient as the reader of session descriptions is: what is not understood is left out.
     *
     * @return empty when there is nothing of ICE in it
     */
    public static Optional<TrickleFragment> parse(String text) {
        SessionDescription description = SdpParser.parse(text).description();
        List<Attribute> all = new ArrayList<>(description.attributes());
        for (MediaDescription media : description.media()) {
            all.addAll(media.attributes());
        }
        String ufrag = first(all, "ice-ufrag");
        String password = first(all, "ice-pwd");
        Optional<IceCredentials> credentials = IceCredentials.isValid(ufrag, password)
                ? Optional.of(new IceCredentials(ufrag, password))
                : Optional.empty();
        List<IceCandidate> candidates = all.stream()
                .filter(attribute -> attribute.isNamed("candidate"))
                .flatMap(attribute -> IceCandidate.parse(attribute.value()).stream())
                .limit(MAX_CANDIDATES)
                .toList();
        boolean ended = all.stream().anyMatch(attribute -> attribute.isNamed("end-of-candidates"));
        if (ufrag.isEmpty() && candidates.isEmpty() && !ended) {
            return Optional.empty();
        }
        return Optional.of(new TrickleFragment(credentials, first(all, "mid"), candidates, ended));
    }

    private static String first(List<Attribute> attributes, String name) {
        return attributes.stream()
                .filter(attribute -> attribute.isNamed(name))
                .map(Attribute::value)
                .findFirst()
                .orElse("");
    }

    /**
     * The text of the fragment.
     *
     * @param media media type of the m-line, for example {@code video}: a pseudo m-line is written for the mid (RFC 8840 section 9.2)
     */
    public String write(String media) {
        StringBuilder out = new StringBuilder(256);
        credentials.ifPresent(known -> {
            line(out, "a=ice-ufrag:" + known.ufrag());
            line(out, "a=ice-pwd:" + known.password());
        });
        if (!mid.isEmpty()) {
            line(out, "m=" + media + " 9 UDP/TLS/RTP/SAVPF 0");
            line(out, "a=mid:" + mid);
        }
        candidates.forEach(candidate -> line(out, "a=candidate:" + candidate.toAttributeValue()));
        if (ended) {
            line(out, "a=end-of-candidates");
        }
        return out.toString();
    }

    private static void line(StringBuilder out, String text) {
        out.append(text).append("\r\n");
    }
}
