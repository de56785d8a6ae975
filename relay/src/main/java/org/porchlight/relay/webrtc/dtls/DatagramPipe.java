package org.porchlight.relay.webrtc.dtls;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import java.io.IOException;
import java.io.InterruptedIOException;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.ArrayBlockingQueue;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;
import org.bouncycastle.tls.DatagramTransport;
import org.jspecify.annotations.Nullable;

/**
 * Between a session's loop and the thread that runs its connection. Datagrams come in through a bounded queue, from the loop by
 * {@link #offer}, and are taken by the running thread; while that thread waits for one it gives its right to calculate back. Records go out
 * packed: a flight of several handshake messages is one datagram, or as few as fit, handed over when the flight is complete.
 */
final class DatagramPipe implements DatagramTransport {
    /** Larger datagrams are not DTLS of any peer on a path of 1,500 bytes. */
    static final int MAX_RECEIVED_BYTES = 2048;

    private static final int MAX_QUEUED = 32;
    private static final byte[] STOP = new byte[0];

    /** Shared: filled by the loop, emptied by the running thread. */
    private final ArrayBlockingQueue<byte[]> inbound = new ArrayBlockingQueue<>(MAX_QUEUED);

    private final Semaphore calculating;
    private final int maxSentBytes;
    private final Consumer<List<ByteBuf>> outbound;

    // The running thread's.
    private List<ByteBuf> flight = new ArrayList<>();
    private byte @Nullable [] packed;
    private int packedLength;
    private boolean waits = true;
    private boolean closed;

    /**
     * A pipe.
     *
     * @param calculating of which the running thread holds a permit whenever it calls
     * @param outbound takes a flight's datagrams, on the running thread
     */
    DatagramPipe(Semaphore calculating, int maxSentBytes, Consumer<List<ByteBuf>> outbound) {
        this.calculating = calculating;
        this.maxSentBytes = maxSentBytes;
        this.outbound = outbound;
    }

    /**
     * Puts a datagram in; the loop.
     *
     * @param datagram borrowed
     * @return false: the queue is full or the datagram no sequence of records, and it is lost as on any network
     */
    boolean offer(ByteBuf datagram) {
        int length = datagram.readableBytes();
        if (length > MAX_RECEIVED_BYTES || !RecordScreen.isWellFormed(datagram)) {
            return false;
        }
        byte[] copy = new byte[length];
        datagram.getBytes(datagram.readerIndex(), copy);
        return inbound.offer(copy);
    }

    /** Whatever waits is forgotten, and the running thread's next look ends its handshake; the loop. */
    void stop() {
        while (!inbound.offer(STOP)) {
            inbound.clear();
        }
    }

    boolean isEmpty() {
        return inbound.isEmpty();
    }

    /** From now on an empty queue ends a call rather than making it wait. */
    void stopWaiting() {
        waits = false;
    }

    /** Whether the protocol has closed its transport. */
    boolean isClosed() {
        return closed;
    }

    @Override
    public int receive(byte[] buf, int offset, int length, int waitMillis) throws IOException {
        flush();
        byte[] datagram = inbound.poll();
        if (datagram == null) {
            if (!waits) {
                throw new InterruptedIOException("nothing more to read now");
            }
            datagram = await(waitMillis);
        }
        if (datagram == null) {
            return -1;
        }
        if (datagram.length == 0) {
            throw new IOException("closed while shaking hands");
        }
        int taken = Math.min(length, datagram.length);
        System.arraycopy(datagram, 0, buf, offset, taken);
        return taken;
    }

    private byte @Nullable [] await(int waitMillis) throws IOException {
        calculating.release();
        try {
            return inbound.poll(waitMillis, TimeUnit.MILLISECONDS);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new IOException("interrupted while shaking hands", e);
        } finally {
            calculating.acquireUninterruptibly();
        }
    }

    @Override
    public void send(byte[] buf, int offset, int length) {
        if (packedLength + length > maxSentBytes) {
            seal();
        }
        if (packed == null) {
            packed = new byte[Math.max(maxSentBytes, length)];
        }
        System.arraycopy(buf, offset, packed, packedLength, length);
        packedLength += length;
    }

    private void seal() {
        if (packed != null && packedLength > 0) {
            flight.add(Unpooled.wrappedBuffer(Arrays.copyOf(packed, packedLength)));
        }
        packed = null;
        packedLength = 0;
    }

    /** Hands over what was sent since the last time. */
    void flush() {
        seal();
        if (!flight.isEmpty()) {
            List<ByteBuf> complete = flight;
            flight = new ArrayList<>();
            outbound.accept(complete);
        }
    }

    @Override
    public int getReceiveLimit() {
        return MAX_RECEIVED_BYTES;
    }

    @Override
    public int getSendLimit() {
        return maxSentBytes;
    }

    @Override
    public void close() {
        closed = true;
    }
}
