package org.porchlight.relay.rtsp.client;

import java.util.Set;

/**
 * Makes request URLs out of {@code a=control}, {@code Content-Base} and {@code Content-Location} (RFC 2326 appendix C.1.1), the way that
 * cameras expect and not always the way RFC 3986 would merge them: most append the control to the whole text of the base, query and all.
 * Whatever host a camera names, requests go to the host that we are connected to: cameras behind address translation name themselves wrongly.
 */
final class ControlUrls {
    private final RtspUrl request;
    private final String base;
    private final Set<CameraQuirk> quirks;

    /**
     * @param request URL of the DESCRIBE request that was answered
     * @param contentBase value of {@code Content-Base}, else of {@code Content-Location}; empty: none
     * @param quirks takes what was forgiven
     */
    ControlUrls(RtspUrl request, String contentBase, Set<CameraQuirk> quirks) {
        this.request = request;
        this.quirks = quirks;
        this.base = contentBase.isBlank() ? request.toString() : onOurHost(contentBase.strip(), request.toString());
    }

    /** The base against which controls are resolved; it is the aggregate URL when the session names none. */
    String base() {
        return base;
    }

    /**
     * The URL for the aggregate (PLAY, TEARDOWN, keepalive).
     *
     * @param sessionControl session-level {@code a=control}; empty: none
     */
    String aggregate(String sessionControl) {
        return sessionControl.isEmpty() ? base : resolve(sessionControl);
    }

    /**
     * The URL for SETUP of one media.
     *
     * @param control its {@code a=control}; empty: none
     * @param index place of the media in the description
     * @param mediaCount media in the description
     */
    String media(String control, int index, int mediaCount) {
        if (!control.isEmpty()) {
            return resolve(control);
        }
        if (mediaCount == 1) {
            return base;
        }
        quirks.add(CameraQuirk.CONTROL_MISSING);
        return resolve("trackID=" + (index + 1));
    }

    private String resolve(String rawControl) {
        String control = RtspUrl.escape(rawControl);
        if (control.equals("*")) {
            return base;
        }
        if (isAbsolute(control)) {
            return onOurHost(control, base);
        }
        if (control.startsWith("?")) {
            return base + control;
        }
        if (control.startsWith("/")) {
            // a path from the root when it repeats the path of the base, else the way some write "relative"
            String basePath = base.substring(request.origin().length());
            String trimmed = withoutTrailingSlash(basePath);
            return !trimmed.isEmpty() && control.startsWith(trimmed)
                    ? request.origin() + control
                    : withoutTrailingSlash(base) + control;
        }
        return base.endsWith("/") ? base + control : base + "/" + control;
    }

    private String onOurHost(String rawUrl, String fallback) {
        String url = RtspUrl.escape(rawUrl);
        if (url.startsWith("/")) {
            return request.origin() + url;
        }
        if (!isAbsolute(url)) {
            quirks.add(CameraQuirk.CONTROL_URL_UNREADABLE);
            return fallback;
        }
        RtspUrl parsed = RtspUrl.parse(url).map(RtspUrl.Parsed::url).orElse(null);
        if (parsed == null) {
            quirks.add(CameraQuirk.CONTROL_URL_UNREADABLE);
            return fallback;
        }
        if (!parsed.host().equalsIgnoreCase(request.host()) || parsed.port() != request.port()) {
            quirks.add(CameraQuirk.CONTROL_URL_OTHER_HOST);
        }
        return request.origin() + parsed.path();
    }

    private static boolean isAbsolute(String url) {
        return url.regionMatches(true, 0, "rtsp://", 0, 7)
                || url.regionMatches(true, 0, "rtsps://", 0, 8)
                || url.regionMatches(true, 0, "rtspu://", 0, 8);
    }

    private static String withoutTrailingSlash(String text) {
        return text.endsWith("/") ? text.substring(0, text.length() - 1) : text;
    }
}
