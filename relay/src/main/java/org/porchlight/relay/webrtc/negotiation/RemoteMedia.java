package org.porchlight.relay.webrtc.negotiation;

import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import org.porchlight.relay.sdp.Attribute;
import org.porchlight.relay.sdp.MediaDescription;

/**
 * One m-line of the peer.
 *
 * @param line as it was written
 * @param mid empty: none
 * @param usable RTP over DTLS and not rejected: an answer may take it
 * @param direction as the peer sees it
 * @param payloads in order of preference
 * @param extensions those we know
 * @param rids the simulcast layers that it wants to send, in their order; empty: no simulcast
 * @param ssrc of the media it sends as an unsigned number, 0: not told
 * @param rtxSsrc of its retransmissions, 0: not told
 */
record RemoteMedia(
        MediaDescription line,
        String mid,
        boolean usable,
        Direction direction,
        List<PayloadFormat> payloads,
        HeaderExtensions extensions,
        List<String> rids,
        long ssrc,
        long rtxSsrc) {
    /** Layers beyond this number are left out. */
    static final int MAX_LAYERS = 8;

    private static final int MAX_RID = 32;
    private static final long MAX_SSRC = 0xFFFF_FFFFL;

    RemoteMedia {
        payloads = List.copyOf(payloads);
        rids = List.copyOf(rids);
    }

    static RemoteMedia of(MediaDescription line) {
        String mid = line.attribute("mid").orElse("");
        boolean rejected = line.port() == 0 && line.attribute("bundle-only").isEmpty();
        long[] ssrcs = ssrcs(line);
        return new RemoteMedia(
                line,
                mid,
                !rejected && isSecureRtp(line.protocol()),
                direction(line),
                PayloadFormat.listOf(line),
                HeaderExtensions.of(line),
                rids(line),
                ssrcs[0],
                ssrcs[1]);
    }

    boolean isKind(String media) {
        return line.media().equals(media);
    }

    boolean has(String attribute) {
        return line.attribute(attribute).isPresent();
    }

    /** The protocols that RFC 8829 section 5.1.2 asks to take for the same thing. */
    private static boolean isSecureRtp(String protocol) {
        return switch (protocol.toUpperCase(Locale.ROOT)) {
            case "UDP/TLS/RTP/SAVPF", "TCP/TLS/RTP/SAVPF", "RTP/SAVPF", "UDP/TLS/RTP/SAVP", "RTP/SAVP" -> true;
            default -> false;
        };
    }

    private static Direction direction(MediaDescription line) {
        for (Direction direction : Direction.values()) {
            if (line.attribute(direction.toAttribute().name()).isPresent()) {
                return direction;
            }
        }
        return Direction.SENDRECV;
    }

    /** {@code a=simulcast:send h;m,m2;~l} (RFC 8853 section 5.1): the first alternative of each layer, paused or not. */
    private static List<String> rids(MediaDescription line) {
        String[] words = line.attribute("simulcast").orElse("").strip().split("\\s+");
        List<String> rids = new ArrayList<>();
        for (int i = 0; i + 1 < words.length; i += 2) {
            if (!words[i].equals("send")) {
                continue;
            }
            for (String layer : words[i + 1].split(";")) {
                String first = layer.split(",", 2)[0];
                String rid = first.startsWith("~") ? first.substring(1) : first;
                if (isRid(rid) && !rids.contains(rid) && rids.size() < MAX_LAYERS) {
                    rids.add(rid);
                }
            }
        }
        return rids;
    }

    private static boolean isRid(String text) {
        return !text.isEmpty()
                && text.length() <= MAX_RID
                && text.chars().allMatch(c -> c < 128 && (Character.isLetterOrDigit(c) || c == '-' || c == '_'));
    }

    /** From {@code a=ssrc-group:FID media rtx}, else from the first {@code a=ssrc} (RFC 5576 section 4). */
    private static long[] ssrcs(MediaDescription line) {
        long media = 0;
        for (Attribute attribute : line.attributes()) {
            String[] words = attribute.value().split("\\s+", 4);
            if (attribute.isNamed("ssrc-group") && words.length >= 3 && words[0].equalsIgnoreCase("FID")) {
                long first = Numbers.parseLong(words[1], MAX_SSRC);
                long second = Numbers.parseLong(words[2], MAX_SSRC);
                if (first > 0 && second > 0) {
                    return new long[] {first, second};
                }
            }
            if (attribute.isNamed("ssrc") && media == 0) {
                media = Math.max(0, Numbers.parseLong(words[0], MAX_SSRC));
            }
        }
        return new long[] {media, 0};
    }
}
