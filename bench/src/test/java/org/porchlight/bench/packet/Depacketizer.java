package org.porchlight.bench.packet;

import java.io.ByteArrayOutputStream;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/** The other direction, written from the RFCs for the tests: RTP payloads to NAL units. */
final class Depacketizer {
    private final boolean hevc;
    private final List<byte[]> units = new ArrayList<>();
    private ByteArrayOutputStream fragments = new ByteArrayOutputStream();

    Depacketizer(boolean hevc) {
        this.hevc = hevc;
    }

    void payload(byte[] payload) {
        int type = hevc ? (payload[0] >> 1) & 0x3f : payload[0] & 0x1f;
        int header = hevc ? 2 : 1;
        if (type == (hevc ? 48 : 24)) {
            for (int at = header; at < payload.length; ) {
                int length = ((payload[at] & 0xff) << 8) | (payload[at + 1] & 0xff);
                units.add(Arrays.copyOfRange(payload, at + 2, at + 2 + length));
                at += 2 + length;
            }
        } else if (type == (hevc ? 49 : 28)) {
            int fu = payload[header];
            if ((fu & 0x80) != 0) {
                fragments = new ByteArrayOutputStream();
                if (hevc) {
                    fragments.write((payload[0] & 0x81) | ((fu & 0x3f) << 1));
                    fragments.write(payload[1]);
                } else {
                    fragments.write((payload[0] & 0xe0) | (fu & 0x1f));
                }
            }
            fragments.write(payload, header + 1, payload.length - header - 1);
            if ((fu & 0x40) != 0) {
                units.add(fragments.toByteArray());
            }
        } else {
            units.add(payload);
        }
    }

    List<byte[]> units() {
        return units;
    }
}
