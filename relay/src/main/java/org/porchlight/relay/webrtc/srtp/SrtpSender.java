package org.porchlight.relay.webrtc.srtp;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import org.jspecify.annotations.Nullable;
import org.porchlight.relay.rtp.RtpHeader;

/**
 * Protects what one session sends (RFC 3711, RFC 7714). Owner: the loop of the session, which closes it.
 *
 * <p>An SSRC's rollover counter starts at zero with its first packet. A receiver that misses that packet and the next wrap as well is lost,
 * so begin with a sequence number below 32,768.
 *
 * <p>The same packet may be protected again as long as it is one of the last 512 of its SSRC. Different bytes under a used sequence number
 * are refused: they would betray their difference, and with GCM the authentication key.
 */
public final class SrtpSender implements AutoCloseable {
    /** SSRCs per session and direction: simulcast layers, their RTX and audio are seven. */
    public static final int MAX_SSRCS = 32;

    /** Bytes of the largest packet, protection included. */
    public static final int MAX_PACKET_BYTES = 65_507;

    /** Bytes of an SRTCP packet that stay clear: first header word and the sender's SSRC. */
    static final int RTCP_CLEAR = 8;

    private static final long MAX_RTP_INDEX = (1L << 48) - 1;
    private static final long MAX_RTCP_INDEX = (1L << 31) - 1;

    private final SrtpProfile profile;
    private final PacketCipher rtp;
    private final PacketCipher rtcp;

    private final @Nullable SendWindow[] windows = new SendWindow[MAX_SSRCS];
    private int windowCount;
    private @Nullable SendWindow lastWindow;
    private long nextRtcpIndex;
    private final FailureCounts failures = new FailureCounts();

    /**
     * A sender with session keys derived from this key.
     *
     * @param key not kept
     */
    public SrtpSender(MasterKey key, CipherProvider provider) {
        this(key.profile(), provider.cipher(key, PacketKind.RTP, true), provider.cipher(key, PacketKind.RTCP, true), 0);
    }

    SrtpSender(SrtpProfile profile, PacketCipher rtp, PacketCipher rtcp, long firstRtcpIndex) {
        this.profile = profile;
        this.rtp = rtp;
        this.rtcp = rtcp;
        nextRtcpIndex = firstRtcpIndex;
    }

    public SrtpProfile profile() {
        return profile;
    }

    /**
     * Protects an RTP packet: encrypts what follows the header, and appends the tag of {@link SrtpProfile#rtpOverhead} bytes. Reader and
     * writer indices are neither used nor moved. Best with direct buffers.
     *
     * @param out borrowed; header and prefix stand at {@code rtpIndex}, the rest is written behind
     * @param headerLength of the RTP header with CSRCs and extension, in bytes
     * @param prefixLength bytes of plaintext that stand in {@code out} behind the header, as RTX's original sequence number does; 0: none
     * @param payload borrowed and only read; may be shared with other loops
     * @return the packet's whole length, or a negative value for {@link SrtpFailure#of}, and then nothing may be sent
     * @throws IndexOutOfBoundsException when the packet does not fit into {@code out}, or {@code payload} does not hold the payload
     */
    public int protectRtp(
            ByteBuf out,
            int rtpIndex,
            int headerLength,
            int prefixLength,
            ByteBuf payload,
            int payloadIndex,
            int payloadLength) {
        int plainLength =
                PacketBounds.check(out, rtpIndex, headerLength, prefixLength, payload, payloadIndex, payloadLength);
        int length = plainLength + profile.rtpOverhead();
        if (length > MAX_PACKET_BYTES) {
            return failures.failed(SrtpFailure.TOO_LONG);
        }
        PacketBounds.check(out, rtpIndex, length);
        int ssrc = RtpHeader.ssrc(out, rtpIndex);
        int sequenceNumber = RtpHeader.sequenceNumber(out, rtpIndex);
        SendWindow window = window(ssrc, sequenceNumber);
        if (window == null) {
            return failures.failed(SrtpFailure.TOO_MANY_SSRCS);
        }
        long packetIndex = window.indexOf(sequenceNumber);
        if (packetIndex < 0 || window.isTooOld(packetIndex)) {
            return failures.failed(SrtpFailure.TOO_OLD);
        }
        if (packetIndex > MAX_RTP_INDEX) {
            return failures.failed(SrtpFailure.KEY_EXHAUSTED);
        }
        rtp.seal(ssrc, packetIndex, out, rtpIndex, headerLength, prefixLength, payload, payloadIndex, payloadLength);
        if (!window.record(packetIndex, out.getInt(rtpIndex + plainLength))) {
            out.setZero(rtpIndex, length);
            return failures.failed(SrtpFailure.REPEATED_DIFFERENTLY);
        }
        return length;
    }

    /**
     * Protects a compound RTCP packet in place and appends {@link SrtpProfile#rtcpOverhead} bytes.
     *
     * @param out borrowed; the compound packet stands at {@code index}
     * @param length of the compound packet in bytes
     * @return the whole length, or a negative value for {@link SrtpFailure#of}, and then nothing may be sent
     * @throws IndexOutOfBoundsException when it does not fit into {@code out}
     */
    public int protectRtcp(ByteBuf out, int index, int length) {
        if (length < RTCP_CLEAR) {
            return failures.failed(SrtpFailure.TOO_SHORT);
        }
        int protectedLength = length + profile.rtcpOverhead();
        if (protectedLength > MAX_PACKET_BYTES) {
            return failures.failed(SrtpFailure.TOO_LONG);
        }
        PacketBounds.check(out, index, protectedLength);
        if (nextRtcpIndex > MAX_RTCP_INDEX) {
            return failures.failed(SrtpFailure.KEY_EXHAUSTED);
        }
        // One counter for all SSRCs: each of them sees numbers that rise, which is all that is asked.
        int ssrc = out.getInt(index + 4);
        rtcp.seal(ssrc, nextRtcpIndex++, out, index, RTCP_CLEAR, length - RTCP_CLEAR, Unpooled.EMPTY_BUFFER, 0, 0);
        return protectedLength;
    }

    private @Nullable SendWindow window(int ssrc, int sequenceNumber) {
        SendWindow last = lastWindow;
        if (last != null && last.ssrc() == ssrc) {
            return last;
        }
        for (int i = 0; i < windowCount; i++) {
            SendWindow window = windows[i];
            if (window != null && window.ssrc() == ssrc) {
                lastWindow = window;
                return window;
            }
        }
        if (windowCount == MAX_SSRCS) {
            return null;
        }
        SendWindow window = new SendWindow(ssrc, sequenceNumber);
        windows[windowCount++] = window;
        lastWindow = window;
        return window;
    }

    /** How many packets were refused for this reason. */
    public long failures(SrtpFailure failure) {
        return failures.of(failure);
    }

    /** Forgets the keys; may be repeated. Protecting afterwards is an {@link IllegalStateException}. */
    @Override
    public void close() {
        rtp.close();
        rtcp.close();
    }
}
