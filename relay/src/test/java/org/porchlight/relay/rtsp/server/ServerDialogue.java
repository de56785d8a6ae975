package org.porchlight.relay.rtsp.server;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.random.RandomGenerator;
import org.junit.jupiter.api.Assertions;
import org.porchlight.relay.admission.Answer;
import org.porchlight.relay.admission.Challenge;
import org.porchlight.relay.admission.Credentials;
import org.porchlight.relay.admission.DenyCode;
import org.porchlight.relay.admission.PublishRequest;
import org.porchlight.relay.admission.Rendition;
import org.porchlight.relay.admission.ViewRequest;
import org.porchlight.relay.codec.Codec;
import org.porchlight.relay.codec.MediaKind;
import org.porchlight.relay.codec.TrackFormat;
import org.porchlight.relay.metrics.LoopCounters;
import org.porchlight.relay.rtsp.NumberPair;
import org.porchlight.relay.rtsp.RtspEncoder;
import org.porchlight.relay.rtsp.RtspRequest;
import org.porchlight.relay.rtsp.RtspResponse;
import org.porchlight.relay.rtsp.TransportSpec;

/**
 * One connection to a session, written as text:
 *
 * <pre>
 *   &gt; a line from the client; a run of them is one message, ended by an empty line if it has none
 *   &gt;&gt; bytes from the client without line end, {@code \n}, {@code \r}, {@code \0} and {@code \xHH} escaped
 *   &lt; a line that the server is to send; a run of them is one whole message without its Server header
 *   ! something that the session is to do or ask, see the methods below
 *   = the relay's answer to the question asked last: permit, deny CODE, tracks, ports P, playing, recording, refused CODE; or that permits
 *     do not stand from now on (revoke), or do again (allow)
 *   + seconds pass
 *   # remark
 * </pre>
 *
 * Client bytes come in pieces of {@code step}. Everything that the server sends or does must be in the text.
 */
final class ServerDialogue implements RtspServerActions {
    static final InetSocketAddress VIEWER = new InetSocketAddress("192.0.2.7", 40_000);
    static final long START = Long.MAX_VALUE - Duration.ofSeconds(45).toNanos();

    static final List<TrackFormat> TRACKS = List.of(
            new TrackFormat(MediaKind.VIDEO, Codec.H264, 96, "H264", 90_000, 1, "packetization-mode=1"),
            new TrackFormat(MediaKind.AUDIO, Codec.PCMA, 8, "PCMA", 8_000, 1, ""));

    private final RtspServerSession session;
    private final int step;
    private final List<String> told = new ArrayList<>();
    private byte[] unread = {};
    private byte[] current = {};
    private int asked;
    long nowNanos = START;
    private boolean revoked;

    ServerDialogue(int step, ClientConnection client, List<Challenge> challenges) {
        this.step = step;
        ServerNonces nonces = new ServerNonces(new byte[32], Duration.ofMinutes(5));
        RandomGenerator random = () -> 0x1122_3344_5566_7788L;
        session = new RtspServerSession(
                client,
                ServerPolicy.DEFAULT,
                new ServerAuthentication(nonces, () -> challenges),
                this,
                new LoopCounters("test"),
                random,
                nowNanos);
    }

    static ServerDialogue plain(int step) {
        return new ServerDialogue(
                step, new ClientConnection(VIEWER, false, false), List.of(new Challenge.Basic("porchlight")));
    }

    RtspServerSession session() {
        return session;
    }

    /** Plays a script to its end. */
    void play(String script) {
        List<String> run = new ArrayList<>();
        String kind = "";
        int number = 0;
        for (String raw : (script + "\n#").split("\n", -1)) {
            number++;
            String line = raw.strip();
            int blank = line.indexOf(' ');
            String mark = blank < 0 ? line : line.substring(0, blank);
            String text = blank < 0 ? "" : line.substring(blank + 1);
            if (!mark.equals(kind) || !(mark.equals(">") || mark.equals("<"))) {
                endRun(kind, run, number);
                kind = mark;
            }
            run.add(text);
        }
        Assertions.assertEquals(List.of(), told, "told at the end");
    }

    private void endRun(String kind, List<String> run, int line) {
        String text = String.join("\n", run);
        switch (kind) {
            case ">" -> send(message(run));
            case ">>" -> send(unescaped(text).getBytes(StandardCharsets.ISO_8859_1));
            case "<" -> expect("send\n" + text, line);
            case "!" -> expect(text, line);
            case "=" -> answer(text);
            case "+" -> {
                nowNanos += Long.parseLong(text.strip()) * 1_000_000_000L;
                if (session.nextDeadlineNanos() != Long.MAX_VALUE && session.nextDeadlineNanos() - nowNanos <= 0) {
                    session.onDeadline(nowNanos);
                }
            }
            default -> {
                // remark or empty line
            }
        }
        run.clear();
    }

    private void expect(String expected, int line) {
        String found = told.isEmpty() ? "nothing" : told.remove(0);
        Assertions.assertEquals(expected.strip(), found.strip(), "before line " + line);
    }

    private static byte[] message(List<String> lines) {
        int empty = lines.indexOf("");
        List<String> head = empty < 0 ? lines : lines.subList(0, empty);
        String body = empty < 0
                ? ""
                : String.join("\r\n", lines.subList(empty + 1, lines.size()))
                        + (empty + 1 < lines.size() ? "\r\n" : "");
        String text = String.join("\r\n", head) + "\r\n\r\n" + body;
        return text.replace("Content-Length: *", "Content-Length: " + body.length())
                .getBytes(StandardCharsets.ISO_8859_1);
    }

    private static String unescaped(String text) {
        StringBuilder out = new StringBuilder();
        for (int i = 0; i < text.length(); i++) {
            char c = text.charAt(i);
            if (c != '\\') {
                out.append(c);
                continue;
            }
            char code = text.charAt(++i);
            switch (code) {
                case 'n' -> out.append('\n');
                case 'r' -> out.append('\r');
                case '0' -> out.append('\0');
                case 'x' -> {
                    out.append((char) Integer.parseInt(text.substring(i + 1, i + 3), 16));
                    i += 2;
                }
                default -> throw new IllegalArgumentException("unknown escape " + code);
            }
        }
        return out.toString();
    }

    void send(byte[] bytes) {
        for (int at = 0; at < bytes.length; at += step) {
            int length = Math.min(step, bytes.length - at);
            byte[] all = java.util.Arrays.copyOf(unread, unread.length + length);
            System.arraycopy(bytes, at, all, unread.length, length);
            current = all;
            ByteBuf in = Unpooled.wrappedBuffer(all);
            int used = session.receive(in, 0, all.length, nowNanos);
            unread = java.util.Arrays.copyOfRange(all, used, all.length);
        }
    }

    private void answer(String text) {
        String[] words = text.split(" ");
        switch (words[0]) {
            case "permit" -> {
                long ends = words.length > 1 ? nowNanos + Long.parseLong(words[1]) * 1_000_000_000L : Long.MAX_VALUE;
                session.onAnswer(
                        asked, new Answer.Permit("s1", "p1", "", false, java.time.Instant.MAX, 1), ends, nowNanos);
            }
            case "deny" ->
                session.onAnswer(asked, new Answer.Deny(DenyCode.valueOf(words[1])), Long.MAX_VALUE, nowNanos);
            case "tracks" -> session.onDescription(asked, TRACKS, nowNanos);
            case "track" -> session.onDescription(asked, TRACKS.subList(0, 1), nowNanos);
            case "ports" -> {
                int port = Integer.parseInt(words[1]);
                session.onPorts(asked, new NumberPair(port, port + 1), nowNanos);
            }
            case "playing" ->
                session.onPlaying(
                        asked, List.of(new TrackStart(0, 17, 4_000_000_000L), new TrackStart(1, -1, -1)), nowNanos);
            case "recording" -> session.onRecording(asked, nowNanos);
            case "refused" -> session.onRefused(asked, Refusal.valueOf(words[1]), nowNanos);
            case "life" -> session.onLifeSign(nowNanos);
            case "close" -> session.close(words[1], true);
            case "revoke" -> revoked = true;
            case "allow" -> revoked = false;
            default -> throw new IllegalArgumentException("unknown answer " + text);
        }
    }

    @Override
    public void http(RtspRequest request) {
        told.add("http " + request.method() + " " + request.uri());
    }

    @Override
    public void transmit(RtspResponse response) {
        ByteBuf out = Unpooled.buffer();
        RtspEncoder.encode(response, out);
        String text = out.toString(StandardCharsets.UTF_8);
        StringBuilder lines = new StringBuilder("send");
        for (String line : text.split("\r\n", -1)) {
            if (!line.startsWith("Server: ")) {
                lines.append('\n').append(line);
            }
        }
        told.add(lines.toString());
    }

    @Override
    public void mayView(int question, ViewRequest request) {
        asked = question;
        told.add("view? " + request.camera() + " " + request.rendition() + " " + show(request.credentials()));
    }

    @Override
    public void mayPublish(int question, PublishRequest request) {
        asked = question;
        told.add("publish? " + request.camera() + " " + request.rendition() + " " + show(request.credentials()));
    }

    private static String show(Credentials credentials) {
        if (credentials instanceof Credentials.Basic basic) {
            return "basic " + basic.user() + " " + basic.password();
        }
        if (credentials instanceof Credentials.Digest digest) {
            return "digest " + digest.proof().user() + " " + digest.proof().uri();
        }
        return credentials instanceof Credentials.Bearer bearer ? "bearer " + bearer.token() : "anonymous";
    }

    @Override
    public boolean isPublishable(String camera) {
        return !camera.startsWith("pulled");
    }

    @Override
    public boolean stands(Answer.Permit permit, String camera) {
        return !revoked;
    }

    @Override
    public boolean begin(Answer.Permit permit, String camera, Rendition rendition, boolean publishes) {
        told.add("begin " + permit.session() + " " + camera + " " + rendition + (publishes ? " publishes" : ""));
        return !revoked;
    }

    @Override
    public void giveBack(Answer.Permit permit) {
        told.add("give back " + permit.session());
    }

    @Override
    public void describe(int question, String camera, Rendition rendition) {
        asked = question;
        told.add("describe? " + camera + " " + rendition);
    }

    @Override
    public void openPorts(int question, int track, TransportSpec offer) {
        asked = question;
        told.add("ports? " + track + " " + offer.render());
    }

    @Override
    public void play(int question, String camera, Rendition rendition, List<TrackSetup> tracks) {
        asked = question;
        told.add("play? " + camera + " " + rendition + show(tracks));
    }

    private static String show(List<TrackSetup> tracks) {
        StringBuilder out = new StringBuilder();
        for (TrackSetup track : tracks) {
            out.append(' ')
                    .append(track.track())
                    .append('=')
                    .append(track.transport().render());
        }
        return out.toString();
    }

    @Override
    public void pause() {
        told.add("pause");
    }

    @Override
    public void record(
            int question,
            String camera,
            Rendition rendition,
            List<TrackFormat> formats,
            List<TrackSetup> tracks,
            List<Integer> announced) {
        asked = question;
        StringBuilder out = new StringBuilder("record? " + camera + " " + rendition);
        formats.forEach(format -> out.append(' ').append(format.codec()));
        told.add(out + show(tracks) + " of " + announced);
    }

    @Override
    public void interleaved(int track, boolean rtcp, int offset, int length) {
        told.add("media " + track + (rtcp ? " rtcp " : " rtp ")
                + new String(current, offset, length, StandardCharsets.ISO_8859_1));
    }

    @Override
    public void feedback(int track, int offset, int length) {
        told.add("feedback " + track + " " + length);
    }

    @Override
    public void endSession(String reason) {
        told.add("end " + reason);
    }

    @Override
    public void close(String reason, boolean abort) {
        told.add((abort ? "abort " : "close ") + reason);
    }
}
