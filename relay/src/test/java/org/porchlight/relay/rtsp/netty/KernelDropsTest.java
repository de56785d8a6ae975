package org.porchlight.relay.rtsp.netty;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.net.DatagramPacket;
import java.net.DatagramSocket;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayDeque;
import java.util.List;
import java.util.Queue;
import java.util.Random;
import java.util.concurrent.RejectedExecutionException;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class KernelDropsTest {
    private static final long SECOND = 1_000_000_000L;

    @Test
    void seesWhatTheKernelDropsAtAFullSocket() throws IOException {
        InetAddress loopback = InetAddress.getLoopbackAddress();
        try (DatagramSocket full = new DatagramSocket(new InetSocketAddress(loopback, 0));
                DatagramSocket sender = new DatagramSocket()) {
            full.setReceiveBufferSize(4096);
            byte[] payload = new byte[1000];
            for (int i = 0; i < 2_000; i++) {
                sender.send(new DatagramPacket(payload, payload.length, loopback, full.getLocalPort()));
            }
            KernelDrops drops = new KernelDrops(Runnable::run, 0);
            drops.look(0);
            assertThat(drops.at(new int[] {full.getLocalPort(), 0}, 0)).isBetween(1_000L, 2_000L);
            assertThat(drops.at(new int[] {sender.getLocalPort()}, 0)).isZero();
        }
    }

    @Test
    void readsTheFilesEveryTenSecondsAtMost(@TempDir Path folder) throws IOException {
        Path file = folder.resolve("udp");
        Files.writeString(file, "heading\n" + line("0100007F:1388", 5) + line("00000000:1388", 2));
        Queue<Runnable> work = new ArrayDeque<>();
        KernelDrops drops = new KernelDrops(List.of(file, folder.resolve("none")), work::add, 0);
        for (long now = 0; now < 30 * SECOND; now += SECOND) {
            drops.look(now);
        }
        assertThat(work).hasSize(3);
        assertThat(drops.at(new int[] {5000}, 0)).as("nothing was read yet").isZero();
        work.remove().run();
        assertThat(drops.at(new int[] {5000, 5001}, 0)).isEqualTo(7);
        assertThat(drops.at(new int[] {5000}, 1)).as("opened after the look").isZero();
    }

    @Test
    void nobodyIsHarmedByAWorkerThatRefuses() {
        KernelDrops drops = new KernelDrops(
                task -> {
                    throw new RejectedExecutionException("full");
                },
                0);
        drops.look(0);
        assertThat(drops.at(new int[] {1}, 0)).isZero();
    }

    @Test
    void linesOfAnyOtherFormTellNothing(@TempDir Path folder) throws IOException {
        Path file = folder.resolve("udp");
        Random random = new Random(9);
        String sound = line("0100007F:1388", 5);
        for (int round = 0; round < 200; round++) {
            StringBuilder damaged = new StringBuilder(sound);
            for (int i = random.nextInt(6); i >= 0; i--) {
                damaged.setCharAt(random.nextInt(damaged.length() - 1), " x:-9".charAt(random.nextInt(5)));
            }
            Files.writeString(file, "heading\n" + damaged);
            KernelDrops drops = new KernelDrops(List.of(file), Runnable::run, 0);
            drops.look(0);
            assertThat(drops.at(new int[] {5000}, 0)).isNotNegative();
        }
    }

    private static String line(String local, int drops) {
        return "  318: " + local
                + " 00000000:0000 07 00000000:00000000 00:00000000 00000000     0        0 24069 2 0000000000000000 "
                + drops + "\n";
    }
}
