package org.porchlight.bench.camera;

import java.util.List;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.random.RandomGenerator;
import org.jspecify.annotations.Nullable;
import org.porchlight.bench.packet.Impairment;
import org.porchlight.relay.codec.MediaKind;
import org.porchlight.relay.codec.TrackFormat;
import org.porchlight.relay.sdp.Attribute;
import org.porchlight.relay.sdp.MediaDescription;
import org.porchlight.relay.sdp.RtpMap;
import org.porchlight.relay.sdp.SdpWriter;
import org.porchlight.relay.sdp.SessionDescription;

/** One camera of the fleet: what it shows and how it behaves. Safe for all loops: only the session count moves. */
public final class Camera {
    private final CameraSpec spec;
    private final CameraMedia media;
    private final RebootSchedule reboots;
    private final @Nullable LiveEncoder live;
    private final AtomicInteger incarnations = new AtomicInteger();

    /**
     * @param live encodes the picture while somebody watches; null: the clip is replayed
     */
    public Camera(CameraSpec spec, CameraMedia media, RebootSchedule reboots, @Nullable LiveEncoder live) {
        this.spec = spec;
        this.media = media;
        this.reboots = reboots;
        this.live = live;
    }

    public CameraSpec spec() {
        return spec;
    }

    public CameraMedia media() {
        return media;
    }

    public RebootSchedule reboots() {
        return reboots;
    }

    public @Nullable LiveEncoder live() {
        return live;
    }

    /** The clockwork of a new session. */
    public CameraPlayback newPlayback(FleetCounters counters, RandomGenerator random) {
        Impairment impairment =
                new Impairment(spec.loss(), spec.reordering(), spec.jitterMillis() * 1_000_000L, random);
        return new CameraPlayback(
                media, spec.number(), incarnations.getAndIncrement(), live == null, impairment, counters, random);
    }

    /** The session description; control URLs are {@code trackID=0}, {@code trackID=1}. */
    public String description() {
        List<MediaDescription> sections = java.util.stream.IntStream.range(
                        0, media.tracks().size())
                .mapToObj(track -> section(track, media.tracks().get(track)))
                .toList();
        return SdpWriter.write(new SessionDescription(
                "- " + spec.number() + " 1 IN IP4 0.0.0.0",
                spec.name(),
                "IN IP4 0.0.0.0",
                "0 0",
                List.of(new Attribute("control", "*"), new Attribute("range", "npt=now-")),
                sections));
    }

    private MediaDescription section(int track, TrackFormat format) {
        String type = String.valueOf(format.payloadType());
        RtpMap map = new RtpMap(format.payloadType(), format.encodingName(), format.clockRate(), format.channels());
        boolean video = format.kind() == MediaKind.VIDEO;
        return new MediaDescription(
                video ? "video" : "audio",
                0,
                "RTP/AVP",
                List.of(type),
                "",
                video ? (int) (media.videoBitsPerSecond() / 1_000) : 0,
                List.of(
                        map.toAttribute(),
                        new Attribute("fmtp", type + " " + format.fmtp()),
                        new Attribute("control", "trackID=" + track)));
    }
}
