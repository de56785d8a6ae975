package org.porchlight.relay.rtsp.netty;

import static org.assertj.core.api.Assertions.assertThat;

import ch.qos.logback.classic.Level;
import ch.qos.logback.classic.Logger;
import ch.qos.logback.classic.spi.ILoggingEvent;
import ch.qos.logback.core.AppenderBase;
import java.util.ArrayList;
import java.util.List;
import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.slf4j.LoggerFactory;

/** What the log says of sessions: one line for each that opens, one when it ends, and nothing about who it is. */
class SessionLogTest {
    private final Logger logger = (Logger) LoggerFactory.getLogger(ServedClient.class);
    private final Queue<String> lines = new ConcurrentLinkedQueue<>();
    private final AppenderBase<ILoggingEvent> appender = new AppenderBase<>() {
        @Override
        protected void append(ILoggingEvent event) {
            lines.add(event.getFormattedMessage());
        }
    };

    @BeforeEach
    void listen() {
        appender.setContext(logger.getLoggerContext());
        appender.start();
        logger.setLevel(Level.INFO);
        logger.setAdditive(false);
        logger.addAppender(appender);
    }

    @AfterEach
    void stopListening() {
        logger.detachAppender(appender);
        logger.setAdditive(true);
        logger.setLevel(null);
    }

    @Test
    void hasOneLinePerSessionOpenedAndOneWithItsTotalsWhenItEnds() throws Exception {
        try (ServerFixture fixture = ServerFixture.open();
                RtspSocket publisher = fixture.connect();
                RtspSocket viewer = fixture.connect()) {
            publisher.publish("/yard");
            publisher.send(RtspSocket.interleaved(0, RtspSocket.keyframe(1, 1000)));
            viewer.ask("SETUP", "/yard/trackID=0", "Transport: RTP/AVP;unicast;client_port=5000");
            viewer.ask("PLAY", "/yard");
            assertThat(viewer.ask("TEARDOWN", "/yard").status()).isEqualTo(200);
            fixture.nextReport();
            publisher.ask("TEARDOWN", "/yard");
            fixture.nextReport();
            List<String> all = new ArrayList<>(lines);
            assertThat(all).hasSize(4);
            assertThat(all.get(0)).isEqualTo("session session-1 opened: publishes yard/MAIN by tcp");
            assertThat(all.get(1)).isEqualTo("session session-2 opened: watches yard/MAIN by tcp");
            assertThat(all.get(2)).matches("session session-2 ended: watched yard/MAIN by udp, teardown, \\d+ s, .*");
            assertThat(all.get(3))
                    .matches("session session-1 ended: published yard/MAIN by tcp, teardown, \\d+ s, 1 packets, "
                            + "1012 bytes");
            assertThat(all).noneMatch(line -> line.contains("127.0.0.1"));
        }
    }

    @Test
    void saysNothingOfClientsThatOnlyAskForADescription() throws Exception {
        try (ServerFixture fixture = ServerFixture.open();
                RtspSocket publisher = fixture.connect();
                RtspSocket prober = fixture.connect()) {
            publisher.publish("/yard");
            assertThat(prober.ask("DESCRIBE", "/yard").status()).isEqualTo(200);
            assertThat(fixture.sessions.entries()).hasSize(1);
            prober.socket().close();
            assertThat(fixture.nextReport().reason()).isEqualTo("unused");
            assertThat(lines).containsExactly("session session-1 opened: publishes yard/MAIN by tcp");
        }
    }
}
