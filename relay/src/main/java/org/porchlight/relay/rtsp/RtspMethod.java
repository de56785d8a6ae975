package org.porchlight.relay.rtsp;

import org.jspecify.annotations.Nullable;

/** The methods of RFC 2326 section 10; their names are case-sensitive. */
public enum RtspMethod {
    OPTIONS,
    DESCRIBE,
    ANNOUNCE,
    SETUP,
    PLAY,
    PAUSE,
    TEARDOWN,
    GET_PARAMETER,
    SET_PARAMETER,
    REDIRECT,
    RECORD;

    private static final RtspMethod[] ALL = values();

    /** The method of that name, or null. */
    public static @Nullable RtspMethod of(String name) {
        for (RtspMethod method : ALL) {
            if (method.name().equals(name)) {
                return method;
            }
        }
        return null;
    }
}
