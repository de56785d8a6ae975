package org.porchlight.control.access;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.random.RandomGenerator;
import java.util.random.RandomGeneratorFactory;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.porchlight.relay.server.InvalidSetting;

final class PasswordHashTest {
    /** A published vector of the reference implementation: password "password", salt "somesalt". */
    private static final String REFERENCE =
            "$argon2id$v=19$m=65536,t=2,p=1$c29tZXNhbHQ$CTFhFdXPJO1aFaMaO6Mm5c8y7cJHAph8ArZWb2GRPPc";

    @Test
    void agreesWithTheReferenceImplementation() {
        PasswordHash hash = PasswordHash.parse(REFERENCE);
        assertThat(hash.matches("password")).isTrue();
        assertThat(hash.matches("passwore")).isFalse();
        assertThat(hash.toPhc()).isEqualTo(REFERENCE);
    }

    @Test
    void aHashMadeHereIsReadAndCheckedAgain() {
        byte[] salt = new byte[16];
        salt[3] = 7;
        PasswordHash made = PasswordHash.create("p\u00e4ss w\u00f6rd", salt);
        PasswordHash read = PasswordHash.parse(made.toPhc());
        assertThat(read).isEqualTo(made).hasSameHashCodeAs(made).hasToString("(hidden)");
        assertThat(read.matches("p\u00e4ss w\u00f6rd")).isTrue();
        assertThat(read.matches("p\u00e4ss w\u00f6rd ")).isFalse();
        assertThat(made.dummy().cost()).isEqualTo(made.cost());
        assertThat(made.dummy().matches("")).isFalse();
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "",
                "password",
                "$argon2i$v=19$m=64,t=1,p=1$AAAAAAAAAAAAAAAAAAAAAA$AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA",
                "$argon2id$v=16$m=64,t=1,p=1$AAAAAAAAAAAAAAAAAAAAAA$AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA",
                "$argon2id$v=19$m=9999999,t=1,p=1$AAAAAAAAAAAAAAAAAAAAAA$AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA",
                "$argon2id$v=19$m=64,t=999,p=1$AAAAAAAAAAAAAAAAAAAAAA$AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA",
                "$argon2id$v=19$m=64,t=0,p=1$AAAAAAAAAAAAAAAAAAAAAA$AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA",
                "$argon2id$v=19$m=64,t=1,p=16$AAAAAAAAAAAAAAAAAAAAAA$AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA",
                "$argon2id$v=19$m=64,t=1,p=1$AAAAAAAAAAAAA$AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA"
            })
    void refusesWhatIsNoHashOrCostsTooMuch(String text) {
        assertThatThrownBy(() -> PasswordHash.parse(text)).isInstanceOf(InvalidSetting.class);
    }

    @Test
    void damagedHashesAreRefusedOrReadNeverAnythingElse() {
        RandomGenerator random = RandomGeneratorFactory.of("L64X128MixRandom").create(5);
        for (int round = 0; round < 5_000; round++) {
            StringBuilder text = new StringBuilder(REFERENCE);
            text.setCharAt(random.nextInt(text.length()), (char) (32 + random.nextInt(96)));
            try {
                assertThat(PasswordHash.parse(text.toString()).cost()).isPositive();
            } catch (InvalidSetting e) {
                assertThat(e.component()).isEqualTo("passwordHash");
            }
        }
    }
}
