package org.porchlight.relay.rtsp;

import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Header fields of one message in the order in which they came (RFC 2326 section 4.2). Names are compared without case, a name may
 * have several values. Immutable; values hold no line breaks or other control characters.
 */
public final class RtspHeaders {
    public static final String ACCEPT = "Accept";
    public static final String ALLOW = "Allow";
    public static final String AUTHORIZATION = "Authorization";
    public static final String CACHE_CONTROL = "Cache-Control";
    public static final String CONNECTION = "Connection";
    public static final String CONTENT_BASE = "Content-Base";
    public static final String CONTENT_ENCODING = "Content-Encoding";
    public static final String CONTENT_LENGTH = "Content-Length";
    public static final String CONTENT_LOCATION = "Content-Location";
    public static final String CONTENT_TYPE = "Content-Type";
    public static final String CSEQ = "CSeq";
    public static final String DATE = "Date";
    public static final String LOCATION = "Location";
    public static final String PROXY_REQUIRE = "Proxy-Require";
    public static final String PUBLIC = "Public";
    public static final String RANGE = "Range";
    public static final String REQUIRE = "Require";
    public static final String RTP_INFO = "RTP-Info";
    public static final String SCALE = "Scale";
    public static final String SERVER = "Server";
    public static final String SESSION = "Session";
    public static final String TRANSPORT = "Transport";
    public static final String UNSUPPORTED = "Unsupported";
    public static final String USER_AGENT = "User-Agent";
    public static final String WWW_AUTHENTICATE = "WWW-Authenticate";
    public static final String SESSION_COOKIE = "x-sessioncookie";

    private static final RtspHeaders EMPTY = new RtspHeaders(List.of());

    private final List<Field> fields;

    private RtspHeaders(List<Field> fields) {
        this.fields = fields;
    }

    /** One header field. */
    public record Field(String name, String value) {
        public Field {
            if (name.isEmpty() || !isClean(name) || name.indexOf(':') >= 0 || !isClean(value)) {
                throw new IllegalArgumentException(
                        "header field " + clean(name) + " holds a character that would break the message");
            }
        }
    }

    public static RtspHeaders empty() {
        return EMPTY;
    }

    /** Headers from pairs of name and value. */
    public static RtspHeaders of(String... namesAndValues) {
        if ((namesAndValues.length & 1) != 0) {
            throw new IllegalArgumentException("a header name without a value");
        }
        Builder builder = builder();
        for (int i = 0; i < namesAndValues.length; i += 2) {
            builder.add(namesAndValues[i], namesAndValues[i + 1]);
        }
        return builder.build();
    }

    public static Builder builder() {
        return new Builder();
    }

    /** The first value of a name, or null. */
    public @Nullable String first(String name) {
        for (Field field : fields) {
            if (field.name().equalsIgnoreCase(name)) {
                return field.value();
            }
        }
        return null;
    }

    /** All values of a name in order; empty if there are none. */
    public List<String> all(String name) {
        List<String> values = new ArrayList<>(2);
        for (Field field : fields) {
            if (field.name().equalsIgnoreCase(name)) {
                values.add(field.value());
            }
        }
        return values;
    }

    public boolean contains(String name) {
        return first(name) != null;
    }

    /** All fields in order. */
    public List<Field> fields() {
        return fields;
    }

    /** A builder that starts with these fields. */
    public Builder toBuilder() {
        Builder builder = new Builder();
        builder.fields.addAll(fields);
        return builder;
    }

    @Override
    public boolean equals(@Nullable Object o) {
        return o instanceof RtspHeaders other && fields.equals(other.fields);
    }

    @Override
    public int hashCode() {
        return fields.hashCode();
    }

    /** The names only: values may be secrets. */
    @Override
    public String toString() {
        return fields.stream().map(Field::name).toList().toString();
    }

    /** Text with every control character but the tab replaced by a space. */
    static String clean(String text) {
        if (isClean(text)) {
            return text;
        }
        StringBuilder cleaned = new StringBuilder(text);
        for (int i = 0; i < cleaned.length(); i++) {
            if (isControl(cleaned.charAt(i))) {
                cleaned.setCharAt(i, ' ');
            }
        }
        return cleaned.toString();
    }

    private static boolean isClean(String text) {
        for (int i = 0; i < text.length(); i++) {
            if (isControl(text.charAt(i))) {
                return false;
            }
        }
        return true;
    }

    private static boolean isControl(char c) {
        return (c < ' ' && c != '\t') || c == 0x7f;
    }

    /** Collects fields; not for reuse after {@link #build}. */
    public static final class Builder {
        private final List<Field> fields = new ArrayList<>();

        private Builder() {}

        /**
         * Adds one field behind those there are.
         *
         * @throws IllegalArgumentException for an empty name or a control character in name or value
         */
        public Builder add(String name, String value) {
            fields.add(new Field(name, value));
            return this;
        }

        /** Removes all values of the name, then adds this one. */
        public Builder set(String name, String value) {
            fields.removeIf(field -> field.name().equalsIgnoreCase(name));
            return add(name, value);
        }

        public RtspHeaders build() {
            return fields.isEmpty() ? EMPTY : new RtspHeaders(List.copyOf(fields));
        }
    }
}
