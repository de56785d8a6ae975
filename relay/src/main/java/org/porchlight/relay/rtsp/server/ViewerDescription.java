package org.porchlight.relay.rtsp.server;

import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.zip.CRC32;
import org.porchlight.relay.codec.TrackFormat;
import org.porchlight.relay.rtsp.RangeHeader;
import org.porchlight.relay.rtsp.TrackFormats;
import org.porchlight.relay.sdp.Attribute;
import org.porchlight.relay.sdp.MediaDescription;
import org.porchlight.relay.sdp.SdpWriter;
import org.porchlight.relay.sdp.SessionDescription;

/**
 * The session description that viewers get (RFC 2326 appendix C): live, one control per track, relative to {@code Content-Base}, so that it
 * holds behind address translation.
 */
final class ViewerDescription {
    private ViewerDescription() {}

    static byte[] of(String camera, List<TrackFormat> formats, boolean ipv6) {
        String any = ipv6 ? "IN IP6 ::" : "IN IP4 0.0.0.0";
        CRC32 id = new CRC32();
        id.update(camera.getBytes(StandardCharsets.UTF_8));
        MediaDescription[] media = new MediaDescription[formats.size()];
        for (int i = 0; i < media.length; i++) {
            media[i] = TrackFormats.describe(formats.get(i), ResourcePath.TRACK + i);
        }
        SessionDescription description = new SessionDescription(
                "- " + id.getValue() + " 1 " + any,
                camera,
                any,
                "0 0",
                List.of(new Attribute("control", "*"), new Attribute("range", RangeHeader.LIVE.render())),
                List.of(media));
        return SdpWriter.write(description).getBytes(StandardCharsets.UTF_8);
    }
}
