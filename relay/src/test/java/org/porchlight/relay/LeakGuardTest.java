package org.porchlight.relay;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.platform.engine.discovery.DiscoverySelectors.selectClass;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufAllocator;
import io.netty.buffer.CompositeByteBuf;
import io.netty.buffer.Unpooled;
import java.io.PrintWriter;
import java.io.StringWriter;
import org.junit.jupiter.api.Nested;
import org.junit.jupiter.api.Test;
import org.junit.platform.launcher.LauncherDiscoveryRequest;
import org.junit.platform.launcher.core.LauncherDiscoveryRequestBuilder;
import org.junit.platform.launcher.core.LauncherFactory;
import org.junit.platform.launcher.listeners.SummaryGeneratingListener;
import org.junit.platform.launcher.listeners.TestExecutionSummary;

/** Runs small test classes that lose buffers on purpose inside a JUnit of their own, with the guard found as everywhere. */
class LeakGuardTest {

    @Test
    void failsTheClassThatLostAPooledBuffer() {
        assertThat(failureOf(LosesPooledBuffer.class)).contains("lost 1 buffer(s)", "LosesPooledBuffer");
    }

    @Test
    void failsTheClassThatLostASliceOfABuffer() {
        assertThat(failureOf(LosesRetainedSlice.class)).contains("lost ", "LosesRetainedSlice");
    }

    @Test
    void failsTheClassThatLostAHeapOrCompositeBuffer() {
        assertThat(failureOf(LosesCompositeBuffer.class)).contains("lost ", "LosesCompositeBuffer");
    }

    @Test
    void failsANestedClass() {
        assertThat(failureOf(WithNested.class)).contains("lost 1 buffer(s)", "LosesToo");
    }

    @Test
    void leavesACarefulClassAlone() {
        assertThat(failureOf(ReleasesAll.class)).isEmpty();
    }

    /** The failures that running one class gave, as text; empty: none. Also asserts that its tests themselves passed. */
    private static String failureOf(Class<?> testClass) {
        LauncherDiscoveryRequest request = LauncherDiscoveryRequestBuilder.request()
                .selectors(selectClass(testClass))
                .configurationParameter("junit.jupiter.extensions.autodetection.enabled", "true")
                .build();
        SummaryGeneratingListener listener = new SummaryGeneratingListener();
        LauncherFactory.create().execute(request, listener);
        TestExecutionSummary summary = listener.getSummary();
        assertThat(summary.getTestsSucceededCount())
                .as("tests that ran in %s", testClass)
                .isEqualTo(1);
        StringWriter text = new StringWriter();
        if (summary.getTotalFailureCount() > 0) {
            summary.printFailuresTo(new PrintWriter(text), 50);
        }
        return text.toString();
    }

    static class LosesPooledBuffer {
        @Test
        void loses() {
            ByteBufAllocator.DEFAULT.directBuffer(64).writeInt(1);
        }
    }

    static class LosesRetainedSlice {
        @Test
        void loses() {
            ByteBuf buffer = ByteBufAllocator.DEFAULT.directBuffer(64).writeInt(1);
            assertThat(buffer.retainedSlice(0, 2).refCnt()).isPositive();
            buffer.release();
        }
    }

    static class LosesCompositeBuffer {
        @Test
        void loses() {
            CompositeByteBuf composite = ByteBufAllocator.DEFAULT.compositeBuffer();
            composite.addComponent(true, Unpooled.wrappedBuffer(new byte[] {1, 2, 3}));
        }
    }

    static class WithNested {
        @Nested
        class LosesToo {
            @Test
            void loses() {
                ByteBufAllocator.DEFAULT.heapBuffer(64).writeInt(1);
            }
        }
    }

    static class ReleasesAll {
        @Test
        void releases() {
            assertThat(ByteBufAllocator.DEFAULT.directBuffer(64).release()).isTrue();
        }
    }
}
