package org.porchlight.relay.rtsp.server;

import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import org.porchlight.relay.codec.TrackFormat;
import org.porchlight.relay.rtsp.TrackFormats;
import org.porchlight.relay.sdp.MediaDescription;
import org.porchlight.relay.sdp.SdpParser;
import org.porchlight.relay.sdp.SessionDescription;

/**
 * What a publisher has announced: its RTP tracks in order and the names by which it will set them up. M-lines that are no RTP are left
 * out, and of more than 8 tracks the first 8 are kept.
 */
final class PublisherTracks {
    private static final int MAX_TRACKS = 8;

    private final List<TrackFormat> formats;
    private final List<String> controls;
    private final String base;

    private PublisherTracks(List<TrackFormat> formats, List<String> controls, String base) {
        this.formats = formats;
        this.controls = controls;
        this.base = base;
    }

    /** The tracks in the body of an ANNOUNCE; null if there are none. */
    static @Nullable PublisherTracks of(byte[] body, String uri) {
        SessionDescription description = SdpParser.parse(body).description();
        List<TrackFormat> formats = new ArrayList<>();
        List<String> controls = new ArrayList<>();
        for (MediaDescription media : description.media()) {
            Optional<TrackFormats.Reading> reading = TrackFormats.of(media);
            if (reading.isPresent() && formats.size() < MAX_TRACKS) {
                formats.add(reading.get().format());
                controls.add(media.control().orElse(""));
            }
        }
        String base = ResourcePath.pathOf(uri);
        return formats.isEmpty() || base == null ? null : new PublisherTracks(formats, controls, base);
    }

    TrackFormat format(int index) {
        return formats.get(index);
    }

    int count() {
        return formats.size();
    }

    /**
     * The track that a SETUP means; -1: none. By the control announced, absolute or behind the base; by number where the client writes
     * another name than it announced; the only track by the base alone.
     */
    int indexOf(String uri) {
        String path = ResourcePath.pathOf(uri);
        if (path == null) {
            return -1;
        }
        for (int i = 0; i < controls.size(); i++) {
            if (isNamed(path, controls.get(i))) {
                return i;
            }
        }
        ResourcePath resource = ResourcePath.parse(uri);
        int number = resource == null ? -1 : resource.track();
        if (number >= 0) {
            return number < formats.size() ? number : -1;
        }
        return path.equals(base) && formats.size() == 1 ? 0 : -1;
    }

    private boolean isNamed(String path, String control) {
        if (control.isEmpty() || control.equals("*")) {
            return false;
        }
        if (control.contains("://")) {
            return path.equals(ResourcePath.pathOf(control));
        }
        String name = control.startsWith("/") ? control.substring(1) : control;
        int question = base.indexOf('?');
        boolean beforeQuery =
                question >= 0 && path.equals(base.substring(0, question) + "/" + name + base.substring(question));
        return beforeQuery || path.equals(base + "/" + name);
    }

    /** Whether a URI lies under the one announced. */
    boolean covers(String uri) {
        String path = ResourcePath.pathOf(uri);
        return path != null && (path.equals(base) || indexOf(uri) >= 0);
    }
}
