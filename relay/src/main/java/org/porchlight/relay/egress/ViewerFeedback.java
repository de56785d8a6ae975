package org.porchlight.relay.egress;

import io.netty.buffer.ByteBuf;
import org.porchlight.relay.metrics.Counter;
import org.porchlight.relay.metrics.LoopCounters;
import org.porchlight.relay.rtp.RtcpReader;
import org.porchlight.relay.rtp.RtcpVisitor;

/**
 * What one viewer says by RTCP: picture loss indications (RFC 4585 section 6.3.1) and full intra requests (RFC 5104 section 4.3.1) are passed on as
 * requests for a keyframe; reports only show that it lives. Which SSRC they name does not matter: where they came says whose they are, and some
 * players name none. Owner: the viewer's loop.
 */
public final class ViewerFeedback {
    private static final int NO_COMMAND = -1;

    private final Viewer viewer;
    private final LoopCounters counters;
    private final RtcpVisitor requests = new Requests();
    private int lastCommand = NO_COMMAND;
    private boolean keyframeWanted;

    /** @param counters of the viewer's loop */
    public ViewerFeedback(Viewer viewer, LoopCounters counters) {
        this.viewer = viewer;
        this.counters = counters;
    }

    /**
     * A compound packet has come.
     *
     * @param buf borrowed; the packet at {@code [offset, offset + length)}
     */
    public void receive(ByteBuf buf, int offset, int length, long nowNanos) {
        counters.increment(Counter.RTCP_RECEIVED);
        keyframeWanted = false;
        if (RtcpReader.read(buf, offset, length, requests) != RtcpReader.Result.OK) {
            counters.increment(Counter.RTCP_MALFORMED);
        }
        if (keyframeWanted) {
            viewer.requestKeyframe(nowNanos);
        }
    }

    private final class Requests implements RtcpVisitor {
        @Override
        public void onPli(int senderSsrc, int mediaSsrc) {
            keyframeWanted = true;
        }

        @Override
        public void onFir(int senderSsrc, int mediaSsrc, int commandNumber) {
            // The same number again repeats the command until the picture has come (RFC 5104 section 4.3.1.1).
            keyframeWanted |= commandNumber != lastCommand;
            lastCommand = commandNumber;
        }
    }
}
