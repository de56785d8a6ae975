package org.porchlight.control.access;

import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.util.Arrays;
import java.util.Base64;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.bouncycastle.crypto.generators.Argon2BytesGenerator;
import org.bouncycastle.crypto.params.Argon2Parameters;
import org.porchlight.relay.server.InvalidSetting;

/**
 * An argon2id hash of a password (RFC 9106) in the PHC string format: {@code $argon2id$v=19$m=19456,t=2,p=1$salt$hash}. Immutable. Checking
 * takes tens of milliseconds and {@code m} KiB of memory by intent: never on an event loop.
 */
public final class PasswordHash {
    /** Memory in KiB, passes and lanes of hashes made here. */
    static final int MEMORY_KIB = 19_456;

    static final int PASSES = 2;
    static final int LANES = 1;

    private static final int SALT_BYTES = 16;
    private static final int HASH_BYTES = 32;
    private static final Pattern PHC = Pattern.compile(
            "\\$argon2id\\$v=19\\$m=([0-9]{1,7}),t=([0-9]{1,3}),p=([0-9]{1,2})\\$([A-Za-z0-9+/]{11,86})\\$([A-Za-z0-9+/]{22,86})");

    private final int memoryKib;
    private final int passes;
    private final int lanes;
    private final byte[] salt;
    private final byte[] hash;

    private PasswordHash(int memoryKib, int passes, int lanes, byte[] salt, byte[] hash) {
        this.memoryKib = memoryKib;
        this.passes = passes;
        this.lanes = lanes;
        this.salt = salt;
        this.hash = hash;
    }

    /**
     * Hashes a password.
     *
     * @param salt 16 fresh random bytes
     */
    public static PasswordHash create(String password, byte[] salt) {
        if (salt.length != SALT_BYTES) {
            throw new IllegalArgumentException("a salt has " + SALT_BYTES + " bytes");
        }
        byte[] ownSalt = salt.clone();
        return new PasswordHash(
                MEMORY_KIB, PASSES, LANES, ownSalt, derive(password, MEMORY_KIB, PASSES, LANES, ownSalt, HASH_BYTES));
    }

    /** Reads the PHC format; throws {@link InvalidSetting} for component {@code passwordHash}. Costs beyond reason are refused. */
    public static PasswordHash parse(String text) {
        Matcher phc = PHC.matcher(text);
        if (!phc.matches()) {
            throw new InvalidSetting("passwordHash", "not an argon2id hash; make one with: porchlight hash-password");
        }
        int memoryKib = Integer.parseInt(phc.group(1));
        int passes = Integer.parseInt(phc.group(2));
        int lanes = Integer.parseInt(phc.group(3));
        if (passes < 1 || passes > 16 || lanes < 1 || lanes > 16 || memoryKib < 8 * lanes || memoryKib > 262_144) {
            throw new InvalidSetting(
                    "passwordHash", "its costs are out of range: m 8 per lane to 262144, t 1 to 16, p 1 to 16");
        }
        try {
            Base64.Decoder decoder = Base64.getDecoder();
            return new PasswordHash(
                    memoryKib, passes, lanes, decoder.decode(phc.group(4)), decoder.decode(phc.group(5)));
        } catch (IllegalArgumentException e) {
            throw new InvalidSetting(
                    "passwordHash", "its base64 is damaged; make a new one with: porchlight hash-password");
        }
    }

    /** Whether this is the password; takes the same time whether or not. */
    public boolean matches(String password) {
        return MessageDigest.isEqual(hash, derive(password, memoryKib, passes, lanes, salt, hash.length));
    }

    /** A measure of what a check costs: memory times passes. */
    long cost() {
        return (long) memoryKib * passes;
    }

    /** A hash of the same cost that no password is known to match. */
    PasswordHash dummy() {
        return new PasswordHash(memoryKib, passes, lanes, new byte[SALT_BYTES], new byte[HASH_BYTES]);
    }

    /** The PHC format. */
    public String toPhc() {
        Base64.Encoder encoder = Base64.getEncoder().withoutPadding();
        return "$argon2id$v=19$m=" + memoryKib + ",t=" + passes + ",p=" + lanes + "$" + encoder.encodeToString(salt)
                + "$" + encoder.encodeToString(hash);
    }

    /** The dummy for when nobody has a hash. */
    static PasswordHash usualDummy() {
        return new PasswordHash(MEMORY_KIB, PASSES, LANES, new byte[SALT_BYTES], new byte[HASH_BYTES]);
    }

    private static byte[] derive(String password, int memoryKib, int passes, int lanes, byte[] salt, int length) {
        Argon2BytesGenerator generator = new Argon2BytesGenerator();
        generator.init(new Argon2Parameters.Builder(Argon2Parameters.ARGON2_id)
                .withVersion(Argon2Parameters.ARGON2_VERSION_13)
                .withMemoryAsKB(memoryKib)
                .withIterations(passes)
                .withParallelism(lanes)
                .withSalt(salt)
                .build());
        byte[] derived = new byte[length];
        generator.generateBytes(password.getBytes(StandardCharsets.UTF_8), derived);
        return derived;
    }

    @Override
    public boolean equals(Object other) {
        return other instanceof PasswordHash that
                && cost() == that.cost()
                && lanes == that.lanes
                && Arrays.equals(salt, that.salt)
                && MessageDigest.isEqual(hash, that.hash);
    }

    @Override
    public int hashCode() {
        return Arrays.hashCode(salt);
    }

    @Override
    public String toString() {
        return "(hidden)";
    }
}
