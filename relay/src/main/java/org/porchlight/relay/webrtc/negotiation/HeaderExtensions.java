package org.porchlight.relay.webrtc.negotiation;

import java.util.ArrayList;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.porchlight.relay.sdp.Attribute;
import org.porchlight.relay.sdp.MediaDescription;

/**
 * The identifiers of an m-line's header extensions.
 *
 * @param ids 1 to 14, so that every one fits the one-byte form (RFC 8285 section 4.2)
 */
public record HeaderExtensions(Map<HeaderExtension, Integer> ids) {
    /** No extension at all. */
    public static final HeaderExtensions NONE = new HeaderExtensions(Map.of());

    private static final int MAX_ONE_BYTE = 14;

    public HeaderExtensions {
        ids = Map.copyOf(ids);
    }

    /** The identifier, 1 to 14; 0: not agreed upon. */
    public int id(HeaderExtension extension) {
        return ids.getOrDefault(extension, 0);
    }

    boolean has(HeaderExtension extension) {
        return ids.containsKey(extension);
    }

    /** Only those that are wanted. */
    HeaderExtensions only(Set<HeaderExtension> wanted) {
        EnumMap<HeaderExtension, Integer> kept = new EnumMap<>(HeaderExtension.class);
        ids.forEach((extension, id) -> {
            if (wanted.contains(extension)) {
                kept.put(extension, id);
            }
        });
        return new HeaderExtensions(kept);
    }

    /** Reads the {@code a=extmap} lines; a direction behind the identifier is not needed where media flow one way. */
    static HeaderExtensions of(MediaDescription media) {
        EnumMap<HeaderExtension, Integer> ids = new EnumMap<>(HeaderExtension.class);
        for (Attribute attribute : media.attributes()) {
            if (!attribute.isNamed("extmap")) {
                continue;
            }
            String[] words = attribute.value().split("\\s+", 3);
            if (words.length < 2) {
                continue;
            }
            int slash = words[0].indexOf('/');
            int id = Numbers.parse(slash < 0 ? words[0] : words[0].substring(0, slash), MAX_ONE_BYTE);
            if (id >= 1 && !ids.containsValue(id)) {
                HeaderExtension.of(words[1]).ifPresent(extension -> ids.putIfAbsent(extension, id));
            }
        }
        return new HeaderExtensions(ids);
    }

    List<Attribute> toAttributes() {
        List<Attribute> attributes = new ArrayList<>(ids.size());
        for (HeaderExtension extension : HeaderExtension.values()) {
            if (has(extension)) {
                attributes.add(new Attribute("extmap", id(extension) + " " + extension.uri()));
            }
        }
        return attributes;
    }
}
