package org.porchlight.bench.camera;

/** Reads and writes bit rates as people do: {@code 4M}, {@code 600k}, {@code 2500000}. */
public final class BitRate {

    private BitRate() {}

    /**
     * Bits per second.
     *
     * @throws IllegalArgumentException when it is no number, or none above 0
     */
    public static long parse(String text) {
        char unit = text.isEmpty() ? ' ' : text.charAt(text.length() - 1);
        long factor = unit == 'k' ? 1_000 : unit == 'M' ? 1_000_000 : 1;
        try {
            long rate =
                    Math.round(Double.parseDouble(factor == 1 ? text : text.substring(0, text.length() - 1)) * factor);
            if (rate > 0) {
                return rate;
            }
        } catch (NumberFormatException e) {
            throw new IllegalArgumentException("bit rate must look like 4M, 600k or 2500000, not " + text, e);
        }
        throw new IllegalArgumentException("bit rate must be above 0");
    }
}
