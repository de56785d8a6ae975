package org.porchlight.control.access;

import java.util.List;
import java.util.Optional;
import org.porchlight.relay.server.CameraPattern;
import org.porchlight.relay.server.InvalidSetting;
import org.porchlight.relay.server.Secret;

/**
 * Someone who may watch or publish.
 *
 * @param name as he logs in; 1 to 64 visible characters without colon
 * @param passwordHash argon2id hash of his password, enough for Basic
 * @param password his password itself, from which everything can be checked
 * @param digestMd5 {@code MD5(name:realm:password)} in hexadecimal, for Digest with MD5
 * @param digestSha256 {@code SHA-256(name:realm:password)} in hexadecimal, for Digest with SHA-256
 * @param tokenHash SHA-256 of a bearer token in hexadecimal; the token must be random (made by: porchlight make-token), as this hash is fast
 * @param view cameras he may watch
 * @param publish cameras under whose name he may publish
 */
public record UserConfiguration(
        String name,
        Optional<PasswordHash> passwordHash,
        Optional<Secret> password,
        Optional<Secret> digestMd5,
        Optional<Secret> digestSha256,
        Optional<Secret> tokenHash,
        List<CameraPattern> view,
        List<CameraPattern> publish) {

    public UserConfiguration {
        view = List.copyOf(view);
        publish = List.copyOf(publish);
        if (!name.matches("[\\x21-\\x7e&&[^:\"\\\\]]{1,64}")) {
            throw new InvalidSetting("name", "a user's name has 1 to 64 visible ASCII characters without : \" and \\");
        }
        requireHex("digestMd5", digestMd5, 32);
        requireHex("digestSha256", digestSha256, 64);
        requireHex("tokenHash", tokenHash, 64);
        if (passwordHash.isPresent() && password.isPresent()) {
            throw new InvalidSetting("password", "give password-hash or password, not both");
        }
        if (!knowsPassword(passwordHash, password, digestMd5, digestSha256) && tokenHash.isEmpty()) {
            throw new InvalidSetting(
                    "passwordHash",
                    "nothing to check this user by: set password-hash (made by: porchlight hash-password)");
        }
    }

    /** Whether he can answer this challenge. */
    public boolean canAnswer(ChallengeKind challenge) {
        return switch (challenge) {
            case DIGEST_SHA256 -> password.isPresent() || digestSha256.isPresent();
            case DIGEST_MD5 -> password.isPresent() || digestMd5.isPresent();
            case BASIC -> hasPassword();
        };
    }

    /** Whether he has a password; else only a token. */
    public boolean hasPassword() {
        return knowsPassword(passwordHash, password, digestMd5, digestSha256);
    }

    private static boolean knowsPassword(
            Optional<PasswordHash> hash, Optional<Secret> password, Optional<Secret> md5, Optional<Secret> sha256) {
        return hash.isPresent() || password.isPresent() || md5.isPresent() || sha256.isPresent();
    }

    /** Whether what proves this user is the same as for another. */
    boolean hasSameCredentialsAs(UserConfiguration other) {
        return passwordHash.equals(other.passwordHash)
                && password.equals(other.password)
                && digestMd5.equals(other.digestMd5)
                && digestSha256.equals(other.digestSha256)
                && tokenHash.equals(other.tokenHash);
    }

    private static void requireHex(String component, Optional<Secret> secret, int digits) {
        if (secret.isPresent() && !secret.get().reveal().matches("[0-9a-fA-F]{" + digits + "}")) {
            throw new InvalidSetting(component, "must be " + digits + " hexadecimal digits");
        }
    }
}
