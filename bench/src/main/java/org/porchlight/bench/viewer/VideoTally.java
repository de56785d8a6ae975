package org.porchlight.bench.viewer;

import io.netty.buffer.ByteBuf;
import org.porchlight.bench.media.FrameStamp;

/**
 * Counts one viewer's video: packets by their sequence numbers, frames by their stamps, latency by the send time in them. Looks at RTP
 * headers and at the first bytes of a frame only. Frames of a camera without stamps are told apart by their timestamps. Owner: the viewer's event loop.
 */
public final class VideoTally {
    private static final int RTP_HEADER = 12;
    /** A stamp stands behind at most the parameter sets. */
    private static final int STAMP_REACH = 400;
    /** Packets of a frame in which a stamp is looked for. */
    private static final int STAMP_PACKETS = 4;

    private LoopTally loop;
    private final boolean hevc;
    private final int expectedCamera;
    private final long stallNanos;
    private final SequenceTally packets = new SequenceTally(16);
    private final SequenceTally frames = new SequenceTally(32);

    private boolean anyFrame;
    private int timestamp;
    private int lowest;
    private int highest;
    private int count;
    private boolean stamped;
    private boolean ended;
    private boolean keyframe;
    private long sentEpochNanos;
    private int incarnation = -1;

    private long playEpochNanos;
    private boolean firstKeyframeSeen;
    private long lastFrameEpochNanos;

    /**
     * @param expectedCamera number that the stamps must bear, 0: any
     * @param stallNanos a pause between two frames counts as a stall above this
     */
    public VideoTally(LoopTally loop, boolean hevc, int expectedCamera, long stallNanos) {
        this.loop = loop;
        this.hevc = hevc;
        this.expectedCamera = expectedCamera;
        this.stallNanos = stallNanos;
    }

    /** PLAY leaves now: frames sent earlier are catch-up, not latency. */
    public void onPlay(long epochNanos) {
        playEpochNanos = epochNanos;
        firstKeyframeSeen = false;
    }

    /** Later figures go there. */
    public void adopt(LoopTally tally) {
        loop = tally;
    }

    /** What was counted so far is forgotten; the series go on. */
    public void beginWindow(long epochNanos) {
        packets.beginWindow();
        frames.beginWindow();
        if (lastFrameEpochNanos != 0) {
            lastFrameEpochNanos = epochNanos;
        }
    }

    /**
     * Takes one RTP packet.
     *
     * @param buf borrowed
     * @param epochNanos when it was read
     */
    public void onPacket(ByteBuf buf, int offset, int length, long epochNanos) {
        loop.packets++;
        loop.bytes += length;
        if (length < RTP_HEADER || (buf.getByte(offset) & 0xc0) != 0x80) {
            loop.malformed++;
            return;
        }
        int head = buf.getInt(offset);
        int sequenceNumber = head & 0xffff;
        packets.take(sequenceNumber);
        int rtpTimestamp = buf.getInt(offset + 4);
        int payload = offset + RTP_HEADER + (head >>> 24 & 0x0f) * 4;
        int end = offset + length;
        if (!anyFrame || rtpTimestamp != timestamp) {
            if (anyFrame && rtpTimestamp - timestamp < 0 && timestamp - rtpTimestamp < 90_000) {
                return; // a late packet of a frame that is already counted
            }
            finishFrame();
            anyFrame = true;
            timestamp = rtpTimestamp;
            lowest = sequenceNumber;
            highest = sequenceNumber;
            count = 0;
            stamped = false;
            ended = false;
            keyframe = false;
        }
        count++;
        if ((short) (sequenceNumber - highest) > 0) {
            highest = sequenceNumber;
        }
        if ((short) (sequenceNumber - lowest) < 0) {
            lowest = sequenceNumber;
        }
        if (!stamped && count <= STAMP_PACKETS) {
            lookForStamp(buf, payload, Math.min(end, payload + STAMP_REACH), epochNanos);
        }
        if (payload < end && !keyframe) {
            keyframe = hevc ? KeyframeSign.ofH265(buf, payload, end) : KeyframeSign.ofH264(buf, payload, end);
        }
        if ((head & 0x0080_0000) != 0) {
            onEnd(epochNanos);
        }
    }

    private void lookForStamp(ByteBuf buf, int from, int to, long epochNanos) {
        int uuid = FrameStamp.indexOf(buf, from, to);
        if (uuid < 0) {
            return;
        }
        FrameStamp stamp = FrameStamp.read(buf, uuid);
        if (stamp.frame() < 0 || stamp.sentEpochNanos() < 0) {
            loop.malformed++;
            return;
        }
        stamped = true;
        if (expectedCamera != 0 && stamp.camera() != expectedCamera) {
            loop.framesOfWrongCamera++;
        }
        if (stamp.incarnation() != incarnation) {
            if (incarnation >= 0) {
                loop.incarnations++;
                frames.restart();
                lastFrameEpochNanos = epochNanos;
            }
            incarnation = stamp.incarnation();
        }
        frames.take(stamp.frame());
        sentEpochNanos = stamp.sentEpochNanos();
    }

    private void onEnd(long epochNanos) {
        ended = true;
        if (stamped) {
            if (sentEpochNanos >= playEpochNanos) {
                LoopTally.record(loop.latencyNanos, epochNanos - sentEpochNanos);
            } else {
                loop.framesOfCatchUp++;
            }
        }
        if (keyframe && !firstKeyframeSeen) {
            firstKeyframeSeen = true;
            LoopTally.record(loop.firstKeyframeNanos, epochNanos - playEpochNanos);
        }
        long pause = epochNanos - lastFrameEpochNanos;
        if (lastFrameEpochNanos != 0 && pause > stallNanos) {
            loop.stalls++;
            loop.stalledNanos += pause;
        }
        lastFrameEpochNanos = epochNanos;
    }

    private void finishFrame() {
        if (!anyFrame) {
            return;
        }
        loop.frames++;
        if (!stamped) {
            loop.framesWithoutStamp++;
        }
        if (!ended || ((highest - lowest) & 0xffff) + 1 > count) {
            loop.framesDamaged++;
        }
    }

    /** Adds the series to the loop's figures; the last call for this viewer, or for this window. */
    public void close() {
        loop.packetsExpected += packets.expected();
        loop.packetsLost += packets.lost();
        loop.packetsDuplicate += packets.duplicate();
        loop.framesExpected += frames.expected();
        loop.framesLost += frames.lost();
        packets.beginWindow();
        frames.beginWindow();
    }
}
