package org.porchlight.relay.webrtc.ice;

import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Optional;

/**
 * One candidate (RFC 8839 section 5.1), as {@code a=candidate} writes it.
 *
 * @param foundation 1 to 32 ICE characters
 * @param component 1 to 256; 1 where RTP and RTCP share a port
 * @param transport UDP or TCP
 * @param priority 1 to 2^31 - 1 (2^32 - 1 is forgiven)
 * @param host address as written: IPv4, IPv6, or a name such as {@code x.local}
 * @param port 0 to 65,535; 9 for active TCP
 * @param type of the candidate
 * @param tcpType empty for UDP; {@code active}, {@code passive} or {@code so} (RFC 6544 section 4.5)
 */
public record IceCandidate(
        String foundation,
        int component,
        IceTransport transport,
        long priority,
        String host,
        int port,
        Type type,
        String tcpType) {
    /** Longest line that is read. */
    public static final int MAX_LENGTH = 512;

    private static final int DIRECTION_PASSIVE = 4;

    /** Kinds of candidates with the type preference of RFC 8445 section 5.1.2.2. */
    public enum Type {
        HOST(126, "host"),
        SERVER_REFLEXIVE(100, "srflx"),
        PEER_REFLEXIVE(110, "prflx"),
        RELAYED(0, "relay");

        private final int preference;
        private final String token;

        Type(int preference, String token) {
            this.preference = preference;
            this.token = token;
        }

        static Optional<Type> of(String token) {
            for (Type type : values()) {
                if (type.token.equalsIgnoreCase(token)) {
                    return Optional.of(type);
                }
            }
            return Optional.empty();
        }
    }

    /**
     * Our candidates for a list of addresses that all lead to one port: UDP for each, then TCP for each.
     *
     * @param addresses resolved; where peers reach us, which behind a one-to-one NAT are the public ones; the best first, at most 1,024
     */
    public static List<IceCandidate> hosts(List<InetSocketAddress> addresses) {
        if (addresses.size() > 1_024) {
            throw new IllegalArgumentException(addresses.size() + " addresses are more than any peer would try");
        }
        List<IceCandidate> candidates = new ArrayList<>();
        for (int rank = 0; rank < addresses.size(); rank++) {
            candidates.add(hostUdp(addresses.get(rank), rank));
        }
        for (int rank = 0; rank < addresses.size(); rank++) {
            candidates.add(hostTcpPassive(addresses.get(rank), rank));
        }
        return List.copyOf(candidates);
    }

    /**
     * A host candidate of ours for UDP.
     *
     * @param address resolved; where peers reach us, which behind a one-to-one NAT is the public one
     * @param rank 0 for the address peers should try first, up to 65,535
     */
    public static IceCandidate hostUdp(InetSocketAddress address, int rank) {
        long priority = priority(Type.HOST.preference, 0xFFFF - rank, 1);
        return host(address, IceTransport.UDP, priority, rank, "");
    }

    /**
     * A host candidate of ours that waits for TCP connections (RFC 6544 section 4.2). Its type preference lies below that of every
     * direct UDP candidate: a peer uses it where UDP is blocked.
     *
     * @param address resolved
     * @param rank 0 to 8,191
     */
    public static IceCandidate hostTcpPassive(InetSocketAddress address, int rank) {
        int localPreference = DIRECTION_PASSIVE << 13 | (0x1FFF - rank);
        return host(
                address, IceTransport.TCP, priority(Type.HOST.preference - 36, localPreference, 1), rank, "passive");
    }

    private static IceCandidate host(
            InetSocketAddress address, IceTransport transport, long priority, int rank, String tcpType) {
        String foundation = (transport == IceTransport.UDP ? "u" : "t") + rank;
        return new IceCandidate(
                foundation, 1, transport, priority, text(address.getAddress()), address.getPort(), Type.HOST, tcpType);
    }

    /** The priority formula of RFC 8445 section 5.1.2.1. */
    static long priority(int typePreference, int localPreference, int component) {
        return ((long) typePreference << 24) + ((long) localPreference << 8) + (256 - component);
    }

    /** An address without the scope that a link-local IPv6 address may carry. */
    private static String text(InetAddress address) {
        String text = address.getHostAddress();
        int scope = text.indexOf('%');
        return scope < 0 ? text : text.substring(0, scope);
    }

    /**
     * Reads the value of {@code a=candidate}, or what a browser passes on as {@code candidate:…}.
     *
     * @return empty when it is none, or speaks of a transport or type that is not known: such candidates are skipped (RFC 8839
     *     section 5.1)
     */
    public static Optional<IceCandidate> parse(String text) {
        String value = text.regionMatches(true, 0, "candidate:", 0, 10) ? text.substring(10) : text;
        if (value.length() > MAX_LENGTH) {
            return Optional.empty();
        }
        String[] words = value.strip().split(" +");
        if (words.length < 8 || !words[6].equalsIgnoreCase("typ") || words[0].isEmpty() || words[0].length() > 32) {
            return Optional.empty();
        }
        long component = number(words[1], 256);
        long priority = number(words[3], 0xFFFF_FFFFL);
        long port = number(words[5], 65_535);
        Optional<IceTransport> transport = transport(words[2]);
        Optional<Type> type = Type.of(words[7]);
        if (component < 1 || priority < 0 || port < 0 || transport.isEmpty() || type.isEmpty()) {
            return Optional.empty();
        }
        String tcpType = transport.get() == IceTransport.TCP ? extension(words, "tcptype") : "";
        return Optional.of(new IceCandidate(
                words[0], (int) component, transport.get(), priority, words[4], (int) port, type.get(), tcpType));
    }

    private static Optional<IceTransport> transport(String word) {
        return switch (word.toLowerCase(Locale.ROOT)) {
            case "udp" -> Optional.of(IceTransport.UDP);
            case "tcp" -> Optional.of(IceTransport.TCP);
            default -> Optional.empty();
        };
    }

    /** Value of one of the pairs that follow the type. */
    private static String extension(String[] words, String name) {
        for (int i = 8; i + 1 < words.length; i += 2) {
            if (words[i].equalsIgnoreCase(name)) {
                return words[i + 1].toLowerCase(Locale.ROOT);
            }
        }
        return "";
    }

    private static long number(String text, long max) {
        if (text.isEmpty() || text.length() > 10) {
            return -1;
        }
        long value = 0;
        for (int i = 0; i < text.length(); i++) {
            int digit = text.charAt(i) - '0';
            if (digit < 0 || digit > 9) {
                return -1;
            }
            value = value * 10 + digit;
        }
        return value > max ? -1 : value;
    }

    /** The value of {@code a=candidate}. */
    public String toAttributeValue() {
        String line = foundation + " " + component + " " + transport.name().toLowerCase(Locale.ROOT) + " " + priority
                + " " + host + " " + port + " typ " + type.token;
        return tcpType.isEmpty() ? line : line + " tcptype " + tcpType;
    }
}
