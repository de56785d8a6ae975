package org.porchlight.relay.rtsp.client;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.fail;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.IntUnaryOperator;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;
import org.porchlight.relay.rtsp.RtspHeaders;
import org.porchlight.relay.rtsp.RtspMessage;
import org.porchlight.relay.rtsp.RtspRequest;
import org.porchlight.relay.rtsp.RtspResponse;

/**
 * Plays one recorded dialogue with a camera against a real session. A dialogue is a text file:
 *
 * <pre>
 *   # why it is here
 *   url: / user: / password: / transport:     how the camera is configured
 *   &gt; line                                    what the client must send; a value that ends in * matches by its beginning
 *   &lt; line                                    what the camera sends, with CRLF; \r \n \xHH are understood
 *   &lt;| text                                   the same without line end
 *   &lt;body ... &lt;/body                          a body; "Content-Length: @" before it becomes its length
 *   $ channel hex                             an interleaved frame;  u track rtp|rtcp sender hex  a datagram
 *   = what                                    what the session must tell, in order
 *   + seconds                                 time passes
 *   @ connect | lost | close | ports a b      what happens to the connection
 *   quirks: A B                               exactly what must have been noted at the end
 * </pre>
 */
final class Dialogue {
    private static final long START = 1_000_000_000L;
    private static final Map<Path, List<String>> READ = new ConcurrentHashMap<>();

    private final List<String> lines;
    private final IntUnaryOperator cut;
    private final CameraMemory memory;
    private final Deque<String> told = new ArrayDeque<>();
    private final ByteBuf buf = Unpooled.buffer();
    private final ByteArrayOutputStream toClient = new ByteArrayOutputStream();
    private RtspClientSession session;
    private long now = START;
    private int sent;
    private int consumed;

    private Dialogue(List<String> lines, IntUnaryOperator cut) {
        this.lines = lines;
        this.cut = cut;
        String user = directive("user", "");
        RtspUrl url = RtspUrl.parse(directive("url", "rtsp://192.0.2.7/live"))
                .orElseThrow()
                .url();
        this.memory = new CameraMemory(
                url,
                user.isEmpty() ? null : new CameraCredentials(user, directive("password", "")),
                TransportChoice.valueOf(directive("transport", "AUTO")),
                () -> "0a4f113b0a4f113b");
        this.session = newSession();
    }

    /** Plays a file; {@code cut} tells from how many bytes were sent how many more to send at once. Returns all bytes the camera sent. */
    static int play(Path file, IntUnaryOperator cut) {
        try {
            Dialogue dialogue = new Dialogue(linesOf(file), cut);
            try {
                dialogue.run();
            } finally {
                dialogue.buf.release();
            }
            return dialogue.sent;
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** A dialogue is played thousands of times, cut at each of its bytes. */
    private static List<String> linesOf(Path file) throws IOException {
        List<String> known = READ.get(file);
        if (known == null) {
            known = Files.readAllLines(file, StandardCharsets.UTF_8);
            READ.put(file, known);
        }
        return known;
    }

    private String directive(String name, String otherwise) {
        return lines.stream()
                .filter(line -> line.startsWith(name + ":"))
                .map(line -> line.substring(name.length() + 1).strip())
                .findFirst()
                .orElse(otherwise);
    }

    private RtspClientSession newSession() {
        ClientSettings settings =
                ClientSettings.DEFAULT.withMaxBitsPerSecond(Long.parseLong(directive("limit", "100000000")));
        return new RtspClientSession(settings, memory, InetAddress.getLoopbackAddress());
    }

    private void run() {
        session.start(now);
        drain();
        for (int i = 0; i < lines.size(); i++) {
            String line = lines.get(i);
            if (!line.startsWith("<") && !line.startsWith("$")) {
                flush();
            }
            if (line.equals("<body")) {
                int end = lines.subList(i, lines.size()).indexOf("</body") + i;
                String body = lines.subList(i + 1, end).stream()
                        .map(text -> unescape(text) + "\r\n")
                        .collect(Collectors.joining());
                body(body);
                i = end;
            } else if (line.startsWith("<|")) {
                write(unescape(line.substring(2).strip()).getBytes(StandardCharsets.ISO_8859_1));
            } else if (line.startsWith("<")) {
                write((unescape(line.substring(1).strip()) + "\r\n").getBytes(StandardCharsets.ISO_8859_1));
            } else if (!line.isBlank() && !line.startsWith("#")) {
                i = act(line, i);
            }
        }
        flush();
        assertThat(told).as("nothing else was told").isEmpty();
    }

    private int act(String line, int index) {
        String rest = line.substring(1).strip();
        String[] words = rest.split("\\s+");
        switch (line.charAt(0)) {
            case '>' -> {
                return expectMessage(index);
            }
            case '=' -> assertThat(next(line)).isEqualTo(rest);
            case '$' -> frame(Integer.parseInt(words[0]), HexFormat.of().parseHex(words[1]));
            case 'u' -> {
                if (line.startsWith("u ")) {
                    datagram(words);
                }
            }
            case '+' -> pass((long) (Double.parseDouble(words[0]) * 1e9));
            case '@' -> happen(words);
            case 'q' ->
                assertThat(memory.quirks().stream().map(Enum::name).sorted().toList())
                        .as("quirks")
                        .isEqualTo(List.of(directive("quirks", "").split(" ")).stream()
                                .filter(name -> !name.isEmpty())
                                .sorted()
                                .toList());
            default -> assertThat(line).as("a directive").contains(":");
        }
        return index;
    }

    private void happen(String[] words) {
        switch (words[0]) {
            case "connect" -> {
                session = newSession();
                consumed = 0;
                buf.clear();
                session.start(now);
            }
            case "lost" -> session.onConnectionLost("the camera closed the connection", now);
            case "close" -> session.close(now);
            case "ports" -> session.onPorts(Integer.parseInt(words[1]), Integer.parseInt(words[2]), now);
            default -> fail("what is '" + words[0] + "'?");
        }
        drain();
    }

    private void pass(long nanos) {
        long until = now + nanos;
        while (session.nextDeadlineNanos() <= until) {
            now = Math.max(now, session.nextDeadlineNanos());
            session.onDeadline(now);
            drain();
        }
        now = until;
    }

    // -------------------------------------------------- camera to client

    private void body(String body) {
        byte[] bytes = body.getBytes(StandardCharsets.UTF_8);
        String head = toClient.toString(StandardCharsets.ISO_8859_1)
                .replace("Content-Length: @", "Content-Length: " + bytes.length);
        toClient.reset();
        write(head.getBytes(StandardCharsets.ISO_8859_1));
        write(bytes);
    }

    private void frame(int channel, byte[] payload) {
        write(new byte[] {'$', (byte) channel, (byte) (payload.length >> 8), (byte) payload.length});
        write(payload);
    }

    private void datagram(String[] words) {
        byte[] payload = HexFormat.of().parseHex(words[3]);
        int colon = words[2].lastIndexOf(':');
        InetSocketAddress sender =
                new InetSocketAddress(words[2].substring(0, colon), Integer.parseInt(words[2].substring(colon + 1)));
        ByteBuf datagram = Unpooled.wrappedBuffer(payload);
        session.datagram(
                Integer.parseInt(words[0]),
                words[1].equals("rtcp"),
                sender,
                datagram,
                0,
                payload.length,
                now,
                new TellingSink());
        datagram.release();
        drain();
    }

    private void write(byte[] bytes) {
        toClient.writeBytes(bytes);
    }

    private void flush() {
        byte[] bytes = toClient.toByteArray();
        toClient.reset();
        int at = 0;
        while (at < bytes.length) {
            int length = Math.max(1, Math.min(bytes.length - at, cut.applyAsInt(sent)));
            buf.writeBytes(bytes, at, length);
            at += length;
            sent += length;
            int next = session.receive(buf, consumed, buf.writerIndex(), length, now, new TellingSink());
            assertThat(next).isBetween(consumed, buf.writerIndex());
            consumed = next;
            drain();
        }
    }

    private final class TellingSink implements RtspClientSession.MediaSink {
        @Override
        public void rtp(int track, ByteBuf from, int offset, int length) {
            told.add("rtp " + track + " " + length + " seq " + from.getUnsignedShort(offset + 2));
        }

        @Override
        public void rtcp(int track, ByteBuf from, int offset, int length) {
            told.add("rtcp " + track + " " + length);
        }
    }

    private static String unescape(String text) {
        StringBuilder out = new StringBuilder();
        for (int i = 0; i < text.length(); i++) {
            char c = text.charAt(i);
            if (c != '\\' || i + 1 == text.length()) {
                out.append(c);
                continue;
            }
            char kind = text.charAt(++i);
            switch (kind) {
                case 'r' -> out.append('\r');
                case 'n' -> out.append('\n');
                case 'x' -> {
                    out.append((char) Integer.parseInt(text.substring(i + 1, i + 3), 16));
                    i += 2;
                }
                default -> out.append(kind);
            }
        }
        return out.toString();
    }

    // -------------------------------------------------- client to camera

    private final Deque<RtspMessage> messages = new ArrayDeque<>();

    private void drain() {
        ClientOutput output = session.poll();
        while (output != null) {
            told.add(tell(output));
            output = session.poll();
        }
    }

    private String tell(ClientOutput output) {
        if (output instanceof ClientOutput.Send send) {
            messages.add(send.message());
            return ">";
        }
        if (output instanceof ClientOutput.BindPorts bind) {
            return "bind " + bind.track();
        }
        if (output instanceof ClientOutput.Prepare prepare) {
            return "prepare " + prepare.tracks().stream().map(Dialogue::name).collect(Collectors.joining(" "));
        }
        if (output instanceof ClientOutput.Playing) {
            return "playing";
        }
        if (output instanceof ClientOutput.SendReceiverReport report) {
            return "report " + report.track();
        }
        ClientOutput.Outcome outcome = ((ClientOutput.Finished) output).outcome();
        if (outcome instanceof ClientOutput.Outcome.Failed failed) {
            return "failed " + failed.failure().kind();
        }
        return outcome instanceof ClientOutput.Outcome.Closed ? "closed" : "start over";
    }

    private static String name(ClientTrack track) {
        return track.format().codec() + "/" + track.format().payloadType() + "/" + track.transport();
    }

    private String next(String wanted) {
        String event = told.poll();
        if (event == null) {
            throw new AssertionError("expected '" + wanted + "' but nothing more was told");
        }
        if (event.equals(">")) {
            throw new AssertionError("expected '" + wanted + "' but a message was sent: " + messages.peek());
        }
        return event;
    }

    private int expectMessage(int index) {
        int end = index;
        while (end + 1 < lines.size() && lines.get(end + 1).startsWith(">") && !isStartLine(lines.get(end + 1))) {
            end++;
        }
        String wanted = lines.get(index).substring(1).strip();
        String event = told.poll();
        if (!">".equals(event)) {
            throw new AssertionError("expected '" + wanted + "' but was told " + event);
        }
        RtspMessage message = messages.remove();
        assertThat(startLine(message)).isEqualTo(wanted);
        for (String line : lines.subList(index + 1, end + 1)) {
            expectHeader(message.headers(), line.substring(1).strip());
        }
        return end;
    }

    private static boolean isStartLine(String line) {
        return line.matches("> *(RTSP/1.0 .*|[A-Z_]+ +(rtsps?://|\\*).*)");
    }

    private static void expectHeader(RtspHeaders headers, String wanted) {
        int colon = wanted.indexOf(':');
        String name = wanted.substring(0, colon);
        String value = wanted.substring(colon + 1).strip();
        @Nullable String actual = headers.first(name);
        if (value.equals("-")) {
            assertThat(actual).as(name).isNull();
        } else if (value.endsWith("*")) {
            assertThat(actual).as(name).isNotNull().startsWith(value.substring(0, value.length() - 1));
        } else {
            assertThat(actual).as(name).isEqualTo(value);
        }
    }

    private static String startLine(RtspMessage message) {
        return message instanceof RtspRequest request
                ? request.method() + " " + request.uri()
                : "RTSP/1.0 " + ((RtspResponse) message).status();
    }

    /** All dialogues there are. */
    static List<Path> files() {
        Path folder = Path.of("src/test/resources/dialogues");
        try (var files = Files.list(folder)) {
            return new ArrayList<>(files.filter(file -> file.toString().endsWith(".txt"))
                    .sorted()
                    .toList());
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
