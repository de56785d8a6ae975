package org.porchlight.relay.webrtc.srtp;

import io.netty.buffer.ByteBuf;
import org.jspecify.annotations.Nullable;
import org.porchlight.relay.rtp.RtpHeader;

/**
 * Checks and opens what one session receives (RFC 3711 section 3.3, RFC 7714). Owner: the loop of the session, which closes it.
 *
 * <p>Nothing that a stranger can send changes any state here but the counters: windows and rollover counters move, and SSRCs are learnt,
 * only by authenticated packets.
 */
public final class SrtpReceiver implements AutoCloseable {
    private static final int EXTENSION_BIT = 0x10;

    private final SrtpProfile profile;
    private final PacketCipher rtp;
    private final PacketCipher rtcp;
    private final ReplayWindows rtpWindows = new ReplayWindows();
    private final ReplayWindows rtcpWindows = new ReplayWindows();
    private final FailureCounts failures = new FailureCounts();

    /**
     * A receiver with session keys derived from this key.
     *
     * @param key not kept
     */
    public SrtpReceiver(MasterKey key, CipherProvider provider) {
        this(key.profile(), provider.cipher(key, PacketKind.RTP, false), provider.cipher(key, PacketKind.RTCP, false));
    }

    SrtpReceiver(SrtpProfile profile, PacketCipher rtp, PacketCipher rtcp) {
        this.profile = profile;
        this.rtp = rtp;
        this.rtcp = rtcp;
    }

    public SrtpProfile profile() {
        return profile;
    }

    /**
     * Opens an SRTP packet in place. Reader and writer indices are neither used nor moved. Best with direct buffers.
     *
     * @param buf borrowed; the bytes of a packet that is refused are undefined afterwards
     * @param length of the protected packet in bytes
     * @return the length of the RTP packet, or a negative value for {@link SrtpFailure#of}
     * @throws IndexOutOfBoundsException when {@code buf} does not hold so many bytes
     */
    public int unprotectRtp(ByteBuf buf, int index, int length) {
        PacketBounds.check(buf, index, length);
        if (length < RtpHeader.FIXED_LENGTH + profile.rtpOverhead()) {
            return failures.failed(SrtpFailure.TOO_SHORT);
        }
        int plainLength = length - profile.rtpOverhead();
        int headerLength = headerLength(buf, index, plainLength);
        if (headerLength < 0) {
            return failures.failed(SrtpFailure.MALFORMED);
        }
        int ssrc = RtpHeader.ssrc(buf, index);
        int sequenceNumber = RtpHeader.sequenceNumber(buf, index);
        ReplayWindow window = rtpWindows.find(ssrc);
        long packetIndex = window == null ? sequenceNumber : estimateIndex(window.highest(), sequenceNumber);
        SrtpFailure refusal = refusal(rtpWindows, window, packetIndex, length);
        if (refusal != null) {
            return failures.failed(refusal);
        }
        if (!rtp.open(ssrc, packetIndex, buf, index, headerLength, length)) {
            return failures.failed(SrtpFailure.AUTH_FAILED);
        }
        rtpWindows.accept(window, ssrc, packetIndex);
        return plainLength;
    }

    /**
     * Opens an SRTCP packet in place, as {@link #unprotectRtp} does.
     *
     * @return the length of the compound RTCP packet, or a negative value for {@link SrtpFailure#of}
     * @throws IndexOutOfBoundsException when {@code buf} does not hold so many bytes
     */
    public int unprotectRtcp(ByteBuf buf, int index, int length) {
        PacketBounds.check(buf, index, length);
        int plainLength = length - profile.rtcpOverhead();
        if (plainLength < SrtpSender.RTCP_CLEAR) {
            return failures.failed(SrtpFailure.TOO_SHORT);
        }
        if (buf.getUnsignedByte(index) >>> 6 != 2) {
            return failures.failed(SrtpFailure.MALFORMED);
        }
        int flagAndIndex = buf.getInt(index + plainLength + profile.rtcpIndexOffset());
        if (flagAndIndex >= 0) {
            return failures.failed(SrtpFailure.NOT_ENCRYPTED);
        }
        int ssrc = buf.getInt(index + 4);
        long packetIndex = flagAndIndex & 0x7fff_ffff;
        ReplayWindow window = rtcpWindows.find(ssrc);
        SrtpFailure refusal = refusal(rtcpWindows, window, packetIndex, length);
        if (refusal != null) {
            return failures.failed(refusal);
        }
        if (!rtcp.open(ssrc, packetIndex, buf, index, SrtpSender.RTCP_CLEAR, length)) {
            return failures.failed(SrtpFailure.AUTH_FAILED);
        }
        rtcpWindows.accept(window, ssrc, packetIndex);
        return plainLength;
    }

    private static @Nullable SrtpFailure refusal(
            ReplayWindows windows, @Nullable ReplayWindow window, long packetIndex, int length) {
        if (length > SrtpSender.MAX_PACKET_BYTES) {
            return SrtpFailure.TOO_LONG;
        }
        if (window == null) {
            return windows.isFull() ? SrtpFailure.TOO_MANY_SSRCS : null;
        }
        if (packetIndex < 0 || window.isTooOld(packetIndex)) {
            return SrtpFailure.TOO_OLD;
        }
        return window.hasSeen(packetIndex) ? SrtpFailure.REPLAYED : null;
    }

    /**
     * The index of a packet by RFC 3711 section 3.3.1 and appendix A.
     *
     * @param highest index that was authenticated
     * @return negative: before the first packet
     */
    static long estimateIndex(long highest, int sequenceNumber) {
        long rolloverCounter = highest >>> 16;
        int last = (int) highest & 0xffff;
        if (last < 0x8000) {
            rolloverCounter -= sequenceNumber - last > 0x8000 ? 1 : 0;
        } else {
            rolloverCounter += last - 0x8000 > sequenceNumber ? 1 : 0;
        }
        return rolloverCounter << 16 | sequenceNumber;
    }

    /** Bytes of header with CSRCs and extension; negative: not a header. The padding is still encrypted and cannot be looked at. */
    private static int headerLength(ByteBuf buf, int index, int plainLength) {
        int first = buf.getUnsignedByte(index);
        int length = RtpHeader.FIXED_LENGTH + (first & 0x0f) * 4;
        if (first >>> 6 != 2 || length > plainLength) {
            return -1;
        }
        if ((first & EXTENSION_BIT) == 0) {
            return length;
        }
        if (length + 4 > plainLength) {
            return -1;
        }
        length += 4 + buf.getUnsignedShort(index + length + 2) * 4;
        return length > plainLength ? -1 : length;
    }

    /** How many packets were refused for this reason. */
    public long failures(SrtpFailure failure) {
        return failures.of(failure);
    }

    /** Forgets the keys; may be repeated. Opening afterwards is an {@link IllegalStateException}. */
    @Override
    public void close() {
        rtp.close();
        rtcp.close();
    }
}
