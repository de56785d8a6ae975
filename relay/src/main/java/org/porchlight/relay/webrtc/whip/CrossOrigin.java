package org.porchlight.relay.webrtc.whip;

import java.util.List;
import java.util.concurrent.CompletableFuture;

/**
 * What pages of other origins may do (Fetch standard, "CORS protocol"): everything, as the right to a camera is shown by a header that no
 * browser adds by itself. Cookies are not used, so no page can borrow a right from the browser it runs in.
 */
final class CrossOrigin {
    private static final EdgeResponse.Header ANY_ORIGIN = new EdgeResponse.Header("Access-Control-Allow-Origin", "*");
    /** Every header that a page must read and that is not on the safe list. */
    private static final EdgeResponse.Header EXPOSED = new EdgeResponse.Header(
            "Access-Control-Expose-Headers",
            "Location, ETag, Link, Accept-Post, Accept-Patch, Allow, Retry-After, WWW-Authenticate");

    private CrossOrigin() {}

    /** Answers with what pages of other origins may read; false: nobody waits for an answer any more. */
    static boolean answer(CompletableFuture<EdgeResponse> result, EdgeResponse response) {
        return result.complete(open(response));
    }

    static EdgeResponse open(EdgeResponse response) {
        return response.with(List.of(ANY_ORIGIN, EXPOSED));
    }

    /** For the answer to OPTIONS, which browsers ask before anything with a header of its own. */
    static EdgeResponse preflight(EdgeResponse response, String methods) {
        return response.with("Access-Control-Allow-Methods", methods)
                .with("Access-Control-Allow-Headers", "Authorization, Content-Type, If-Match")
                .with("Access-Control-Max-Age", "86400");
    }
}
