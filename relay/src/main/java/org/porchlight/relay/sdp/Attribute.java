package org.porchlight.relay.sdp;

/**
 * One {@code a=} line (RFC 8866 section 5.13).
 *
 * @param name as written, for example {@code rtpmap}
 * @param value the text after the colon; empty for a property attribute such as {@code a=recvonly}
 */
public record Attribute(String name, String value) {

    /** A property attribute: a name without value. */
    public static Attribute property(String name) {
        return new Attribute(name, "");
    }

    /** Attribute names are compared without case: some cameras write {@code a=Control:}. */
    public boolean isNamed(String otherName) {
        return name.equalsIgnoreCase(otherName);
    }
}
