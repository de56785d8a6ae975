package org.porchlight.control.configuration;

import java.util.Collection;
import java.util.Optional;

/** Finds what someone meant to write. */
final class Spelling {
    private Spelling() {}

    /** The known word nearest to an unknown one, if it is near enough to be meant. */
    static Optional<String> nearest(String unknown, Collection<String> known) {
        String best = "";
        int bestDistance = Integer.MAX_VALUE;
        String shortened = unknown.length() > 64 ? unknown.substring(0, 64) : unknown;
        for (String word : known) {
            int distance = distance(shortened.toLowerCase(java.util.Locale.ROOT).replace('_', '-'), word);
            if (distance < bestDistance) {
                best = word;
                bestDistance = distance;
            }
        }
        return bestDistance <= Math.max(2, best.length() / 3) ? Optional.of(best) : Optional.empty();
    }

    /** Least number of letters to insert, delete or replace (Levenshtein). */
    static int distance(String a, String b) {
        int[] row = new int[b.length() + 1];
        for (int j = 0; j <= b.length(); j++) {
            row[j] = j;
        }
        for (int i = 1; i <= a.length(); i++) {
            int diagonal = row[0];
            row[0] = i;
            for (int j = 1; j <= b.length(); j++) {
                int replaced = diagonal + (a.charAt(i - 1) == b.charAt(j - 1) ? 0 : 1);
                diagonal = row[j];
                row[j] = Math.min(replaced, 1 + Math.min(row[j], row[j - 1]));
            }
        }
        return row[b.length()];
    }
}
