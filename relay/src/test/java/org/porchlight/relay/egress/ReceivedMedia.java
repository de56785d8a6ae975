package org.porchlight.relay.egress;

import static org.assertj.core.api.Assertions.assertThat;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import java.net.InetSocketAddress;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.zip.CRC32C;

/** The RTP packets of one track that one viewer got, over UDP or TCP, and its sender reports. */
final class ReceivedMedia implements DatagramTransport, ByteTransport {
    static final InetSocketAddress RTP = InetSocketAddress.createUnresolved("viewer", 5000);
    static final InetSocketAddress RTCP = InetSocketAddress.createUnresolved("viewer", 5001);

    final List<byte[]> packets = new ArrayList<>();
    final List<byte[]> reports = new ArrayList<>();
    /** Packets that had come before each report. */
    final List<Integer> packetsBefore = new ArrayList<>();

    final ByteBuf stream = Unpooled.buffer();

    @Override
    public boolean isWritable() {
        return true;
    }

    @Override
    public void send(ByteBuf data, int start, int end, int segment, InetSocketAddress recipient, boolean report) {
        assertThat(recipient).isSameAs(report ? RTCP : RTP);
        for (int at = start; at < end; at += segment) {
            add(data, at, Math.min(segment, end - at), report);
        }
    }

    private void add(ByteBuf data, int at, int length, boolean report) {
        byte[] bytes = new byte[length];
        data.getBytes(at, bytes);
        if (report) {
            reports.add(bytes);
            packetsBefore.add(packets.size());
        } else {
            packets.add(bytes);
        }
    }

    @Override
    public void flush() {}

    @Override
    public long send(Pieces pieces) {
        long taken = 0;
        for (int i = 0; i < pieces.count(); i++) {
            int length = pieces.end(i) - pieces.start(i);
            stream.writeBytes(pieces.buffer(i), pieces.start(i), length);
            taken += length;
        }
        while (stream.readableBytes() >= 4) {
            int length = stream.getUnsignedShort(stream.readerIndex() + 2);
            if (stream.readableBytes() < 4 + length) {
                break;
            }
            int channel = stream.getByte(stream.readerIndex() + 1);
            add(stream, stream.readerIndex() + 4, length, channel == 1);
            stream.skipBytes(4 + length);
        }
        return taken;
    }

    @Override
    public void whenWritable(ByteBuf rest, Runnable whenDone) {
        throw new AssertionError("it takes everything at once");
    }

    /** In the order of their numbers, which differ: {@code [extended number, packet]}. */
    List<Numbered> inOrder() {
        List<Numbered> numbered = new ArrayList<>();
        long newest = number(packets.get(0));
        for (byte[] packet : packets) {
            newest += (short) (number(packet) - (int) newest);
            numbered.add(new Numbered(newest, packet));
        }
        numbered.sort(Comparator.comparingLong(n -> n.number));
        for (int i = 1; i < numbered.size(); i++) {
            assertThat(numbered.get(i).number).as("number of packet %d", i).isGreaterThan(numbered.get(i - 1).number);
        }
        return numbered;
    }

    /** Numbers that never came, from this one on. */
    long missingFrom(long number) {
        List<Numbered> all = inOrder();
        long count = all.stream().filter(n -> n.number >= number).count();
        return all.get(all.size() - 1).number - number + 1 - count;
    }

    long missing() {
        return missingFrom(inOrder().get(0).number);
    }

    @SuppressWarnings("ArrayRecordComponent") // never compared
    record Numbered(long number, byte[] packet) {}

    static int timestamp(byte[] packet) {
        return ByteBuffer.wrap(packet).getInt(4);
    }

    static int number(byte[] packet) {
        return ByteBuffer.wrap(packet).getShort(2) & 0xffff;
    }

    /** A plain H.264 depacketizer: single units, STAP-A, FU-A; a unit with a missing part is left out. */
    static final class Units {
        /** Length and checksum of each. */
        final List<String> all = new ArrayList<>();
        /** Number of the packet in which each begins. */
        final List<Long> numbers = new ArrayList<>();

        private final ByteBuf open = Unpooled.buffer();

        Units(ReceivedMedia received) {
            boolean whole = false;
            long begin = 0;
            long last = -1;
            for (Numbered numbered : received.inOrder()) {
                ByteBuf p = Unpooled.wrappedBuffer(numbered.packet).skipBytes(12);
                whole &= numbered.number == last + 1;
                last = numbered.number;
                int indicator = p.getByte(12);
                if ((indicator & 0x1f) == 24) {
                    p.skipBytes(1);
                    while (p.isReadable()) {
                        add(p.readSlice(p.readUnsignedShort()), last);
                    }
                } else if ((indicator & 0x1f) != 28) {
                    add(p, last);
                } else {
                    int header = p.getByte(13);
                    if ((header & 0x80) != 0) {
                        open.clear().writeByte((indicator & 0xe0) | (header & 0x1f));
                        whole = true;
                        begin = last;
                    }
                    open.writeBytes(p, 14, p.writerIndex() - 14);
                    if ((header & 0x40) != 0 && whole) {
                        add(open, begin);
                        whole = false;
                    }
                }
            }
        }

        private void add(ByteBuf unit, long number) {
            byte[] bytes = new byte[unit.readableBytes()];
            unit.getBytes(unit.readerIndex(), bytes);
            CRC32C sum = new CRC32C();
            sum.update(bytes);
            all.add(bytes.length + ":" + sum.getValue());
            numbers.add(number);
        }
    }
}
