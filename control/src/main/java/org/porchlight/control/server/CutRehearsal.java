package org.porchlight.control.server;

import java.io.IOException;
import java.io.InputStream;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.util.UUID;
import org.porchlight.relay.server.ListenAddress;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * One cut of a session that does not exist, asked for at the node's own management port right after the start. A cut is promised within milliseconds and the
 * first may be the one that matters; without this it would wait for a hundred classes to be loaded. Runs once, on a thread of its own.
 */
final class CutRehearsal implements Runnable {
    private static final int PATIENCE_MILLIS = 2_000;
    private static final int MAX_ANSWER_BYTES = 16 << 10;
    private static final Logger LOG = LoggerFactory.getLogger(CutRehearsal.class);

    private final InetSocketAddress management;

    CutRehearsal(ListenAddress management, int port) {
        this.management = management.host().equals(ListenAddress.ANY)
                ? new InetSocketAddress(InetAddress.getLoopbackAddress(), port)
                : new InetSocketAddress(management.host(), port);
    }

    @Override
    public void run() {
        // Whatever comes of it, the node is none the worse: it may be stopping already, or listen where nobody from
        // this machine may cut.
        try {
            LOG.debug("the rehearsal of a cut was answered with {}", post());
        } catch (IOException e) {
            LOG.debug("no cut could be rehearsed", e);
        }
    }

    /** The status of the answer; -1: none. */
    private int post() throws IOException {
        String body = "{\"scope\":\"session\",\"subject\":\"" + UUID.randomUUID() + "\",\"reason\":\"REHEARSAL\"}";
        String request =
                "POST /cuts HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\nConnection: close\r\nContent-Length: "
                        + body.length() + "\r\n\r\n" + body;
        try (Socket socket = new Socket()) {
            socket.setSoTimeout(PATIENCE_MILLIS);
            socket.connect(management, PATIENCE_MILLIS);
            socket.getOutputStream().write(request.getBytes(StandardCharsets.US_ASCII));
            InputStream in = socket.getInputStream();
            String answer = new String(in.readNBytes(MAX_ANSWER_BYTES), StandardCharsets.US_ASCII);
            return answer.matches("(?s)HTTP/1\\.1 [0-9]{3} .*") ? Integer.parseInt(answer.substring(9, 12)) : -1;
        }
    }
}
