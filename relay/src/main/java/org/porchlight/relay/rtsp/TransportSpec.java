package org.porchlight.relay.rtsp;

import java.util.Locale;
import org.jspecify.annotations.Nullable;

/**
 * One way to carry media, as offered or chosen in {@code Transport} (RFC 2326 section 12.39).
 *
 * @param profile the first two parts, upper case, for example {@code RTP/AVP}
 * @param lower the third part, UDP if it is missing
 * @param multicast asked for by name; what is not told counts as unicast, as all clients of today mean it
 * @param clientPort RTP and RTCP port of the client, 0 to 65,535
 * @param serverPort RTP and RTCP port of the server
 * @param interleaved channels for RTP and RTCP, 0 to 255
 * @param ssrc eight hexadecimal digits as an unsigned value, or null
 * @param source address that the server sends from
 * @param destination address that the stream shall go to
 * @param record the mode is {@code RECORD} (or the older {@code RECEIVE}): media flows from client to server
 */
public record TransportSpec(
        String profile,
        Lower lower,
        boolean multicast,
        @Nullable NumberPair clientPort,
        @Nullable NumberPair serverPort,
        @Nullable NumberPair interleaved,
        @Nullable Long ssrc,
        @Nullable String source,
        @Nullable String destination,
        boolean record) {

    public static final String RTP_AVP = "RTP/AVP";

    /** What carries the packets. */
    public enum Lower {
        UDP,
        TCP,
        OTHER
    }

    /** Interleaved in the RTSP connection on these channels. */
    public static TransportSpec tcp(NumberPair interleaved) {
        return new TransportSpec(RTP_AVP, Lower.TCP, false, null, null, interleaved, null, null, null, false);
    }

    /** Unicast UDP to these ports of the client. */
    public static TransportSpec udp(NumberPair clientPort) {
        return new TransportSpec(RTP_AVP, Lower.UDP, false, clientPort, null, null, null, null, null, false);
    }

    public TransportSpec withMode(boolean newRecord) {
        return new TransportSpec(
                profile, lower, multicast, clientPort, serverPort, interleaved, ssrc, source, destination, newRecord);
    }

    public TransportSpec withServerPort(NumberPair newServerPort) {
        return new TransportSpec(
                profile, lower, multicast, clientPort, newServerPort, interleaved, ssrc, source, destination, record);
    }

    public TransportSpec withInterleaved(NumberPair newInterleaved) {
        return new TransportSpec(
                profile, lower, multicast, clientPort, serverPort, newInterleaved, ssrc, source, destination, record);
    }

    public TransportSpec withSsrc(@Nullable Long newSsrc) {
        return new TransportSpec(
                profile, lower, multicast, clientPort, serverPort, interleaved, newSsrc, source, destination, record);
    }

    /** Reads one offer; null if it does not begin with a transport. Unknown and broken parameters are passed over. */
    static @Nullable TransportSpec parse(String text) {
        String[] parts = text.split(";", 64);
        String[] protocol = parts[0].trim().toUpperCase(Locale.ROOT).split("/", -1);
        if (protocol.length < 2 || protocol[0].isBlank()) {
            return null;
        }
        Lower lower = protocol.length == 2 ? Lower.UDP : lowerOf(protocol[2].trim());
        Fields fields = new Fields();
        for (int i = 1; i < parts.length; i++) {
            fields.read(parts[i]);
        }
        return new TransportSpec(
                protocol[0].trim() + "/" + protocol[1].trim(),
                lower,
                fields.multicast,
                fields.clientPort,
                fields.serverPort,
                fields.interleaved,
                fields.ssrc,
                fields.source,
                fields.destination,
                fields.record);
    }

    private static Lower lowerOf(String text) {
        return switch (text) {
            case "UDP" -> Lower.UDP;
            case "TCP" -> Lower.TCP;
            default -> Lower.OTHER;
        };
    }

    /** As sent on the wire. */
    public String render() {
        StringBuilder out = new StringBuilder(profile);
        if (lower == Lower.TCP) {
            out.append("/TCP");
        }
        out.append(multicast ? ";multicast" : ";unicast");
        append(out, "destination", destination);
        append(out, "source", source);
        append(out, "interleaved", interleaved == null ? null : interleaved.render());
        append(out, "client_port", clientPort == null ? null : clientPort.render());
        append(out, "server_port", serverPort == null ? null : serverPort.render());
        append(out, "ssrc", ssrc == null ? null : String.format(Locale.ROOT, "%08X", ssrc));
        append(out, "mode", record ? "record" : null);
        return out.toString();
    }

    private static void append(StringBuilder out, String name, @Nullable String value) {
        if (value != null) {
            out.append(';').append(name).append('=').append(value);
        }
    }

    private static final class Fields {
        private boolean multicast;
        private @Nullable NumberPair clientPort;
        private @Nullable NumberPair serverPort;
        private @Nullable NumberPair interleaved;
        private @Nullable Long ssrc;
        private @Nullable String source;
        private @Nullable String destination;
        private boolean record;

        void read(String parameter) {
            int equals = parameter.indexOf('=');
            String name = (equals < 0 ? parameter : parameter.substring(0, equals))
                    .trim()
                    .toLowerCase(Locale.ROOT);
            String value = equals < 0 ? "" : unquoted(parameter.substring(equals + 1));
            switch (name) {
                case "multicast" -> multicast = true;
                case "client_port" -> clientPort = NumberPair.parse(value, 65_535);
                case "server_port" -> serverPort = NumberPair.parse(value, 65_535);
                case "interleaved" -> interleaved = NumberPair.parse(value, 255);
                case "ssrc" -> ssrc = parseSsrc(value);
                case "source" -> source = value.isEmpty() ? null : value;
                case "destination" -> destination = value.isEmpty() ? null : value;
                case "mode" ->
                    record = value.regionMatches(true, 0, "RECORD", 0, 6)
                            || value.regionMatches(true, 0, "RECEIVE", 0, 7);
                default -> {
                    // append, ttl, layers and vendors' own say nothing that we act on
                }
            }
        }

        private static String unquoted(String text) {
            String value = text.trim();
            int start = value.startsWith("\"") ? 1 : 0;
            int end = value.length() - (value.length() > start && value.endsWith("\"") ? 1 : 0);
            return value.substring(start, end).trim();
        }

        /** Hexadecimal by the RFC; some write it with {@code 0x} or shorter. */
        private static @Nullable Long parseSsrc(String text) {
            String digits = text.startsWith("0x") || text.startsWith("0X") ? text.substring(2) : text;
            if (digits.isEmpty() || digits.length() > 8) {
                return null;
            }
            long value = 0;
            for (int i = 0; i < digits.length(); i++) {
                int digit = Character.digit(digits.charAt(i), 16);
                if (digit < 0) {
                    return null;
                }
                value = value << 4 | digit;
            }
            return value;
        }
    }
}
