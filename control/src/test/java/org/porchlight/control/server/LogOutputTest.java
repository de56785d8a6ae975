package org.porchlight.control.server;

import static org.assertj.core.api.Assertions.assertThat;

import ch.qos.logback.classic.Level;
import ch.qos.logback.classic.LoggerContext;
import ch.qos.logback.classic.spi.ILoggingEvent;
import ch.qos.logback.classic.spi.LoggingEvent;
import ch.qos.logback.core.encoder.Encoder;
import io.vertx.core.json.JsonObject;
import java.nio.charset.StandardCharsets;
import org.junit.jupiter.api.Test;
import org.slf4j.LoggerFactory;

final class LogOutputTest {
    private final LoggerContext context = (LoggerContext) LoggerFactory.getILoggerFactory();

    @Test
    void aJsonLineHoldsTheWholeMessage() {
        String line = encode(LogOutput.Format.JSON);
        assertThat(line).endsWith("}\n").containsOnlyOnce("\n");
        JsonObject document = new JsonObject(line);
        assertThat(document.getString("formattedMessage")).isEqualTo("viewer \"al\"\nleft after 7 s");
        assertThat(document.getString("level")).isEqualTo("INFO");
    }

    @Test
    void aHumanLineIsOneLineWhateverTheMessageHolds() {
        assertThat(encode(LogOutput.Format.HUMAN))
                .endsWith("INFO  Test: viewer \"al\" left after 7 s\n")
                .containsOnlyOnce("\n");
    }

    private String encode(LogOutput.Format format) {
        Encoder<ILoggingEvent> encoder = LogOutput.encoder(format);
        encoder.setContext(context);
        encoder.start();
        LoggingEvent event = new LoggingEvent(
                "test",
                context.getLogger("org.porchlight.Test"),
                Level.INFO,
                "viewer {}\nleft after {} s",
                null,
                new Object[] {"\"al\"", 7});
        return new String(encoder.encode(event), StandardCharsets.UTF_8);
    }
}
