package org.porchlight.control.access;

import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import org.porchlight.relay.admission.Challenge;
import org.porchlight.relay.admission.DigestAlgorithm;
import org.porchlight.relay.admission.DigestProof;
import org.porchlight.relay.server.CameraConfiguration;
import org.porchlight.relay.server.CameraDirectory;
import org.porchlight.relay.server.CameraPattern;
import org.porchlight.relay.server.Secret;
import org.porchlight.relay.server.Visibility;

/**
 * An immutable snapshot of who may do what. Deciding is a calculation; checking passwords and digests is separate, because the one is instant
 * and the other is slow by intent.
 */
final class AccessPolicy {
    /** What someone wants to do with a camera. */
    enum Action {
        VIEW,
        PUBLISH
    }

    private final long epoch;
    private final AccessConfiguration access;
    private final CameraDirectory cameras;
    private final Map<String, UserConfiguration> users = new HashMap<>();
    /** By the hash of their token. */
    private final Map<String, UserConfiguration> holders = new HashMap<>();

    private final PasswordHash dummy;
    private final String dummyHa1;

    /**
     * @param epoch higher than that of every earlier policy
     * @param dummyHa1 unpredictable hexadecimal text in place of the HA1 of users that do not exist
     */
    AccessPolicy(long epoch, AccessConfiguration access, List<CameraConfiguration> cameras, String dummyHa1) {
        this.epoch = epoch;
        this.access = access;
        this.cameras = new CameraDirectory(cameras);
        this.dummyHa1 = dummyHa1;
        for (UserConfiguration user : access.users()) {
            users.put(user.name(), user);
            user.tokenHash().ifPresent(hash -> holders.put(hash.reveal().toLowerCase(Locale.ROOT), user));
        }
        this.dummy = access.users().stream()
                .flatMap(user -> user.passwordHash().stream())
                .max(Comparator.comparingLong(PasswordHash::cost))
                .map(PasswordHash::dummy)
                .orElseGet(PasswordHash::usualDummy);
    }

    long epoch() {
        return epoch;
    }

    List<Challenge> challenges() {
        List<Challenge> challenges = new ArrayList<>();
        access.challenges().forEach(kind -> challenges.add(challengeOf(kind)));
        if (!holders.isEmpty()) {
            challenges.add(new Challenge.Bearer(access.realm()));
        }
        return challenges;
    }

    boolean hasUsers() {
        return !users.isEmpty();
    }

    boolean offers(ChallengeKind kind) {
        return access.challenges().contains(kind);
    }

    Optional<UserConfiguration> user(String name) {
        return Optional.ofNullable(users.get(name));
    }

    /** Who holds this token. What is compared are hashes, so the time that it takes tells nothing of a token. */
    Optional<UserConfiguration> holder(String token) {
        return Optional.ofNullable(holders.get(DigestProof.hash(DigestAlgorithm.SHA_256, token)));
    }

    /** Whether everybody may watch this camera. */
    boolean isPublic(String camera) {
        return cameras.find(camera)
                .map(entry -> entry.visibility() == Visibility.PUBLIC)
                .orElse(false);
    }

    /** Whether someone who has proved to be this user may do that. */
    boolean permits(UserConfiguration user, Action action, String camera) {
        if (action == Action.VIEW && isPublic(camera)) {
            return true;
        }
        List<CameraPattern> patterns = action == Action.VIEW ? user.view() : user.publish();
        return patterns.stream().anyMatch(pattern -> pattern.matches(camera));
    }

    /** Checks a password; slow. One argon2id check of about the same cost for every user and for names that nobody has. */
    boolean passwordMatches(String name, String password) {
        UserConfiguration user = users.get(name);
        Optional<PasswordHash> hash = user == null ? Optional.empty() : user.passwordHash();
        boolean hashMatches = hash.orElse(dummy).matches(password);
        if (user == null) {
            return false;
        }
        if (hash.isPresent()) {
            return hashMatches;
        }
        if (user.password().isPresent()) {
            return user.password().get().equals(Secret.of(password));
        }
        return digestMatches(user, DigestAlgorithm.SHA_256, password)
                || digestMatches(user, DigestAlgorithm.MD5, password);
    }

    /** Checks a digest, in the same time for users that do not exist. */
    boolean proofMatches(DigestProof proof) {
        boolean offered = offers(
                proof.algorithm() == DigestAlgorithm.MD5 ? ChallengeKind.DIGEST_MD5 : ChallengeKind.DIGEST_SHA256);
        UserConfiguration user = users.get(proof.user());
        Optional<String> ha1 = user == null ? Optional.empty() : ha1(user, proof.algorithm());
        boolean matches = proof.matches(ha1.orElse(dummyHa1));
        return matches && ha1.isPresent() && offered && proof.realm().equals(access.realm());
    }

    private boolean digestMatches(UserConfiguration user, DigestAlgorithm algorithm, String password) {
        String shown = DigestProof.ha1(algorithm, user.name(), access.realm(), password);
        return ha1(user, algorithm)
                .map(own -> Secret.of(own).equals(Secret.of(shown)))
                .orElse(false);
    }

    private Optional<String> ha1(UserConfiguration user, DigestAlgorithm algorithm) {
        Optional<Secret> given = algorithm == DigestAlgorithm.MD5 ? user.digestMd5() : user.digestSha256();
        if (given.isPresent()) {
            return given.map(secret -> secret.reveal().toLowerCase(Locale.ROOT));
        }
        return user.password().map(secret -> DigestProof.ha1(algorithm, user.name(), access.realm(), secret.reveal()));
    }

    private Challenge challengeOf(ChallengeKind kind) {
        return switch (kind) {
            case DIGEST_SHA256 -> new Challenge.Digest(access.realm(), DigestAlgorithm.SHA_256);
            case DIGEST_MD5 -> new Challenge.Digest(access.realm(), DigestAlgorithm.MD5);
            case BASIC -> new Challenge.Basic(access.realm());
        };
    }
}
