package org.porchlight.relay.rtsp.netty;

import static org.assertj.core.api.Assertions.assertThat;

import io.netty.util.concurrent.EventExecutor;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicReference;
import org.junit.jupiter.api.Test;
import org.porchlight.relay.admission.Cut;
import org.porchlight.relay.admission.Rendition;
import org.porchlight.relay.codec.Codec;
import org.porchlight.relay.codec.MediaKind;
import org.porchlight.relay.codec.TrackFormat;
import org.porchlight.relay.stream.Ingest;
import org.porchlight.relay.stream.IngestOptions;
import org.porchlight.relay.stream.SourceControl;
import org.porchlight.relay.stream.Stream;
import org.porchlight.relay.stream.StreamDescription;

/** DESCRIBE of a camera that is opened on demand. */
class DescriptionsTest {

    @Test
    void tellsWhatADescriptionWaitedForItsSourceAndNothingWhereNoneHadTo() throws Exception {
        try (ServerFixture fixture = ServerFixture.open();
                RtspSocket early = fixture.connect();
                RtspSocket late = fixture.connect()) {
            Camera camera = new Camera(fixture);
            early.send(early.request("DESCRIBE", "/pulled", ""));
            camera.awaitOpen();
            assertThat(fixture.describeWaits).isEmpty();
            camera.attach();
            assertThat(early.reply().status()).isEqualTo(200);
            assertThat(fixture.describeWaits).hasSize(1).allMatch(nanos -> nanos > 0);
            assertThat(late.ask("DESCRIBE", "/pulled").status()).isEqualTo(200);
            assertThat(fixture.describeWaits).hasSize(1);
        }
    }

    @Test
    void asksAdmissionAnewWhenACutCameWhileTheSourceWasOpened() throws Exception {
        try (ServerFixture fixture = ServerFixture.open();
                RtspSocket client = fixture.connect()) {
            Camera camera = new Camera(fixture);
            client.send(client.request("DESCRIBE", "/pulled", ""));
            camera.awaitOpen();
            fixture.sessions.cut(new Cut("cut-1", Cut.Scope.PERSON, "ann", 1, "CONSENT_WITHDRAWN"));
            camera.attach();
            assertThat(client.reply().status()).isEqualTo(200);
            assertThat(fixture.asked).containsExactly("view pulled", "view pulled");
            assertThat(fixture.nextReport().reason()).isEqualTo("unused");
            assertThat(fixture.sessions.entries()).isEmpty();
        }
    }

    /** A source that attaches when the test says so. */
    private static final class Camera implements SourceControl {
        private final CountDownLatch opened = new CountDownLatch(1);
        private final AtomicReference<Ingest> ingest = new AtomicReference<>();
        private final Stream stream;

        Camera(ServerFixture fixture) {
            stream = fixture.hub.open("pulled", Rendition.MAIN);
            stream.useSource(this, false);
        }

        void awaitOpen() throws InterruptedException {
            assertThat(opened.await(10, TimeUnit.SECONDS)).as("source opened").isTrue();
        }

        void attach() throws Exception {
            EventExecutor loop = stream.owner();
            TrackFormat format = new TrackFormat(MediaKind.VIDEO, Codec.H264, 96, "H264", 90_000, 1, "");
            IngestOptions options = new IngestOptions(true, false, this::detach);
            loop.submit(() -> stream.attach(loop, new StreamDescription(List.of(format)), options))
                    .get(10, TimeUnit.SECONDS)
                    .thenAccept(ingest::set)
                    .toCompletableFuture()
                    .get(10, TimeUnit.SECONDS);
        }

        private void detach() {
            Ingest attached = ingest.getAndSet(null);
            if (attached != null) {
                attached.close();
            }
        }

        @Override
        public void open() {
            opened.countDown();
        }

        @Override
        public void close() {
            detach();
        }
    }
}
