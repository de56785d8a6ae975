package org.porchlight.relay.webrtc.srtp;

import java.util.Arrays;

/** Master key and master salt of one direction. Never printed. Owner: the session that keys its sender or receiver. */
public final class MasterKey {
    private final SrtpProfile profile;
    private final byte[] key;
    private final byte[] salt;

    /**
     * Copies both.
     *
     * @throws IllegalArgumentException when a length is not the profile's
     */
    public MasterKey(SrtpProfile profile, byte[] key, byte[] salt) {
        if (key.length != profile.keyLength() || salt.length != profile.saltLength()) {
            throw new IllegalArgumentException(profile + " takes a key of " + profile.keyLength() + " and a salt of "
                    + profile.saltLength() + " bytes, not " + key.length + " and " + salt.length);
        }
        this.profile = profile;
        this.key = key.clone();
        this.salt = salt.clone();
    }

    public SrtpProfile profile() {
        return profile;
    }

    /** Overwrites the key; senders and receivers made before go on. */
    public void destroy() {
        Arrays.fill(key, (byte) 0);
        Arrays.fill(salt, (byte) 0);
    }

    byte[] keyView() {
        return key;
    }

    byte[] saltView() {
        return salt;
    }

    /** The profile alone. */
    @Override
    public String toString() {
        return "master key of " + profile;
    }
}
