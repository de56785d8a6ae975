package org.porchlight.relay.server;

import java.time.Instant;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.LongFunction;
import org.jspecify.annotations.Nullable;
import org.porchlight.relay.codec.MediaKind;
import org.porchlight.relay.codec.TrackFormat;
import org.porchlight.relay.egress.SessionFigures;
import org.porchlight.relay.egress.Sessions;
import org.porchlight.relay.rtsp.client.CameraDiagnosis;
import org.porchlight.relay.stream.Stream;
import org.porchlight.relay.stream.StreamDescription;
import org.porchlight.relay.stream.StreamHub;

/** Makes of the hub's and the sources' own words what operators are shown. Thread-safe. */
final class StreamReport {
    private final LongFunction<Instant> instantAt;
    private final Map<Stream, Sample> samples = new ConcurrentHashMap<>();

    /** Bytes of a stream at one moment, to tell its bit rate by the next. */
    private record Sample(long bytes, long nanos, long bitsPerSecond) {}

    /** @param instantAt wall clock at a value of the relay's clock */
    StreamReport(LongFunction<Instant> instantAt) {
        this.instantAt = instantAt;
    }

    List<StreamState> streams(StreamHub hub, PulledCameras cameras, long nowNanos) {
        samples.keySet().retainAll(List.copyOf(hub.streams()));
        return hub.streams().stream()
                .map(stream -> state(stream, cameras.diagnosis(stream.camera(), stream.rendition()), nowNanos))
                .sorted(Comparator.comparing(StreamState::camera).thenComparing(StreamState::rendition))
                .toList();
    }

    private StreamState state(Stream stream, @Nullable CameraDiagnosis diagnosis, long nowNanos) {
        StreamDescription known = stream.knownDescription();
        boolean live = stream.state() == Stream.State.LIVE;
        return new StreamState(
                stream.camera(),
                stream.rendition(),
                conditionOf(stream, diagnosis),
                since(diagnosis),
                detailOf(diagnosis),
                known == null
                        ? List.of()
                        : known.tracks().stream().map(StreamReport::trackOf).toList(),
                live ? bitsPerSecond(stream, nowNanos) : 0,
                stream.figures().lostPackets(),
                stream.subscriberCount(),
                transportOf(stream, diagnosis),
                findingsOf(stream, diagnosis));
    }

    private static StreamState.Condition conditionOf(Stream stream, @Nullable CameraDiagnosis diagnosis) {
        if (stream.state() == Stream.State.LIVE) {
            return StreamState.Condition.LIVE;
        }
        if (diagnosis == null) {
            return StreamState.Condition.UNPUBLISHED;
        }
        return switch (diagnosis.state()) {
            case IDLE, CLOSED -> StreamState.Condition.IDLE;
            case QUEUED, CONNECTING, NEGOTIATING, PLAYING -> StreamState.Condition.CONNECTING;
            case BACKING_OFF -> StreamState.Condition.WAITING;
        };
    }

    private static Optional<Instant> since(@Nullable CameraDiagnosis diagnosis) {
        return diagnosis == null || diagnosis.playingSince().equals(Instant.MIN)
                ? Optional.empty()
                : Optional.of(diagnosis.playingSince());
    }

    private static String detailOf(@Nullable CameraDiagnosis diagnosis) {
        return diagnosis == null
                ? ""
                : diagnosis.lastFailure().map(failure -> failure.detail()).orElse("");
    }

    private static StreamState.Track trackOf(TrackFormat format) {
        String kind = format.kind() == MediaKind.METADATA
                ? "application"
                : format.kind().name().toLowerCase(Locale.ROOT);
        return new StreamState.Track(kind, format.encodingName(), format.clockRate());
    }

    private static String transportOf(Stream stream, @Nullable CameraDiagnosis diagnosis) {
        if (diagnosis == null) {
            return stream.state() == Stream.State.LIVE ? "published" : "";
        }
        return diagnosis
                .transport()
                .map(transport -> transport.name().toLowerCase(Locale.ROOT))
                .orElse("");
    }

    private static List<StreamState.Finding> findingsOf(Stream stream, @Nullable CameraDiagnosis diagnosis) {
        List<StreamState.Finding> findings = new ArrayList<>();
        if (diagnosis != null) {
            diagnosis.quirks().forEach(quirk -> findings.add(new StreamState.Finding(quirk.name(), quirk.advice(), 1)));
        }
        stream.figures()
                .deviations()
                .forEach((deviation, count) ->
                        findings.add(new StreamState.Finding(deviation.name(), deviation.advice(), count)));
        stream.figures()
                .codecDeviations()
                .forEach((deviation, count) ->
                        findings.add(new StreamState.Finding(deviation.name(), deviation.advice(), count)));
        return findings;
    }

    /** Since the last time somebody asked, at least a second ago. */
    private long bitsPerSecond(Stream stream, long nowNanos) {
        long bytes = stream.figures().bytes();
        Sample sample = samples.compute(stream, (s, before) -> {
            if (before == null || bytes < before.bytes()) {
                return new Sample(bytes, nowNanos, 0);
            }
            long elapsed = nowNanos - before.nanos();
            return elapsed < 1_000_000_000L
                    ? before
                    : new Sample(bytes, nowNanos, Math.round((bytes - before.bytes()) * 8e9 / elapsed));
        });
        return sample.bitsPerSecond();
    }

    List<SessionState> sessions(Sessions sessions) {
        return sessions.entries().stream()
                .map(this::session)
                .sorted(Comparator.comparing(SessionState::session))
                .toList();
    }

    private SessionState session(Sessions.Entry entry) {
        SessionFigures figures = entry.session().figures();
        return new SessionState(
                entry.permit().session(),
                entry.publisher() ? SessionState.Kind.PUBLISH : SessionState.Kind.VIEW,
                entry.camera(),
                entry.rendition(),
                entry.permit().person(),
                figures.remote(),
                entry.session().protocol(),
                figures.transport(),
                instantAt.apply(entry.openedNanos()),
                figures.packets(),
                figures.bytes(),
                figures.drops(),
                figures.behind());
    }
}
