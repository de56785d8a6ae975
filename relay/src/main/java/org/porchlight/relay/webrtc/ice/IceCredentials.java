package org.porchlight.relay.webrtc.ice;

import java.util.random.RandomGenerator;

/**
 * User name fragment and password of one side (RFC 8839 section 5.4).
 *
 * @param ufrag 4 to 256 characters out of letters, digits, {@code +} and {@code /}
 * @param password 22 to 256 of the same
 */
public record IceCredentials(String ufrag, String password) {
    private static final int MIN_UFRAG = 4;
    private static final int MIN_PASSWORD = 22;
    private static final int MAX = 256;
    private static final int OUR_UFRAG = 10;
    private static final int OUR_PASSWORD = 24;
    private static final String ICE_CHARS = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";

    /** @throws IllegalArgumentException when one of them is not {@link #isValid} */
    public IceCredentials {
        if (!isValid(ufrag, password)) {
            throw new IllegalArgumentException("no user name fragment and password of ICE");
        }
    }

    /** Whether both have the length and the characters that the grammar allows. */
    public static boolean isValid(String ufrag, String password) {
        return isToken(ufrag, MIN_UFRAG) && isToken(password, MIN_PASSWORD);
    }

    /**
     * New credentials: 60 random bits of fragment, 144 of password.
     *
     * @param random of cryptographic strength
     */
    public static IceCredentials generate(RandomGenerator random) {
        return new IceCredentials(token(random, OUR_UFRAG), token(random, OUR_PASSWORD));
    }

    private static String token(RandomGenerator random, int length) {
        StringBuilder text = new StringBuilder(length);
        for (int i = 0; i < length; i++) {
            text.append(ICE_CHARS.charAt(random.nextInt(64)));
        }
        return text.toString();
    }

    private static boolean isToken(String text, int min) {
        return text.length() >= min && text.length() <= MAX && text.chars().allMatch(c -> ICE_CHARS.indexOf(c) >= 0);
    }

    /** Without the password: it must not reach a log. */
    @Override
    public String toString() {
        return "IceCredentials[" + ufrag + "]";
    }
}
