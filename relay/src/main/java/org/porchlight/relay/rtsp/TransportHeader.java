package org.porchlight.relay.rtsp;

import java.util.ArrayList;
import java.util.List;
import java.util.stream.Collectors;

/**
 * {@code Transport} (RFC 2326 section 12.39): what a client offers, best first, or the one that a server chose.
 *
 * @param specs in the order in which they stand; empty if nothing could be read
 */
public record TransportHeader(List<TransportSpec> specs) {
    private static final int MAX_SPECS = 16;

    public TransportHeader {
        specs = List.copyOf(specs);
    }

    public static TransportHeader of(TransportSpec... specs) {
        return new TransportHeader(List.of(specs));
    }

    /**
     * Reads one value. Never fails: what cannot be read is left out, and at most 16 offers are looked at. A comma that is not
     * followed by a transport belongs to the parameter before it, as in {@code mode=PLAY,RECORD}.
     */
    public static TransportHeader parse(String value) {
        List<TransportSpec> specs = new ArrayList<>(2);
        int start = 0;
        while (start < value.length() && specs.size() < MAX_SPECS) {
            int end = offerEnd(value, start);
            TransportSpec spec = TransportSpec.parse(value.substring(start, end));
            if (spec != null) {
                specs.add(spec);
            }
            start = end + 1;
        }
        return new TransportHeader(specs);
    }

    /** Reads all values of the header in order. */
    public static TransportHeader parse(List<String> values) {
        return values.size() == 1
                ? parse(values.get(0))
                : new TransportHeader(values.stream()
                        .limit(MAX_SPECS)
                        .flatMap(value -> parse(value).specs().stream())
                        .limit(MAX_SPECS)
                        .toList());
    }

    private static int offerEnd(String value, int start) {
        int comma = value.indexOf(',', start);
        while (comma >= 0 && !startsTransport(value, comma + 1)) {
            comma = value.indexOf(',', comma + 1);
        }
        return comma < 0 ? value.length() : comma;
    }

    private static boolean startsTransport(String value, int at) {
        int i = at;
        while (i < value.length() && (value.charAt(i) == ' ' || value.charAt(i) == '\t')) {
            i++;
        }
        int start = i;
        while (i < value.length() && Character.isLetterOrDigit(value.charAt(i))) {
            i++;
        }
        return i > start && i < value.length() && value.charAt(i) == '/';
    }

    /** As sent on the wire. */
    public String render() {
        return specs.stream().map(TransportSpec::render).collect(Collectors.joining(","));
    }
}
