package org.porchlight.relay.rtsp.client;

import java.util.EnumSet;
import java.util.Set;
import org.porchlight.relay.sdp.Attribute;
import org.porchlight.relay.sdp.MediaDescription;

/** A message by which a keyframe is asked for; those that a description announces in {@code a=rtcp-fb} (RFC 4585 section 4.2). */
public enum KeyframeFeedback {
    /** Picture loss indication, {@code nack pli}. */
    PLI,
    /** Full intra request, {@code ccm fir} (RFC 5104 section 7.1). */
    FIR;

    static Set<KeyframeFeedback> announcedIn(MediaDescription media) {
        EnumSet<KeyframeFeedback> announced = EnumSet.noneOf(KeyframeFeedback.class);
        for (Attribute attribute : media.attributes()) {
            if (!attribute.isNamed("rtcp-fb")) {
                continue;
            }
            // "96 nack pli", "* ccm fir"
            String[] words = attribute.value().strip().split("\\s+");
            if (words.length >= 3 && words[1].equalsIgnoreCase("nack") && words[2].equalsIgnoreCase("pli")) {
                announced.add(PLI);
            } else if (words.length >= 3 && words[1].equalsIgnoreCase("ccm") && words[2].equalsIgnoreCase("fir")) {
                announced.add(FIR);
            }
        }
        return announced;
    }
}
