package org.porchlight.relay.rtsp.server;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import java.time.Duration;
import java.time.Instant;
import java.util.Arrays;
import java.util.HashSet;
import java.util.List;
import java.util.Random;
import java.util.Set;
import org.porchlight.relay.admission.Answer;
import org.porchlight.relay.admission.Challenge;
import org.porchlight.relay.admission.DenyCode;
import org.porchlight.relay.admission.PublishRequest;
import org.porchlight.relay.admission.Rendition;
import org.porchlight.relay.admission.ViewRequest;
import org.porchlight.relay.codec.TrackFormat;
import org.porchlight.relay.metrics.LoopCounters;
import org.porchlight.relay.rtsp.NumberPair;
import org.porchlight.relay.rtsp.RtspRequest;
import org.porchlight.relay.rtsp.RtspResponse;
import org.porchlight.relay.rtsp.TransportSpec;

/** Answers a session's questions at once, later, with yes or no, by dice; checks that what it is asked is within bounds. */
final class ObedientRelay implements RtspServerActions {
    private static final List<DenyCode> DENIALS = List.of(DenyCode.values());

    private final Random random;
    private final RtspServerSession session;
    private Runnable later = () -> {};
    private byte[] current = {};
    private long nowNanos = ServerDialogue.START;
    private int begins;
    private int ends;
    private int closes;
    private int permits;
    private final Set<String> unused = new HashSet<>();
    private boolean begun;
    private int responses;

    ObedientRelay(Random random) {
        this.random = random;
        session = new RtspServerSession(
                new ClientConnection(ServerDialogue.VIEWER, false, false),
                ServerPolicy.DEFAULT,
                new ServerAuthentication(
                        new ServerNonces(new byte[32], Duration.ofMinutes(5)),
                        () -> List.of(new Challenge.Basic("porchlight"))),
                this,
                new LoopCounters("test"),
                () -> 0x1122_3344_5566_7788L,
                nowNanos);
    }

    RtspServerSession session() {
        return session;
    }

    int begins() {
        return begins;
    }

    int ends() {
        return ends;
    }

    /** Permits that were given and neither used nor given back. */
    Set<String> unused() {
        return unused;
    }

    int closes() {
        return closes;
    }

    void feed(byte[] bytes) {
        byte[] unread = {};
        int at = 0;
        while (at < bytes.length) {
            int length = Math.min(1 + random.nextInt(80), bytes.length - at);
            current = Arrays.copyOf(unread, unread.length + length);
            System.arraycopy(bytes, at, current, unread.length, length);
            at += length;
            ByteBuf in = Unpooled.wrappedBuffer(current);
            int used = session.receive(in, 0, current.length, nowNanos);
            check(used >= 0 && used <= current.length, "used");
            unread = Arrays.copyOfRange(current, used, current.length);
            Runnable due = later;
            later = () -> {};
            due.run();
            nowNanos += random.nextInt(2_000_000_000);
            if (session.nextDeadlineNanos() != Long.MAX_VALUE && session.nextDeadlineNanos() - nowNanos <= 0) {
                session.onDeadline(nowNanos);
            }
        }
        check(responses <= bytes.length / 16 + 1, "more answers than requests can have come");
    }

    private static void check(boolean holds, String what) {
        if (!holds) {
            throw new AssertionError(what);
        }
    }

    private void answer(Runnable answer) {
        check(closes == 0, "asked when closed");
        switch (random.nextInt(3)) {
            case 0 -> answer.run();
            case 1 -> later = answer;
            default -> {
                Runnable before = later;
                later = () -> {
                    before.run();
                    answer.run();
                    answer.run();
                };
            }
        }
    }

    private void admit(int question) {
        boolean yes = random.nextInt(4) > 0;
        Answer.Deny no = new Answer.Deny(DENIALS.get(random.nextInt(DENIALS.size())));
        long ends = random.nextInt(10) == 0 ? nowNanos + 1_000_000_000L : Long.MAX_VALUE;
        answer(() -> session.onAnswer(question, yes ? permit() : no, ends, nowNanos));
    }

    private Answer.Permit permit() {
        String id = "s" + ++permits;
        unused.add(id);
        return new Answer.Permit(id, "p", "", false, Instant.MAX, 1);
    }

    @Override
    public void http(RtspRequest request) {
        session.close("http", false);
    }

    @Override
    public void transmit(RtspResponse response) {
        check(closes == 0, "answered when closed");
        responses++;
    }

    @Override
    public void mayView(int question, ViewRequest request) {
        admit(question);
    }

    @Override
    public void mayPublish(int question, PublishRequest request) {
        admit(question);
    }

    @Override
    public boolean isPublishable(String camera) {
        return random.nextInt(8) > 0;
    }

    @Override
    public boolean stands(Answer.Permit permit, String camera) {
        check(unused.contains(permit.session()), "a permit that nobody gave, or that is used");
        return random.nextInt(20) > 0;
    }

    @Override
    public boolean begin(Answer.Permit permit, String camera, Rendition rendition, boolean publishes) {
        check(!begun, "a second session while the first is open");
        check(unused.contains(permit.session()), "begins without permit");
        begun = random.nextInt(20) > 0;
        if (begun) {
            unused.remove(permit.session());
            begins++;
        }
        return begun;
    }

    @Override
    public void giveBack(Answer.Permit permit) {
        check(unused.remove(permit.session()), "a permit goes back twice, or that was used");
    }

    @Override
    public void describe(int question, String camera, Rendition rendition) {
        check(begun || !unused.isEmpty(), "described without permit");
        List<TrackFormat> tracks = ServerDialogue.TRACKS;
        answer(
                random.nextInt(5) == 0
                        ? () -> session.onRefused(question, Refusal.NO_SOURCE, nowNanos)
                        : () -> session.onDescription(question, tracks, nowNanos));
    }

    @Override
    public void openPorts(int question, int track, TransportSpec offer) {
        check(begun, "ports without session");
        answer(() -> session.onPorts(question, new NumberPair(7000, 7001), nowNanos));
    }

    @Override
    public void play(int question, String camera, Rendition rendition, List<TrackSetup> tracks) {
        check(begun && !tracks.isEmpty(), "plays without session or tracks");
        answer(() -> session.onPlaying(question, List.of(new TrackStart(0, 1, 2)), nowNanos));
    }

    @Override
    public void pause() {
        check(begun, "pauses without session");
    }

    @Override
    public void record(
            int question,
            String camera,
            Rendition rendition,
            List<TrackFormat> formats,
            List<TrackSetup> tracks,
            List<Integer> announced) {
        check(begun && formats.size() == tracks.size() && !tracks.isEmpty(), "records without session or tracks");
        answer(() -> session.onRecording(question, nowNanos));
    }

    @Override
    public void interleaved(int track, boolean rtcp, int offset, int length) {
        check(begun && offset >= 4 && offset + length <= current.length, "media out of bounds");
    }

    @Override
    public void feedback(int track, int offset, int length) {
        check(begun && offset >= 4 && offset + length <= current.length, "feedback out of bounds");
    }

    @Override
    public void endSession(String reason) {
        if (begun) {
            begun = false;
            ends++;
        }
    }

    @Override
    public void close(String reason, boolean abort) {
        closes++;
    }
}
