package org.porchlight.control.web;

import io.netty.util.AsciiString;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.http.HttpHeaders;
import io.vertx.ext.web.RoutingContext;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.HexFormat;
import java.util.LinkedHashMap;
import java.util.Map;

/**
 * The few files of the node's pages, read from the jar once. Immutable; may be used by any thread.
 *
 * <p>Browsers ask again each time and are told that nothing changed by the entity tag (RFC 9110 section 8.8.3): after an upgrade no page is mixed of two
 * versions for longer than one request.
 */
final class WebFiles {
    /** Scripts, styles and calls from this node only, and nothing that frames the page. */
    private static final String POLICY =
            "default-src 'none'; script-src 'self'; style-src 'self'; connect-src 'self'; media-src 'self' blob:; img-src 'self' data:;"
                    + " base-uri 'none'; form-action 'self'; frame-ancestors 'none'";

    private static final CharSequence CONTENT_SECURITY_POLICY = AsciiString.cached("content-security-policy");
    private static final CharSequence NO_SNIFF = AsciiString.cached("x-content-type-options");
    private static final CharSequence REFERRER_POLICY = AsciiString.cached("referrer-policy");

    private static final Map<String, String> TYPES = Map.of(
            "html",
            "text/html; charset=utf-8",
            "css",
            "text/css; charset=utf-8",
            "js",
            "text/javascript; charset=utf-8");

    private final Map<String, File> files = new LinkedHashMap<>();

    private record File(Buffer content, String type, String entityTag) {}

    WebFiles() {
        for (String name : new String[] {"watch.html", "watch.css", "watch.js", "porchlight-tile.js"}) {
            files.put(name, read(name));
        }
    }

    private static File read(String name) {
        try (InputStream in = WebFiles.class.getResourceAsStream("/web/" + name)) {
            if (in == null) {
                throw new IllegalStateException("the jar lacks web/" + name);
            }
            byte[] content = in.readAllBytes();
            byte[] digest = MessageDigest.getInstance("SHA-256").digest(content);
            String tag = '"' + HexFormat.of().formatHex(digest, 0, 12) + '"';
            String type = TYPES.get(name.substring(name.lastIndexOf('.') + 1));
            return new File(Buffer.buffer(content), type == null ? "application/octet-stream" : type, tag);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException("every Java has SHA-256", e);
        }
    }

    /** Whether there is such a file. */
    boolean has(String name) {
        return files.containsKey(name);
    }

    /** Answers with a file that there is. */
    void send(RoutingContext context, String name) {
        File file = files.get(name);
        if (file == null) {
            throw new IllegalArgumentException(name);
        }
        context.response()
                .putHeader(HttpHeaders.CONTENT_TYPE, file.type)
                .putHeader(HttpHeaders.CACHE_CONTROL, "no-cache")
                .putHeader(HttpHeaders.ETAG, file.entityTag)
                .putHeader(CONTENT_SECURITY_POLICY, POLICY)
                .putHeader(NO_SNIFF, "nosniff")
                .putHeader(REFERRER_POLICY, "no-referrer")
                // Pages of other origins may embed the tile; there is nothing secret in a file of the jar.
                .putHeader(HttpHeaders.ACCESS_CONTROL_ALLOW_ORIGIN, "*");
        if (file.entityTag.equals(context.request().getHeader(HttpHeaders.IF_NONE_MATCH))) {
            context.response().setStatusCode(304).end();
        } else {
            context.response().end(file.content);
        }
    }
}
