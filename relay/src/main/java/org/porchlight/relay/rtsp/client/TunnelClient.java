package org.porchlight.relay.rtsp.client;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import java.util.EnumMap;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import org.porchlight.relay.rtsp.FramingError;
import org.porchlight.relay.rtsp.HttpTunnel;
import org.porchlight.relay.rtsp.InterleavedFramer;
import org.porchlight.relay.rtsp.RtspHeaders;
import org.porchlight.relay.rtsp.RtspMessage;
import org.porchlight.relay.rtsp.RtspRequest;
import org.porchlight.relay.rtsp.RtspResponse;
import org.porchlight.relay.rtsp.RtspStatus;
import org.porchlight.relay.rtsp.WwwAuthenticate;

/**
 * The HTTP of one tunnel to a camera (RTSP over HTTP): the requests that open its two halves, and what their answers mean. A half that is answered 401 is proved
 * with Digest or Basic (RFC 7616, RFC 7617) on a fresh pair of connections, as most cameras close after a refusal; the challenge is kept in the
 * {@link CameraMemory}, apart from that of RTSP, which has another realm in some cameras. A calculation; owner: the loop of the connection.
 */
public final class TunnelClient {
    private static final int LEAST_HEAD_BYTES = 512;
    private static final int MOST_HEAD_BYTES = 64 * 1024;

    private final CameraMemory memory;
    private final RtspUrl url;
    private final String cookie;
    private final Map<HttpTunnel.Half, Head> heads = new EnumMap<>(HttpTunnel.Half.class);

    /** What the bytes of a half mean. */
    public sealed interface Answer {
        /** The head of the answer is not complete. */
        record Incomplete() implements Answer {}

        /**
         * The half is open.
         *
         * @param rest index in the bytes at which RTSP begins
         */
        record Open(int rest) implements Answer {}

        /** End with this: a fresh start with credentials, or a failure. */
        record Over(ClientOutput.Outcome outcome) implements Answer {}
    }

    /** @param cookie ties the two halves together; unpredictable */
    public TunnelClient(CameraMemory memory, String cookie) {
        this.memory = memory;
        this.url = memory.target();
        this.cookie = cookie;
        for (HttpTunnel.Half half : HttpTunnel.Half.values()) {
            heads.put(half, new Head());
        }
    }

    /** The request that opens a half, with credentials if the camera has asked for them. */
    public RtspRequest request(HttpTunnel.Half half, String userAgent) {
        String path = url.path().isEmpty() ? "/" : url.path();
        String host = url.origin().substring(url.origin().indexOf("://") + 3);
        RtspRequest plain = HttpTunnel.request(half, path, host, cookie, userAgent);
        String authorization = memory.tunnelAuthentication().authorization(plain.method(), path);
        if (authorization == null) {
            return plain;
        }
        RtspHeaders.Builder headers = RtspHeaders.builder();
        plain.headers().fields().forEach(field -> headers.add(field.name(), field.value()));
        headers.add(RtspHeaders.AUTHORIZATION, authorization);
        return new RtspRequest(plain.method(), path, plain.version(), headers.build(), RtspMessage.NO_BODY);
    }

    /**
     * Bytes came on a half that is not known to be open.
     *
     * @param bytes borrowed, read from its reader index to its end
     */
    public Answer receive(HttpTunnel.Half half, ByteBuf bytes) {
        Head head = heads.computeIfAbsent(half, h -> new Head());
        int rest = head.read(bytes);
        RtspResponse response = head.response;
        if (head.failed) {
            return refused("with something that is no HTTP");
        }
        if (response == null) {
            return new Answer.Incomplete();
        }
        if (response.status() == RtspStatus.UNAUTHORIZED.code()) {
            return unauthorized(response);
        }
        if (response.status() != RtspStatus.OK.code()) {
            return refused("with status " + response.status());
        }
        if (half == HttpTunnel.Half.DOWN) {
            memory.tunnelAuthentication().onAccepted();
        }
        return new Answer.Open(rest);
    }

    private Answer unauthorized(RtspResponse response) {
        var offered = WwwAuthenticate.parse(response.headers().all(RtspHeaders.WWW_AUTHENTICATE));
        ClientAuthentication.Verdict verdict = memory.tunnelAuthentication().onUnauthorized(offered, url.tls());
        if (verdict != ClientAuthentication.Verdict.RETRY) {
            return failed(SourceFailure.Kind.CREDENTIALS, verdict.detail() + " for the HTTP tunnel");
        }
        return memory.mayStartOver()
                ? new Answer.Over(new ClientOutput.Outcome.StartOver("the HTTP tunnel needs credentials"))
                : failed(
                        SourceFailure.Kind.CREDENTIALS,
                        "the camera asks for credentials for the HTTP tunnel again and again");
    }

    private static Answer refused(String how) {
        return failed(SourceFailure.Kind.REFUSED, "the camera answers the HTTP tunnel " + how);
    }

    private static Answer failed(SourceFailure.Kind kind, String detail) {
        return new Answer.Over(new ClientOutput.Outcome.Failed(new SourceFailure(kind, detail)));
    }

    /** Gathers the head of an answer; what follows it belongs to RTSP. */
    private static final class Head implements InterleavedFramer.Sink {
        private final InterleavedFramer framer = new InterleavedFramer(InterleavedFramer.Limits.client());
        private final ByteBuf gathered = Unpooled.buffer(LEAST_HEAD_BYTES, MOST_HEAD_BYTES);
        private int consumed;
        private @Nullable RtspResponse response;
        private boolean failed;

        /** Index in {@code bytes} behind the head; without meaning while there is no answer. */
        int read(ByteBuf bytes) {
            int room = gathered.maxCapacity() - gathered.writerIndex();
            int before = gathered.writerIndex();
            int taken = Math.min(room, bytes.readableBytes());
            gathered.writeBytes(bytes, bytes.readerIndex(), taken);
            // byte by byte to the end of the head, so that nothing of what follows is taken for another message
            for (int end = Math.max(before, consumed) + 1; end <= gathered.writerIndex() && isWaiting(); end++) {
                consumed = framer.parse(gathered, consumed, end, this);
            }
            failed |= isWaiting() && gathered.writerIndex() == gathered.maxCapacity();
            return bytes.readerIndex() + Math.max(0, consumed - before);
        }

        private boolean isWaiting() {
            return response == null && !failed;
        }

        @Override
        public void onInterleaved(int channel, int offset, int length) {
            failed = true;
        }

        @Override
        public void onMessage(RtspMessage message) {
            if (message instanceof RtspResponse answer) {
                response = answer;
            } else {
                failed = true;
            }
        }

        @Override
        public void onGarbage(int bytes) {}

        @Override
        public void onFatal(FramingError error) {
            failed = true;
        }
    }
}
