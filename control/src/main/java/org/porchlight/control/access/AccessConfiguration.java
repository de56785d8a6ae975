package org.porchlight.control.access;

import java.util.HashSet;
import java.util.List;
import java.util.Locale;
import java.util.Set;
import org.porchlight.relay.server.InvalidSetting;

/**
 * Who may watch and publish.
 *
 * @param realm shown to clients, and part of digests; 1 to 64 visible characters
 * @param challenges ways to authenticate, in the order in which clients see them
 * @param users at most 10,000, names differ
 */
public record AccessConfiguration(String realm, List<ChallengeKind> challenges, List<UserConfiguration> users) {
    /** Realm unless configured otherwise. */
    public static final String DEFAULT_REALM = "porchlight";
    /** Nobody. */
    public static final AccessConfiguration NOBODY =
            new AccessConfiguration(DEFAULT_REALM, List.of(ChallengeKind.BASIC), List.of());

    public AccessConfiguration {
        challenges = List.copyOf(challenges);
        users = List.copyOf(users);
        if (!realm.matches("[\\x20-\\x7e&&[^:\"\\\\]]{1,64}")) {
            throw new InvalidSetting("realm", "a realm has 1 to 64 visible ASCII characters without : \" and \\");
        }
        if (challenges.isEmpty()) {
            throw new InvalidSetting(
                    "challenges", "without a challenge nobody can log in: digest-sha256, digest-md5, basic");
        }
        if (users.size() > 10_000) {
            throw new InvalidSetting("users", "more than 10000 users");
        }
        Set<String> names = new HashSet<>();
        for (UserConfiguration user : users) {
            if (!names.add(user.name())) {
                throw new InvalidSetting("users", "user " + user.name() + " is there twice");
            }
        }
        Set<String> tokens = new HashSet<>();
        for (UserConfiguration user : users) {
            String token = user.tokenHash()
                    .map(hash -> hash.reveal().toLowerCase(Locale.ROOT))
                    .orElse("");
            if (!token.isEmpty() && !tokens.add(token)) {
                throw new InvalidSetting("users", "user " + user.name() + " has the token of another user");
            }
        }
        Set<ChallengeKind> seen = new HashSet<>();
        for (ChallengeKind challenge : challenges) {
            if (!seen.add(challenge)) {
                throw new InvalidSetting("challenges", "a challenge is there twice");
            }
        }
        for (UserConfiguration user : users) {
            if (user.hasPassword() && challenges.stream().noneMatch(user::canAnswer)) {
                throw new InvalidSetting(
                        "challenges",
                        "user " + user.name()
                                + " can answer none of the challenges; add basic, or give the user a digest");
            }
        }
    }

    /**
     * What to offer when the file does not say: Digest only if every user can answer it, because clients that know Digest never fall back
     * to Basic.
     */
    public static List<ChallengeKind> suitableFor(List<UserConfiguration> users) {
        List<UserConfiguration> withPassword =
                users.stream().filter(UserConfiguration::hasPassword).toList();
        return List.of(ChallengeKind.values()).stream()
                .filter(challenge -> !withPassword.isEmpty() || challenge == ChallengeKind.BASIC)
                .filter(challenge -> withPassword.stream().allMatch(user -> user.canAnswer(challenge)))
                .toList();
    }
}
