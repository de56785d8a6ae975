package org.porchlight.relay.sdp;

import java.util.List;
import java.util.Optional;

/**
 * A session description (RFC 8866 section 5) as far as media relays need it.
 *
 * @param origin value of {@code o=}; empty: none
 * @param name value of {@code s=}; empty: none
 * @param connection session-level {@code c=}; empty: none
 * @param timing value of {@code t=}; empty: none
 * @param attributes session-level attributes in their order
 * @param media m-lines in their order
 */
public record SessionDescription(
        String origin,
        String name,
        String connection,
        String timing,
        List<Attribute> attributes,
        List<MediaDescription> media) {

    public SessionDescription {
        attributes = List.copyOf(attributes);
        media = List.copyOf(media);
    }

    /** Value of the first session-level attribute of that name, compared without case. */
    public Optional<String> attribute(String attributeName) {
        return Attributes.first(attributes, attributeName);
    }

    /** The aggregate control URL as written (RFC 2326 appendix C.1.1). */
    public Optional<String> control() {
        return attribute("control").map(String::strip).filter(value -> !value.isEmpty());
    }

    /** The connection data that applies to one of the m-lines: its own, else the session's; empty: none. */
    public String connectionOf(MediaDescription description) {
        return description.connection().isEmpty() ? connection : description.connection();
    }
}
