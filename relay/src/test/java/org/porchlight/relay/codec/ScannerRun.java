package org.porchlight.relay.codec;

import static org.assertj.core.api.Assertions.assertThat;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import java.util.Arrays;

/** Feeds a scanner as the hub does, and checks that it neither changes nor reads anything outside of the payload. */
final class ScannerRun {
    private static final int GUARD = 5;

    final PayloadScanner scanner;
    private int timestamp = 1000;
    private boolean loss;

    ScannerRun(PayloadScanner scanner) {
        this.scanner = scanner;
    }

    static ScannerRun of(Codec codec, String encodingName, String fmtp) {
        return new ScannerRun(
                PayloadScanners.forFormat(new TrackFormat(MediaKind.VIDEO, codec, 96, encodingName, 90_000, 1, fmtp)));
    }

    /** The next packets belong to a later frame. */
    ScannerRun nextTimestamp() {
        timestamp += 3600;
        return this;
    }

    ScannerRun lose() {
        loss = true;
        return this;
    }

    /** Letters of the flags: S(tart) E(nd) K(ey) D(isposable) P(arameter sets) M(alformed) F(ormat changed). */
    String packet(byte[] payload, boolean marker) {
        ByteBuf exact = Unpooled.buffer(GUARD + payload.length, GUARD + payload.length);
        exact.writeZero(GUARD).writeBytes(payload);
        ByteBuf readOnly = exact.asReadOnly();
        int flags = scanner.scan(readOnly, GUARD, payload.length, marker, timestamp, loss);
        loss = false;
        byte[] after = new byte[payload.length];
        exact.getBytes(GUARD, after);
        assertThat(Arrays.equals(payload, after)).isTrue();
        return letters(flags);
    }

    String packet(String hex, boolean marker) {
        return packet(java.util.HexFormat.of().parseHex(hex.replace(" ", "")), marker);
    }

    static String letters(int flags) {
        StringBuilder letters = new StringBuilder();
        letters.append(PacketFlags.isSet(flags, PacketFlags.FRAME_START) ? "S" : "");
        letters.append(PacketFlags.isSet(flags, PacketFlags.FRAME_END) ? "E" : "");
        letters.append(PacketFlags.isSet(flags, PacketFlags.KEYFRAME) ? "K" : "");
        letters.append(PacketFlags.isSet(flags, PacketFlags.DISPOSABLE) ? "D" : "");
        letters.append(PacketFlags.isSet(flags, PacketFlags.PARAMETER_SETS) ? "P" : "");
        letters.append(PacketFlags.isSet(flags, PacketFlags.MALFORMED) ? "M" : "");
        letters.append(PacketFlags.isSet(flags, PacketFlags.FORMAT_CHANGED) ? "F" : "");
        return letters.toString();
    }
}
