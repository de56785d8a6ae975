package org.porchlight.relay.rtsp;

import io.netty.buffer.ByteBuf;
import java.nio.charset.StandardCharsets;
import java.util.List;

/**
 * Finds the frames and messages of one RTSP connection in a contiguous buffer, in place. Owner: the loop of the connection.
 *
 * <pre>
 *   interleaved frame, RFC 2326 section 10.12
 *   +--------+---------+----------+-----------------
 *   | 0x24 $ | channel |  length  | RTP or RTCP ...
 *   +--------+---------+----------+-----------------
 * </pre>
 *
 * <p>The caller hands in {@code [from, to)}: everything read and not yet consumed, beginning where the call before stopped. Bytes may
 * have moved to another buffer in between, as long as their order is the same. Frames and messages may be cut anywhere.
 *
 * <p>Some cameras put stray bytes between two frames, or tell a wrong length. Such bytes are passed over until something follows that
 * is surely a frame (RTP version 2 behind a plausible head) or a message (a known method or version), counted, and limited. At the
 * place where a frame or message is due anything that may be one is taken as one.
 *
 * <p>An HTTP head (the tunnel) is delivered without a body, and {@link #parse} returns right behind it, whatever follows: only the
 * caller knows how to read on.
 */
public final class InterleavedFramer {
    private static final int FRAME_HEADER = 4;
    private static final int MAX_METHOD = 32;
    /** RTCP's shortest packet: an empty receiver report, RFC 3550 section 6.4.2. */
    private static final int MIN_PLAUSIBLE_PAYLOAD = 8;

    private static final byte[][] KNOWN_STARTS = knownStarts();

    private final Limits limits;
    private boolean recovering;
    private boolean failed;
    private int garbage;
    /** Bytes from the first one not consumed that hold no end of a head. */
    private int scanned;

    private int missing = 1;

    /**
     * What a connection may ask of us.
     *
     * @param maxHeaderBytes start line and header fields together
     * @param maxBodyBytes largest {@code Content-Length}
     * @param maxGarbageBytes most bytes to pass over in a row
     * @param maxChannel highest interleaved channel that is plausible behind garbage, 0 to 255
     * @param lenient the far side is a camera: only known methods and versions begin a message, broken messages count as garbage,
     *     strange header lines are passed over
     */
    public record Limits(int maxHeaderBytes, int maxBodyBytes, int maxGarbageBytes, int maxChannel, boolean lenient) {
        public Limits {
            if (maxHeaderBytes < 64 || maxBodyBytes < 0 || maxGarbageBytes < 0 || maxChannel < 0 || maxChannel > 255) {
                throw new IllegalArgumentException("framing limits out of range");
            }
        }

        /** For connections that clients open to us. */
        public static Limits server() {
            return new Limits(16 << 10, 64 << 10, 64 << 10, 31, false);
        }

        /** For our connections to cameras. */
        public static Limits client() {
            return new Limits(16 << 10, 256 << 10, 64 << 10, 31, true);
        }
    }

    /** Takes what was found, during {@link #parse}. */
    public interface Sink {
        /**
         * One whole frame.
         *
         * @param offset index of its payload; the four bytes before it are the frame's head
         * @param length payload bytes, 0 to 65,535
         */
        void onInterleaved(int channel, int offset, int length);

        void onMessage(RtspMessage message);

        /** Bytes that were passed over, 1 or more. */
        void onGarbage(int bytes);

        /** Nothing more can be read from this connection; last call. */
        void onFatal(FramingError error);
    }

    public InterleavedFramer(Limits limits) {
        this.limits = limits;
    }

    /**
     * Finds what is complete.
     *
     * @param buf borrowed, not written to, its indices are neither used nor moved
     * @return index of the first byte not consumed; {@code to} after a fatal error
     */
    public int parse(ByteBuf buf, int from, int to, Sink sink) {
        int at = from;
        while (!failed && at < to) {
            byte b = buf.getByte(at);
            int next;
            if (b == '$') {
                next = frame(buf, at, to, sink);
            } else if (!recovering && (b == '\r' || b == '\n')) {
                next = at + 1;
            } else {
                next = messageOrGarbage(buf, at, to, sink);
            }
            if (next == at) {
                return at;
            }
            if (next < 0) {
                return -next;
            }
            at = next;
        }
        missing = 1;
        return failed ? to : at;
    }

    /** Bytes that what stands at the index returned last still needs, as far as known; at least 1. */
    public int missingBytes() {
        return missing;
    }

    private int frame(ByteBuf buf, int at, int to, Sink sink) {
        int available = to - at;
        if (available < FRAME_HEADER) {
            return wait(at, FRAME_HEADER - available);
        }
        int length = buf.getUnsignedShort(at + 2);
        if (recovering) {
            Plausibility plausibility = plausibleFrame(buf, at, available, length);
            if (plausibility == Plausibility.UNKNOWN) {
                return wait(at, 1);
            }
            if (plausibility == Plausibility.NO) {
                return garbage(at, at + 1, sink);
            }
        }
        if (available < FRAME_HEADER + length) {
            return wait(at, FRAME_HEADER + length - available);
        }
        synchronised();
        sink.onInterleaved(buf.getUnsignedByte(at + 1), at + FRAME_HEADER, length);
        return at + FRAME_HEADER + length;
    }

    private Plausibility plausibleFrame(ByteBuf buf, int at, int available, int length) {
        if (length < MIN_PLAUSIBLE_PAYLOAD || buf.getUnsignedByte(at + 1) > limits.maxChannel()) {
            return Plausibility.NO;
        }
        if (available <= FRAME_HEADER) {
            return Plausibility.UNKNOWN;
        }
        return (buf.getByte(at + FRAME_HEADER) & 0xc0) == 0x80 ? Plausibility.YES : Plausibility.NO;
    }

    private int messageOrGarbage(ByteBuf buf, int at, int to, Sink sink) {
        Plausibility start =
                recovering || limits.lenient() ? knownMessageStart(buf, at, to) : anyMessageStart(buf, at, to);
        if (start == Plausibility.UNKNOWN) {
            return wait(at, 1);
        }
        return start == Plausibility.YES
                ? message(buf, at, to, sink)
                : garbage(at, nextCandidate(buf, at + 1, to), sink);
    }

    private static Plausibility knownMessageStart(ByteBuf buf, int at, int to) {
        boolean cut = false;
        for (byte[] start : KNOWN_STARTS) {
            int common = Math.min(start.length, to - at);
            int i = 0;
            while (i < common && buf.getByte(at + i) == start[i]) {
                i++;
            }
            if (i == start.length) {
                return Plausibility.YES;
            }
            cut |= i == to - at;
        }
        return cut ? Plausibility.UNKNOWN : Plausibility.NO;
    }

    /** A token and a blank or line end, or a version. */
    private static Plausibility anyMessageStart(ByteBuf buf, int at, int to) {
        int end = Math.min(to, at + MAX_METHOD + 1);
        for (int i = at; i < end; i++) {
            byte b = buf.getByte(i);
            if ((b == ' ' || b == '\r' || b == '\n') && i > at) {
                return Plausibility.YES;
            }
            if (b == '/') {
                return knownMessageStart(buf, at, to);
            }
            if (!isMethodCharacter(b)) {
                return Plausibility.NO;
            }
        }
        return end == to && to - at <= MAX_METHOD ? Plausibility.UNKNOWN : Plausibility.NO;
    }

    private static boolean isMethodCharacter(byte b) {
        return (b >= 'A' && b <= 'Z') || (b >= 'a' && b <= 'z') || (b >= '0' && b <= '9') || b == '_' || b == '-';
    }

    private int message(ByteBuf buf, int at, int to, Sink sink) {
        int headEnd = headEnd(buf, at, to);
        if (headEnd < 0 ? to - at >= limits.maxHeaderBytes() : headEnd - at > limits.maxHeaderBytes()) {
            int end = Math.min(to, at + limits.maxHeaderBytes());
            return fatal(FramingError.Kind.HEADER_TOO_LARGE, RtspMessageParser.findCseq(buf, at, end), to, sink);
        }
        if (headEnd < 0) {
            return wait(at, 1);
        }
        RtspMessage head = RtspMessageParser.parseHead(buf, at, headEnd, limits.lenient());
        if (head == null) {
            scanned = 0;
            return limits.lenient()
                    ? garbage(at, headEnd, sink)
                    : fatal(
                            FramingError.Kind.MALFORMED_MESSAGE,
                            RtspMessageParser.findCseq(buf, at, headEnd),
                            to,
                            sink);
        }
        if (head.version() == RtspVersion.HTTP) {
            synchronised();
            missing = 1;
            sink.onMessage(head);
            return -headEnd;
        }
        return body(head, buf, at, headEnd, to, sink);
    }

    private int body(RtspMessage head, ByteBuf buf, int at, int headEnd, int to, Sink sink) {
        long length = contentLength(head.headers());
        if (length < 0) {
            return fatal(FramingError.Kind.BAD_CONTENT_LENGTH, head.cseq(), to, sink);
        }
        if (length > limits.maxBodyBytes()) {
            return fatal(FramingError.Kind.BODY_TOO_LARGE, head.cseq(), to, sink);
        }
        int end = headEnd + (int) length;
        if (end > to) {
            return wait(at, end - to);
        }
        synchronised();
        sink.onMessage(withBody(head, buf, headEnd, (int) length));
        return end;
    }

    /** The length told; -1 if it is senseless. A camera's nonsense is read as far as it goes. */
    private long contentLength(RtspHeaders headers) {
        List<String> values = headers.all(RtspHeaders.CONTENT_LENGTH);
        if (values.isEmpty()) {
            return 0;
        }
        if (limits.lenient()) {
            return Math.max(0, Digits.parseLeading(values.get(0).trim()));
        }
        long length = lengthOf(values.get(0));
        for (String other : values) {
            if (lengthOf(other) != length) {
                return -1;
            }
        }
        return length;
    }

    /** More digits than a long holds is still a number, only absurd. */
    private static long lengthOf(String value) {
        String text = value.trim();
        long length = Digits.parseLong(text);
        return length < 0 && !text.isEmpty() && text.chars().allMatch(c -> c >= '0' && c <= '9')
                ? Long.MAX_VALUE
                : length;
    }

    private static RtspMessage withBody(RtspMessage head, ByteBuf buf, int offset, int length) {
        if (length == 0) {
            return head;
        }
        byte[] body = new byte[length];
        buf.getBytes(offset, body);
        if (head instanceof RtspRequest request) {
            return new RtspRequest(request.method(), request.uri(), request.version(), request.headers(), body);
        }
        RtspResponse response = (RtspResponse) head;
        return new RtspResponse(response.status(), response.reason(), response.version(), response.headers(), body);
    }

    /** Index behind the empty line that ends a head, or -1. Looks at each byte once over all calls. */
    private int headEnd(ByteBuf buf, int at, int to) {
        int limit = Math.min(to, at + limits.maxHeaderBytes() + 1);
        int from = at + Math.min(scanned, limit - at);
        while (from < limit) {
            int lf = buf.indexOf(from, limit, (byte) '\n');
            if (lf < 0) {
                break;
            }
            int after = lf + 1;
            while (after < limit && buf.getByte(after) == '\r') {
                after++;
            }
            if (after >= limit) {
                scanned = lf - at;
                return -1;
            }
            if (buf.getByte(after) == '\n') {
                return after + 1;
            }
            from = after;
        }
        scanned = limit - at;
        return -1;
    }

    private static int nextCandidate(ByteBuf buf, int from, int to) {
        for (int i = from; i < to; i++) {
            byte b = buf.getByte(i);
            if (b == '$' || (b >= 'A' && b <= 'Z')) {
                return i;
            }
        }
        return to;
    }

    private int garbage(int from, int to, Sink sink) {
        recovering = true;
        scanned = 0;
        garbage += to - from;
        sink.onGarbage(to - from);
        return garbage > limits.maxGarbageBytes() ? fatal(FramingError.Kind.TOO_MUCH_GARBAGE, -1, to, sink) : to;
    }

    private int fatal(FramingError.Kind kind, int cseq, int to, Sink sink) {
        failed = true;
        sink.onFatal(new FramingError(kind, cseq));
        return to;
    }

    private int wait(int at, int bytes) {
        missing = bytes;
        return at;
    }

    private void synchronised() {
        recovering = false;
        garbage = 0;
        scanned = 0;
    }

    private static byte[][] knownStarts() {
        RtspMethod[] methods = RtspMethod.values();
        byte[][] starts = new byte[methods.length + 4][];
        for (int i = 0; i < methods.length; i++) {
            starts[i] = ascii(methods[i].name() + " ");
        }
        starts[methods.length] = ascii("RTSP/");
        starts[methods.length + 1] = ascii("HTTP/");
        starts[methods.length + 2] = ascii("GET ");
        starts[methods.length + 3] = ascii("POST ");
        return starts;
    }

    private static byte[] ascii(String text) {
        return text.getBytes(StandardCharsets.US_ASCII);
    }

    private enum Plausibility {
        YES,
        NO,
        /** More bytes must come. */
        UNKNOWN
    }
}
