package org.porchlight.relay.rtsp;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufAllocator;
import java.util.Base64;
import org.jspecify.annotations.Nullable;

/**
 * RTSP over HTTP, as Apple's tunnelling note of 1999 describes it: a GET whose answer never ends carries everything from the server,
 * a POST whose body never ends carries the client's requests in base64; the same cookie ties both together.
 *
 * @param half which half asks
 * @param cookie 1 to 128 visible characters
 */
public record HttpTunnel(Half half, String cookie) {
    public static final String CONTENT_TYPE = "application/x-rtsp-tunnelled";
    private static final int MAX_COOKIE = 128;
    private static final String GET = "GET";
    private static final String POST = "POST";

    /** The two connections of a tunnel. */
    public enum Half {
        /** From server to client. */
        DOWN,
        /** From client to server. */
        UP
    }

    /** The half that a request asks for; null if it is no tunnel's. */
    public static @Nullable HttpTunnel of(RtspRequest request) {
        String cookie = request.headers().first(RtspHeaders.SESSION_COOKIE);
        if (request.version() != RtspVersion.HTTP || cookie == null || !isCookie(cookie)) {
            return null;
        }
        return switch (request.method()) {
            case GET -> new HttpTunnel(Half.DOWN, cookie);
            case POST -> new HttpTunnel(Half.UP, cookie);
            default -> null;
        };
    }

    private static boolean isCookie(String text) {
        return !text.isEmpty() && text.length() <= MAX_COOKIE && text.chars().allMatch(c -> c > ' ' && c < 0x7f);
    }

    /** The client's first request for a half; host as in the URL, with port if it is not the default. */
    public static RtspRequest request(Half half, String path, String host, String cookie, String userAgent) {
        RtspHeaders.Builder headers = RtspHeaders.builder()
                .add("Host", host)
                .add(RtspHeaders.SESSION_COOKIE, cookie)
                .add(RtspHeaders.USER_AGENT, userAgent);
        if (half == Half.DOWN) {
            headers.add(RtspHeaders.ACCEPT, CONTENT_TYPE);
        } else {
            headers.add(RtspHeaders.CONTENT_TYPE, CONTENT_TYPE).add(RtspHeaders.CONTENT_LENGTH, "32767");
        }
        headers.add("Pragma", "no-cache").add(RtspHeaders.CACHE_CONTROL, "no-cache");
        return new RtspRequest(
                half == Half.DOWN ? GET : POST, path, RtspVersion.HTTP, headers.build(), RtspMessage.NO_BODY);
    }

    /** The server's answer to the GET; a POST is never answered. */
    public static RtspResponse accepted(String server) {
        RtspHeaders headers = RtspHeaders.of(
                RtspHeaders.SERVER,
                server,
                RtspHeaders.CONNECTION,
                "close",
                RtspHeaders.CACHE_CONTROL,
                "no-store",
                "Pragma",
                "no-cache",
                RtspHeaders.CONTENT_TYPE,
                CONTENT_TYPE);
        return new RtspResponse(200, "OK", RtspVersion.HTTP, headers, RtspMessage.NO_BODY);
    }

    /** Bytes as the upward half carries them, in a new buffer, which is the caller's; {@code plain} is borrowed. */
    public static ByteBuf encodeUpward(ByteBuf plain, ByteBufAllocator allocator) {
        byte[] bytes = new byte[plain.readableBytes()];
        plain.getBytes(plain.readerIndex(), bytes);
        byte[] encoded = Base64.getEncoder().encode(bytes);
        return allocator.buffer(encoded.length).writeBytes(encoded);
    }

    /** The cookie is a key to someone's connection. */
    @Override
    public String toString() {
        return "HttpTunnel[" + half + "]";
    }
}
