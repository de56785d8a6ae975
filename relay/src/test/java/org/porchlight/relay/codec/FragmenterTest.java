package org.porchlight.relay.codec;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;

class FragmenterTest {
    private static final int HEADROOM = 12;

    private static Fragmenter fragmenter(Codec codec, String fmtp) {
        return new Fragmenter(new TrackFormat(MediaKind.VIDEO, codec, 96, codec.name(), 90_000, 1, fmtp));
    }

    /** Cuts and checks what holds for every format: sizes, headroom, nothing written when it cannot be done. */
    private static List<byte[]> cut(Fragmenter fragmenter, byte[] payload, int maxPayload) {
        ByteBuf src = Unpooled.buffer(payload.length + 3).writeZero(3).writeBytes(payload);
        ByteBuf out = Unpooled.buffer().writeByte(7);
        int count = fragmenter.cut(src, 3, payload.length, maxPayload, HEADROOM, out);
        if (count == 0) {
            assertThat(out.writerIndex()).isEqualTo(1);
        }
        List<byte[]> pieces = new ArrayList<>();
        int expectedOffset = 1;
        for (int i = 0; i < count; i++) {
            assertThat(fragmenter.pieceOffset(i)).isEqualTo(expectedOffset + HEADROOM);
            assertThat(fragmenter.pieceLength(i)).isBetween(1, maxPayload);
            byte[] piece = new byte[fragmenter.pieceLength(i)];
            out.getBytes(fragmenter.pieceOffset(i), piece);
            pieces.add(piece);
            expectedOffset += HEADROOM + piece.length;
        }
        assertThat(fragmenter.measure(src, 3, payload.length, maxPayload))
                .as("measured")
                .isEqualTo(count);
        for (int i = 0; i < count; i++) {
            assertThat(fragmenter.pieceLength(i)).as("measured").isEqualTo(pieces.get(i).length);
        }
        return pieces;
    }

    private static byte[] random(Random random, int length) {
        byte[] bytes = new byte[length];
        random.nextBytes(bytes);
        return bytes;
    }

    private static byte[] unit(Random random, int length) {
        byte[] unit = random(random, length);
        unit[0] = (byte) ((unit[0] & 0x60) | (1 + random.nextInt(23)));
        return unit;
    }

    /** As few as possible, and the last one is shorter by less than their number. */
    private static void assertEqualSizesButTheLast(List<byte[]> pieces, int mediaBytes, int header, int maxPayload) {
        int chunk = maxPayload - header;
        assertThat(pieces).hasSize((mediaBytes + chunk - 1) / chunk);
        int size = pieces.get(0).length;
        for (int i = 0; i < pieces.size() - 1; i++) {
            assertThat(pieces.get(i)).hasSize(size);
        }
        assertThat(pieces.get(pieces.size() - 1).length).isBetween(size - pieces.size(), size);
    }

    @Test
    void leavesAPayloadThatFitsAsItIs() {
        byte[] unit = H264Units.idr(100);
        assertThat(cut(fragmenter(Codec.H264, ""), unit, 1200)).containsExactly(unit);
        assertThat(cut(fragmenter(Codec.OPUS, ""), new byte[] {1}, 1200)).containsExactly(new byte[] {1});
    }

    @Test
    void cutsH264UnitsAndPutsThemTogetherAgain() {
        Random random = new Random(31);
        Fragmenter fragmenter = fragmenter(Codec.H264, "");
        for (int round = 0; round < 300; round++) {
            int maxPayload = 128 + random.nextInt(1300);
            byte[] unit = unit(random, maxPayload + 1 + random.nextInt(20_000));
            List<byte[]> pieces = cut(fragmenter, unit, maxPayload);
            assertEqualSizesButTheLast(pieces, unit.length - 1, 2, maxPayload);
            assertThat(h264Units(pieces)).containsExactly(unit);
        }
    }

    @Test
    void cutsH264AggregatesIntoTheirUnits() {
        Random random = new Random(32);
        Fragmenter fragmenter = fragmenter(Codec.H264, "");
        for (int round = 0; round < 300; round++) {
            byte[] sps = unit(random, 1 + random.nextInt(40));
            byte[] pps = unit(random, 1 + random.nextInt(40));
            byte[] slice = unit(random, 1200 + random.nextInt(5000));
            List<byte[]> pieces = cut(fragmenter, H264Units.stapA(sps, pps, slice), 1200);
            assertThat(h264Units(pieces)).containsExactly(sps, pps, slice);
        }
    }

    @Test
    void cutsLargeH264FragmentsIntoSmallerOnes() {
        Random random = new Random(33);
        Fragmenter fragmenter = fragmenter(Codec.H264, "");
        for (int round = 0; round < 100; round++) {
            byte[] unit = unit(random, 9000 + random.nextInt(30_000));
            List<byte[]> pieces = new ArrayList<>();
            for (byte[] fragment : H264Units.fuA(unit, 8000)) {
                pieces.addAll(cut(fragmenter, fragment, 1400));
            }
            assertThat(h264Units(pieces)).containsExactly(unit);
        }
    }

    /** A plain depacketizer of single units and FU-A. */
    private static List<byte[]> h264Units(List<byte[]> payloads) {
        List<byte[]> units = new ArrayList<>();
        ByteBuf open = Unpooled.buffer();
        for (byte[] payload : payloads) {
            if ((payload[0] & 0x1f) != 28) {
                assertThat(open.isReadable()).isFalse();
                units.add(payload);
                continue;
            }
            assertThat((payload[1] & 0x80) != 0).isEqualTo(!open.isReadable());
            if (!open.isReadable()) {
                open.writeByte((payload[0] & 0xe0) | (payload[1] & 0x1f));
            }
            open.writeBytes(payload, 2, payload.length - 2);
            if ((payload[1] & 0x40) != 0) {
                units.add(H264Units.bytes(open));
                open.clear();
            }
        }
        assertThat(open.isReadable()).isFalse();
        return units;
    }

    @Test
    void cutsH265WithAndWithoutOrderNumbers() {
        Random random = new Random(34);
        for (int round = 0; round < 400; round++) {
            boolean numbers = round % 2 == 1;
            Fragmenter fragmenter = fragmenter(Codec.H265, numbers ? "sprop-max-don-diff=2" : "");
            byte[] first = h265Unit(random, 2 + random.nextInt(300));
            byte[] second = h265Unit(random, 1300 + random.nextInt(8000));
            ByteBuf aggregate = Unpooled.buffer().writeShort((48 << 9) | 1);
            if (numbers) {
                aggregate.writeShort(65_535);
            }
            aggregate.writeShort(first.length).writeBytes(first);
            if (numbers) {
                aggregate.writeByte(0);
            }
            aggregate.writeShort(second.length).writeBytes(second);
            List<byte[]> pieces = cut(fragmenter, H264Units.bytes(aggregate), 1200);
            List<Integer> orderNumbers = new ArrayList<>();
            assertThat(h265Units(pieces, numbers, orderNumbers)).containsExactly(first, second);
            assertThat(orderNumbers).isEqualTo(numbers ? List.of(65_535, 0) : List.of());
            List<byte[]> again = new ArrayList<>();
            for (byte[] piece : pieces) {
                again.addAll(cut(fragmenter, piece, 500));
            }
            orderNumbers.clear();
            assertThat(h265Units(again, numbers, orderNumbers)).containsExactly(first, second);
        }
    }

    private static byte[] h265Unit(Random random, int length) {
        byte[] unit = random(random, length);
        unit[0] = (byte) (random.nextInt(48) << 1);
        unit[1] = (byte) (1 + random.nextInt(7));
        return unit;
    }

    /** A plain depacketizer of single units and fragmentation units. */
    private static List<byte[]> h265Units(List<byte[]> payloads, boolean numbers, List<Integer> orderNumbers) {
        List<byte[]> units = new ArrayList<>();
        ByteBuf open = Unpooled.buffer();
        for (byte[] payload : payloads) {
            ByteBuf in = Unpooled.wrappedBuffer(payload);
            int header = in.readUnsignedShort();
            boolean fragment = ((header >>> 9) & 0x3f) == 49;
            int fragmentHeader = fragment ? in.readUnsignedByte() : 0xc0 | ((header >>> 9) & 0x3f);
            if ((fragmentHeader & 0x80) != 0) {
                assertThat(open.isReadable()).isFalse();
                open.writeShort((header & 0x81ff) | ((fragmentHeader & 0x3f) << 9));
                if (numbers) {
                    orderNumbers.add(in.readUnsignedShort());
                }
            }
            open.writeBytes(in);
            if ((fragmentHeader & 0x40) != 0) {
                units.add(H264Units.bytes(open));
                open.clear();
            }
        }
        return units;
    }

    @Test
    void cutsAv1ByElements() {
        Random random = new Random(35);
        Fragmenter fragmenter = fragmenter(Codec.AV1, "");
        for (int round = 0; round < 300; round++) {
            byte[] small = random(random, 1 + random.nextInt(100));
            byte[] large = random(random, 1300 + random.nextInt(9000));
            boolean counted = random.nextBoolean();
            int flags = (random.nextInt(32) << 3) & 0xc8;
            ByteBuf payload = Unpooled.buffer().writeByte(flags | (counted ? 0x20 : 0));
            payload.writeByte(small.length).writeBytes(small);
            if (!counted) {
                payload.writeByte((large.length & 0x7f) | 0x80).writeByte(large.length >> 7);
            }
            payload.writeBytes(large);
            List<byte[]> pieces = cut(fragmenter, H264Units.bytes(payload), 1200);
            assertThat(pieces.get(0)[0] & 0x88)
                    .as("Z and N stay with the first")
                    .isEqualTo(flags & 0x88);
            assertThat(pieces.get(pieces.size() - 1)[0] & 0x40).isEqualTo(flags & 0x40);
            List<byte[]> elements = new ArrayList<>();
            ByteBuf open = Unpooled.buffer();
            for (int i = 0; i < pieces.size(); i++) {
                byte[] piece = pieces.get(i);
                assertThat(piece[0] & 0x30).isEqualTo(0x10);
                assertThat(i > 0 && (piece[0] & 0x80) != 0).isEqualTo(open.isReadable());
                open.writeBytes(piece, 1, piece.length - 1);
                if ((piece[0] & 0x40) == 0 || i == pieces.size() - 1) {
                    elements.add(H264Units.bytes(open));
                    open.clear();
                }
            }
            assertThat(elements).containsExactly(small, large);
        }
    }

    @Test
    void cutsVp8AndVp9ByTheirDescriptors() {
        Random random = new Random(36);
        byte[][] descriptors = {
            HexFormat.of().parseHex("10"),
            HexFormat.of().parseHex("90f08123" + "0542"),
            HexFormat.of().parseHex("8c8123"),
            HexFormat.of().parseHex("ae812341" + "07" + "38" + "0780" + "0438" + "0780" + "0438" + "01" + "00"),
        };
        for (int round = 0; round < 200; round++) {
            boolean vp8 = round % 4 < 2;
            byte[] descriptor = descriptors[round % 4];
            byte[] data = random(random, 1300 + random.nextInt(5000));
            byte[] payload =
                    H264Units.bytes(Unpooled.buffer().writeBytes(descriptor).writeBytes(data));
            List<byte[]> pieces = cut(fragmenter(vp8 ? Codec.VP8 : Codec.VP9, ""), payload, 1200);
            int repeated = new int[] {1, 6, 3, 5}[round % 4];
            int structure = descriptor.length - repeated;
            assertEqualSizesButTheLast(pieces, data.length + structure, repeated, 1200);
            ByteBuf joined = Unpooled.buffer();
            for (int i = 0; i < pieces.size(); i++) {
                byte[] piece = pieces.get(i);
                int header = vp8 ? Vp8Scanner.descriptorLength(Unpooled.wrappedBuffer(piece), 0, piece.length) : 0;
                boolean begins = (piece[0] & 0x10) != 0;
                if (!vp8) {
                    Vp9Descriptor read = new Vp9Descriptor();
                    assertThat(read.read(Unpooled.wrappedBuffer(piece), 0, piece.length))
                            .isTrue();
                    header = read.length;
                    begins = read.begins;
                    assertThat(read.ends).isEqualTo(i == pieces.size() - 1);
                }
                assertThat(begins).isEqualTo(i == 0);
                joined.writeBytes(piece, header, piece.length - header);
            }
            assertThat(H264Units.bytes(joined)).isEqualTo(data);
        }
    }

    @Test
    void cutsJpegByItsOffset() {
        Random random = new Random(37);
        Fragmenter fragmenter = fragmenter(Codec.MJPEG, "");
        for (int round = 0; round < 200; round++) {
            boolean restart = random.nextBoolean();
            boolean first = random.nextBoolean();
            int fragmentOffset = first ? 0 : 1 + random.nextInt(1 << 20);
            ByteBuf payload = Unpooled.buffer().writeByte(0).writeMedium(fragmentOffset);
            payload.writeByte(restart ? 65 : 1).writeByte(255).writeByte(80).writeByte(60);
            if (restart) {
                payload.writeShort(10).writeShort(0xffff);
            }
            if (first) {
                payload.writeShort(0).writeShort(128).writeBytes(random(random, 128));
            }
            byte[] data = random(random, 2000 + random.nextInt(9000));
            payload.writeBytes(data);
            List<byte[]> pieces = cut(fragmenter, H264Units.bytes(payload), 1200);
            int repeated = restart ? 12 : 8;
            assertEqualSizesButTheLast(pieces, payload.writerIndex() - repeated, repeated, 1200);
            ByteBuf joined = Unpooled.buffer();
            for (byte[] piece : pieces) {
                ByteBuf in = Unpooled.wrappedBuffer(piece);
                assertThat(in.getUnsignedMedium(1) - fragmentOffset).isEqualTo(joined.readableBytes());
                int header = MjpegScanner.headerLength(in, 0, piece.length);
                joined.writeBytes(piece, header, piece.length - header);
            }
            assertThat(H264Units.bytes(joined)).isEqualTo(data);
        }
    }

    @Test
    void saysWhatCannotBeCut() {
        byte[] large = new byte[3000];
        assertThat(cut(fragmenter(Codec.OPUS, ""), large, 1200)).isEmpty();
        assertThat(cut(fragmenter(Codec.OPAQUE, ""), large, 1200)).isEmpty();
        assertThat(cut(fragmenter(Codec.H264, ""), large, 1200))
                .as("unit of type 0")
                .isEmpty();
        large[0] = 0x78;
        assertThat(cut(fragmenter(Codec.H264, ""), large, 1200))
                .as("damaged aggregate")
                .isEmpty();
        large[0] = 100;
        assertThat(cut(fragmenter(Codec.H265, ""), large, 1200)).as("PACI").isEmpty();
        large[4] = 65;
        assertThat(cut(fragmenter(Codec.MJPEG, ""), large, 1200))
                .as("restart intervals told")
                .isEmpty();
        assertThatThrownBy(() -> cut(fragmenter(Codec.H264, ""), large, 64))
                .isInstanceOf(IllegalArgumentException.class);
    }

    /** Any bytes: either nothing comes out, or pieces of the right size; nothing is read outside. */
    @Test
    void cutsOrRefusesAnyBytes() {
        Random random = new Random(38);
        Codec[] codecs = {Codec.H264, Codec.H265, Codec.AV1, Codec.VP8, Codec.VP9, Codec.MJPEG};
        for (Codec codec : codecs) {
            Fragmenter fragmenter = fragmenter(codec, "sprop-max-don-diff=1");
            int cut = 0;
            for (int round = 0; round < 500; round++) {
                byte[] payload = random(random, 129 + random.nextInt(3000));
                ByteBuf src = Unpooled.wrappedBuffer(payload);
                ByteBuf out = Unpooled.buffer();
                int pieces = fragmenter.cut(src, 0, payload.length, 128, 0, out);
                cut += pieces > 0 ? 1 : 0;
                assertThat(fragmenter.measure(src, 0, payload.length, 128)).isEqualTo(pieces);
            }
            assertThat(cut).as(codec.name()).isPositive();
        }
    }
}
