package org.porchlight.relay;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufAllocator;
import io.netty.buffer.ByteBufUtil;
import io.netty.util.ResourceLeakDetector;
import java.lang.ref.ReferenceQueue;
import java.lang.ref.WeakReference;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.ConcurrentLinkedQueue;
import org.junit.jupiter.api.extension.AfterAllCallback;
import org.junit.jupiter.api.extension.BeforeAllCallback;
import org.junit.jupiter.api.extension.ExtensionContext;

/**
 * Fails the test class that lost a buffer. Registered for every test of every module through the service loader.
 *
 * <p>Netty notices a lost buffer when the collector has cleared the weak reference to it <em>and</em> somebody then allocates
 * another tracked buffer. So after each class this guard asks for a collection, waits until it has happened, allocates once and
 * looks at what was reported. Two collections in a row are needed: references cleared by one collection reach their queues as
 * one list in unknown order, but always before those of the next, so the arrival of the second canary proves that the first
 * list is done.
 *
 * <p>Limits: a buffer that something static or a running thread still holds when its class ends is not lost yet; it is
 * reported in the class during which it becomes unreachable. Netty reports equal access records only once per JVM, which
 * suffices to fail the build.
 */
public final class LeakGuard implements BeforeAllCallback, AfterAllCallback {

    private static final Duration COLLECTOR_PATIENCE = Duration.ofSeconds(10);
    private static final ConcurrentLinkedQueue<String> REPORTS = new ConcurrentLinkedQueue<>();

    @Override
    public void beforeAll(ExtensionContext context) {
        // Set again for each class: a test may have set its own level or listener.
        ResourceLeakDetector.setLevel(ResourceLeakDetector.Level.PARANOID);
        ByteBufUtil.setLeakListener((resourceType, records) -> REPORTS.add(resourceType + records));
    }

    @Override
    public void afterAll(ExtensionContext context) throws InterruptedException {
        ResourceLeakDetector.setLevel(ResourceLeakDetector.Level.PARANOID);
        ByteBufUtil.setLeakListener((resourceType, records) -> REPORTS.add(resourceType + records));
        List<String> leaks = drainReports();
        if (!leaks.isEmpty()) {
            throw new AssertionError(context.getDisplayName() + " lost " + leaks.size()
                    + " buffer(s); where they were last touched:\n" + String.join("\n", leaks));
        }
    }

    /** Collects garbage and returns, and forgets, what Netty has reported since the last call. */
    static List<String> drainReports() throws InterruptedException {
        awaitCollection();
        awaitCollection();
        ByteBuf trigger = ByteBufAllocator.DEFAULT.directBuffer(1);
        trigger.release();
        List<String> reports = new ArrayList<>();
        for (String report = REPORTS.poll(); report != null; report = REPORTS.poll()) {
            reports.add(report);
        }
        return reports;
    }

    private static void awaitCollection() throws InterruptedException {
        ReferenceQueue<Object> queue = new ReferenceQueue<>();
        WeakReference<Object> canary = new WeakReference<>(new Object(), queue);
        System.gc();
        if (queue.remove(COLLECTOR_PATIENCE.toMillis()) != canary) {
            throw new IllegalStateException("the collector did not run within " + COLLECTOR_PATIENCE
                    + "; do the tests run with -XX:+DisableExplicitGC?");
        }
    }
}
