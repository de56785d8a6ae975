package org.porchlight.relay.stream;

import java.util.List;
import org.porchlight.relay.codec.Codec;
import org.porchlight.relay.codec.MediaKind;
import org.porchlight.relay.codec.TrackFormat;

/**
 * The tracks of a stream, in the order of the camera's session description. Track {@code i} has the interleaved channels {@code 2i} and
 * {@code 2i + 1} inside the relay.
 */
public record StreamDescription(List<TrackFormat> tracks) {
    /** More tracks than any camera has; what is beyond is left out when a description is read. */
    public static final int MAX_TRACKS = 8;

    public StreamDescription {
        tracks = List.copyOf(tracks);
        if (tracks.isEmpty() || tracks.size() > MAX_TRACKS) {
            throw new IllegalArgumentException("a stream has 1 to " + MAX_TRACKS + " tracks, not " + tracks.size());
        }
    }

    /**
     * Whether viewers of this description can go on with packets of another one: the same kinds, codecs, clocks and channels in the same
     * order. Parameter sets and payload types may differ, they travel in band or are rewritten.
     */
    public boolean isContinuedBy(StreamDescription other) {
        if (tracks.size() != other.tracks.size()) {
            return false;
        }
        for (int i = 0; i < tracks.size(); i++) {
            TrackFormat a = tracks.get(i);
            TrackFormat b = other.tracks.get(i);
            boolean opaqueDiffers =
                    a.codec() == Codec.OPAQUE && !a.encodingName().equalsIgnoreCase(b.encodingName());
            if (a.kind() != b.kind()
                    || a.codec() != b.codec()
                    || a.clockRate() != b.clockRate()
                    || a.channels() != b.channels()
                    || opaqueDiffers) {
                return false;
            }
        }
        return true;
    }

    public boolean hasVideo() {
        return tracks.stream().anyMatch(t -> t.kind() == MediaKind.VIDEO);
    }
}
