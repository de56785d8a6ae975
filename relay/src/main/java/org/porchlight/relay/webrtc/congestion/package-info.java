/**
 * How much one path carries, made out by its sender: feedback about single packets (transport-cc) tells when each arrived, and from that
 * two opinions follow. {@link org.porchlight.relay.webrtc.congestion.TrendDetector} sees a queue grow before anything is lost, and
 * {@link org.porchlight.relay.webrtc.congestion.DelayRateControl} backs off below what still arrives;
 * {@link org.porchlight.relay.webrtc.congestion.LossRateControl} reacts to heavy loss. The smaller one counts. Peers that send no such
 * feedback may send REMB. The scheme is that of draft-ietf-rmcat-gcc-02 with a trend line in place of its filter.
 *
 * <p>Calculations only, with the time as an argument: {@link org.porchlight.relay.webrtc.congestion.SendEstimator} is the face.
 */
@NullMarked
package org.porchlight.relay.webrtc.congestion;

import org.jspecify.annotations.NullMarked;
