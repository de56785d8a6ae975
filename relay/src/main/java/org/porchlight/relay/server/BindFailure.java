package org.porchlight.relay.server;

import java.io.IOException;

/** An address could not be listened on. The message names the address and the cause in one line. */
public final class BindFailure extends IOException {
    private static final long serialVersionUID = 1L;

    private final String key;

    /**
     * @param key the configuration key that names the address, for example {@code listeners.rtsp}
     * @param cause why the system refused
     */
    public BindFailure(String key, ListenAddress address, Throwable cause) {
        super(address + ": " + reasonOf(cause), cause);
        this.key = key;
    }

    /** The configuration key that names the address. */
    public String key() {
        return key;
    }

    private static String reasonOf(Throwable cause) {
        String message = String.valueOf(cause.getMessage());
        if (message.contains("Address already in use")) {
            return "the port is in use by another process";
        }
        if (message.contains("Permission denied")) {
            return "not permitted; ports below 1024 need the right to bind them";
        }
        if (message.contains("annot assign requested address")) {
            return "this machine has no such address";
        }
        return message;
    }
}
