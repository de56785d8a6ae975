package org.porchlight.bench.rtsp;

/** Name and password, kept apart from any URL so that they may hold any character. */
public record Login(String user, String password) {

    /** Reads {@code user:password}; the password may hold colons. */
    public static Login parse(String text) {
        int colon = text.indexOf(':');
        if (colon <= 0) {
            throw new IllegalArgumentException("credentials must be user:password");
        }
        return new Login(text.substring(0, colon), text.substring(colon + 1));
    }

    @Override
    public String toString() {
        return "Login[user=" + user + "]";
    }
}
