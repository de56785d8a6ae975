package org.porchlight.relay.rtsp.client;

import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import org.porchlight.relay.codec.Codec;
import org.porchlight.relay.codec.MediaKind;
import org.porchlight.relay.codec.TrackFormat;
import org.porchlight.relay.rtsp.RtspHeaders;
import org.porchlight.relay.rtsp.RtspResponse;
import org.porchlight.relay.rtsp.TrackFormats;
import org.porchlight.relay.sdp.MediaDescription;
import org.porchlight.relay.sdp.SdpParser;
import org.porchlight.relay.sdp.SessionDescription;

/**
 * What the answer to DESCRIBE offers of what we want, in the order of the description.
 *
 * @param aggregateUrl for PLAY, TEARDOWN and keepalives
 * @param tracks to set up
 */
record DescribedTracks(String aggregateUrl, List<Offer> tracks) {
    /** More tracks than any camera has. */
    private static final int MAX_TRACKS = 8;

    /** A track that may be set up. */
    record Offer(TrackFormat format, String controlUrl, Set<KeyframeFeedback> keyframeFeedback) {}

    static DescribedTracks of(RtspUrl request, RtspResponse response, Set<MediaKind> kinds, Set<CameraQuirk> quirks) {
        SdpParser.Result parsed = SdpParser.parse(response.body());
        if (!parsed.flaws().isEmpty()) {
            quirks.add(CameraQuirk.SDP_FLAWED);
        }
        SessionDescription description = parsed.description();
        ControlUrls urls = new ControlUrls(request, contentBase(response.headers()), quirks);
        List<Offer> offers = new ArrayList<>();
        List<MediaDescription> media = description.media();
        for (int i = 0; i < media.size() && offers.size() < MAX_TRACKS; i++) {
            Optional<TrackFormats.Reading> reading =
                    TrackFormats.of(media.get(i)).filter(r -> isWanted(r, kinds));
            if (reading.isPresent() && !isBackchannel(media.get(i), media)) {
                noteFlaws(reading.get(), quirks);
                String url = urls.media(media.get(i).control().orElse(""), i, media.size());
                offers.add(new Offer(reading.get().format(), url, KeyframeFeedback.announcedIn(media.get(i))));
            }
        }
        return new DescribedTracks(urls.aggregate(description.control().orElse("")), List.copyOf(offers));
    }

    private static String contentBase(RtspHeaders headers) {
        String base = headers.first(RtspHeaders.CONTENT_BASE);
        String location = headers.first(RtspHeaders.CONTENT_LOCATION);
        return base != null ? base : location == null ? "" : location;
    }

    /** Metadata of an unknown kind is of no use to anybody; unknown video and audio pass as they are. */
    private static boolean isWanted(TrackFormats.Reading reading, Set<MediaKind> kinds) {
        TrackFormat format = reading.format();
        return kinds.contains(format.kind()) && (format.kind() != MediaKind.METADATA || format.codec() != Codec.OPAQUE);
    }

    /**
     * A track on which the camera wants to be spoken to (ONVIF Streaming Specification section 5.3). Direction is told from the client's side;
     * cameras that tell it from theirs mark all tracks sendonly.
     */
    private static boolean isBackchannel(MediaDescription media, List<MediaDescription> all) {
        return media.media().equals("audio")
                && media.attribute("sendonly").isPresent()
                && all.stream().anyMatch(other -> other.attribute("recvonly").isPresent());
    }

    private static void noteFlaws(TrackFormats.Reading reading, Set<CameraQuirk> quirks) {
        for (TrackFormats.Flaw flaw : reading.flaws()) {
            quirks.add(
                    switch (flaw) {
                        case FORMAT_GUESSED -> CameraQuirk.SDP_FORMAT_GUESSED;
                        case CLOCK_WRONG -> CameraQuirk.SDP_CLOCK_WRONG;
                        case PAYLOAD_TYPE_MISMATCH -> CameraQuirk.SDP_PAYLOAD_TYPE_MISMATCH;
                    });
        }
    }
}
