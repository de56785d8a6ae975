package org.porchlight.relay.webrtc.srtp;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.function.LongSupplier;
import java.util.stream.Collectors;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Which {@link CipherProvider} a node uses: the fastest of those that are there and do their sums right.
 *
 * @param provider the winner
 * @param figures what was measured, the winner first
 */
public record CipherChoice(CipherProvider provider, List<Figure> figures) {
    private static final Logger LOG = LoggerFactory.getLogger(CipherChoice.class);
    private static final int PAYLOAD_BYTES = 1_188;
    private static final int HEADER_BYTES = 12;
    private static final int PACKETS_PER_ROUND = 256;
    /** A round of each provider at least, however slow. */
    private static final long BUDGET_NANOS = 100_000_000;

    /**
     * The best round of one provider.
     *
     * @param nanosPerPacket to protect 1,200 bytes with AES-128-GCM
     */
    public record Figure(CipherProvider provider, double nanosPerPacket) {
        @Override
        public String toString() {
            return provider.name() + " " + Math.round(nanosPerPacket) + " ns";
        }
    }

    public CipherChoice {
        figures = List.copyOf(figures);
    }

    /**
     * Measures for about 100 ms on the calling thread, so not on an event loop, and logs the result in one line. With a single provider
     * there is nothing to measure.
     *
     * @param nanoClock {@code System::nanoTime}
     */
    public static CipherChoice measure(LongSupplier nanoClock) {
        List<CipherProvider> candidates = new ArrayList<>(List.of(CipherProvider.jdk()));
        CipherProvider.libcrypto().filter(CipherChoice::passesSelfTest).ifPresent(candidates::add);
        CipherChoice choice = candidates.size() == 1
                ? new CipherChoice(CipherProvider.jdk(), List.of())
                : fastest(candidates, nanoClock);
        LOG.info(
                "SRTP by {}{}",
                choice.provider.name(),
                choice.figures.isEmpty()
                        ? ""
                        : choice.figures.stream()
                                .map(Figure::toString)
                                .collect(Collectors.joining(", ", " (a packet of 1,200 bytes: ", ")")));
        return choice;
    }

    static CipherChoice fastest(List<CipherProvider> candidates, LongSupplier nanoClock) {
        long[] best = new long[candidates.size()];
        java.util.Arrays.fill(best, Long.MAX_VALUE);
        List<SrtpSender> senders =
                candidates.stream().map(CipherChoice::benchmarkSender).toList();
        ByteBuf payload = direct(PAYLOAD_BYTES);
        ByteBuf out = direct(HEADER_BYTES + PAYLOAD_BYTES + SrtpProfile.MAX_RTP_OVERHEAD);
        out.setByte(0, 0x80);
        int sequenceNumber = 0;
        long deadline = nanoClock.getAsLong() + BUDGET_NANOS;
        // In turns, so that a busy moment of the machine hits all alike; the best round counts, as the JIT warms up
        // meanwhile.
        do {
            for (int i = 0; i < best.length; i++) {
                long begin = nanoClock.getAsLong();
                protect(senders.get(i), out, payload, sequenceNumber);
                best[i] = Math.min(best[i], nanoClock.getAsLong() - begin);
            }
            sequenceNumber += PACKETS_PER_ROUND;
        } while (deadline - nanoClock.getAsLong() > 0);
        senders.forEach(SrtpSender::close);
        List<Figure> figures = new ArrayList<>();
        for (int i = 0; i < best.length; i++) {
            figures.add(new Figure(candidates.get(i), (double) best[i] / PACKETS_PER_ROUND));
        }
        figures.sort(java.util.Comparator.comparingDouble(Figure::nanosPerPacket));
        return new CipherChoice(figures.get(0).provider(), figures);
    }

    private static void protect(SrtpSender sender, ByteBuf out, ByteBuf payload, int firstSequenceNumber) {
        for (int i = 0; i < PACKETS_PER_ROUND; i++) {
            out.setShort(2, firstSequenceNumber + i);
            sender.protectRtp(out, 0, HEADER_BYTES, 0, payload, 0, PAYLOAD_BYTES);
        }
    }

    private static SrtpSender benchmarkSender(CipherProvider provider) {
        SrtpProfile profile = SrtpProfile.AEAD_AES_128_GCM;
        MasterKey key = new MasterKey(profile, new byte[profile.keyLength()], new byte[profile.saltLength()]);
        return new SrtpSender(key, provider);
    }

    /** Whether every profile gives the JDK's bytes, both ways; a library that does not is told of and left alone. */
    static boolean passesSelfTest(CipherProvider provider) {
        for (SrtpProfile profile : SrtpProfile.values()) {
            Optional<String> difference = CipherSelfTest.difference(profile, provider);
            if (difference.isPresent()) {
                LOG.warn("{} is not used: {} with {}", provider.name(), difference.get(), profile);
                return false;
            }
        }
        return true;
    }

    private static ByteBuf direct(int bytes) {
        return Unpooled.wrappedBuffer(ByteBuffer.allocateDirect(bytes));
    }
}
