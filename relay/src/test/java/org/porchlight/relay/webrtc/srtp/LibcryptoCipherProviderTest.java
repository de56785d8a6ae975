package org.porchlight.relay.webrtc.srtp;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assumptions.assumeThat;

import com.sun.management.ThreadMXBean;
import io.netty.buffer.ByteBuf;
import java.lang.management.ManagementFactory;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

class LibcryptoCipherProviderTest {
    private static final int PACKETS = 10_000;
    /** Bytes for each packet, in both directions: less than any buffer. */
    private static final long SMALL_OBJECTS = 128;

    @Test
    void isAbsentWithoutTheForeignFunctionApi() {
        assumeThat(Runtime.version().feature()).isLessThan(22);
        assertThat(CipherProvider.libcrypto()).isEmpty();
    }

    @ParameterizedTest
    @EnumSource
    void agreesWithTheJdk(SrtpProfile profile) {
        assertThat(CipherSelfTest.difference(profile, libcrypto())).isEmpty();
    }

    @ParameterizedTest
    @EnumSource
    void freesItsContexts(SrtpProfile profile) {
        LibcryptoCipherProvider provider = libcrypto();
        long before = provider.openCiphers();
        SrtpSender sender = new SrtpSender(Fixtures.key(profile), provider);
        SrtpReceiver receiver = new SrtpReceiver(Fixtures.key(profile), provider);
        assertThat(provider.openCiphers()).isEqualTo(before + 4);
        sender.close();
        receiver.close();
        receiver.close();
        assertThat(provider.openCiphers()).isEqualTo(before);
    }

    @ParameterizedTest
    @EnumSource
    void allocatesNoBufferPerPacketOnceCompiled(SrtpProfile profile) {
        LibcryptoCipherProvider provider = libcrypto();
        // The first compiler keeps the linker's small carrier objects; the second removes them.
        assumeThat(ManagementFactory.getRuntimeMXBean().getInputArguments()).doesNotContain("-XX:TieredStopAtLevel=1");
        ThreadMXBean threads = (ThreadMXBean) ManagementFactory.getThreadMXBean();
        ByteBuf payload = Fixtures.direct(1_100);
        ByteBuf out = Fixtures.direct(1_200).setByte(0, 0x80);
        try (SrtpSender sender = new SrtpSender(Fixtures.key(profile), provider);
                SrtpReceiver receiver = new SrtpReceiver(Fixtures.key(profile), provider)) {
            long allocated = Long.MAX_VALUE;
            // Compilation goes on beside; how long it takes depends on the machine's other work.
            for (int round = 0; round < 100 && allocated >= PACKETS; round++) {
                long before = threads.getCurrentThreadAllocatedBytes();
                roundTrips(sender, receiver, out, payload, round * PACKETS);
                allocated = threads.getCurrentThreadAllocatedBytes() - before;
            }
            // Nothing in the benchmark; here the compiler now and then keeps one of the linker's small objects.
            assertThat(allocated).as("bytes for %s packets", PACKETS).isLessThan(SMALL_OBJECTS * PACKETS);
        }
    }

    private static void roundTrips(SrtpSender sender, SrtpReceiver receiver, ByteBuf out, ByteBuf payload, int first) {
        for (int i = 0; i < PACKETS; i++) {
            out.setShort(2, first + i);
            int length = sender.protectRtp(out, 0, 12, 0, payload, 0, 1_100);
            if (receiver.unprotectRtp(out, 0, length) != 1_112) {
                throw new AssertionError("packet " + i);
            }
        }
    }

    private static LibcryptoCipherProvider libcrypto() {
        assumeThat(CipherProvider.libcrypto()).isPresent();
        return (LibcryptoCipherProvider) CipherProvider.libcrypto().orElseThrow();
    }
}
