package org.porchlight.relay.server;

import io.vertx.core.Handler;
import io.vertx.core.http.HttpServerRequest;

/** The media plane's part of an HTTP port: WHIP and WHEP. Requests come on the event loops of the server that mounts it; it never blocks them. */
public interface HttpEdge extends Handler<HttpServerRequest> {
    /** Whether a request with this path belongs here; its body must not have been read. */
    boolean serves(String path);
}
