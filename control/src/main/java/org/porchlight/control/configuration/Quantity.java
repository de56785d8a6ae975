package org.porchlight.control.configuration;

import java.math.BigDecimal;
import java.time.Duration;
import java.util.Map;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** Numbers with units, as people write them. Each method answers empty for what it cannot read. */
final class Quantity {
    private static final Pattern NUMBER_AND_UNIT = Pattern.compile("([0-9]{1,15}(?:\\.[0-9]{1,6})?) ?([A-Za-z/]{0,6})");
    private static final Map<String, Long> NANOS =
            Map.of("ms", 1_000_000L, "s", 1_000_000_000L, "min", 60_000_000_000L, "h", 3_600_000_000_000L);
    private static final Map<String, Long> BYTES = Map.of(
            "",
            1L,
            "B",
            1L,
            "kB",
            1_000L,
            "MB",
            1_000_000L,
            "GB",
            1_000_000_000L,
            "KiB",
            1L << 10,
            "MiB",
            1L << 20,
            "GiB",
            1L << 30);
    private static final Map<String, Long> BITS_PER_SECOND =
            Map.of("", 1L, "b/s", 1L, "kb/s", 1_000L, "Mb/s", 1_000_000L, "Gb/s", 1_000_000_000L);

    private Quantity() {}

    /** For example {@code 500ms}, {@code 1.5s}, {@code 10min}, {@code 2h}. */
    static Optional<Duration> duration(String text) {
        return scaled(text, NANOS).map(Duration::ofNanos);
    }

    /** For example {@code 65536}, {@code 64KiB}, {@code 4MiB}, {@code 1.5GB}. */
    static Optional<Long> bytes(String text) {
        return scaled(text, BYTES);
    }

    /** For example {@code 4000000}, {@code 4Mb/s}, {@code 500kb/s}. */
    static Optional<Long> bitsPerSecond(String text) {
        return scaled(text, BITS_PER_SECOND);
    }

    private static Optional<Long> scaled(String text, Map<String, Long> units) {
        Matcher matcher = NUMBER_AND_UNIT.matcher(text);
        if (!matcher.matches()) {
            return Optional.empty();
        }
        Long unit = units.get(matcher.group(2));
        if (unit == null) {
            return Optional.empty();
        }
        try {
            return Optional.of(new BigDecimal(matcher.group(1))
                    .multiply(BigDecimal.valueOf(unit))
                    .longValueExact());
        } catch (ArithmeticException e) {
            return Optional.empty(); // beyond a long, or a fraction of the smallest unit
        }
    }
}
