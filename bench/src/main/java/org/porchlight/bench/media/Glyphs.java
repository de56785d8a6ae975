package org.porchlight.bench.media;

/** A font of 5 by 7 dots for the clock and the name in a test picture. */
final class Glyphs {
    static final int COLUMNS = 5;
    static final int ROWS = 7;

    private static final String CHARACTERS = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ:.-/+";

    /** One glyph each: 35 bits, top row first, the left dot is the highest bit of its row. */
    private static final long[] DOTS = {
        0x3a33ae62eL, 0x11842108eL, 0x3a213221fL, 0x78217043eL, 0x08ca97c42L, 0x7e1e0862eL,
        0x1910f462eL, 0x7c2222108L, 0x3a317462eL, 0x3a317844cL, 0x3a31fc631L, 0x7a31f463eL,
        0x3a308422eL, 0x7a318c63eL, 0x7e10f421fL, 0x7e10f4210L, 0x3a30bc62fL, 0x4631fc631L,
        0x38842108eL, 0x1c4210a4cL, 0x4654c5251L, 0x42108421fL, 0x4775ac631L, 0x47359c631L,
        0x3a318c62eL, 0x7a31f4210L, 0x3a318d64dL, 0x7a31f5251L, 0x3e107043eL, 0x7c8421084L,
        0x46318c62eL, 0x46318c544L, 0x4631ad771L, 0x462a22a31L, 0x462a21084L, 0x7c222221fL,
        0x008000080L, 0x00000018cL, 0x0000f8000L, 0x042222210L, 0x0084f9080L
    };

    private Glyphs() {}

    /** Dots of a character, 0 (blank) for one that the font lacks. Lower case is shown as upper case. */
    static long dots(char c) {
        int at = CHARACTERS.indexOf(Character.toUpperCase(c));
        return at < 0 ? 0 : DOTS[at];
    }

    static boolean isSet(long dots, int column, int row) {
        return ((dots >>> (ROWS * COLUMNS - 1 - row * COLUMNS - column)) & 1) != 0;
    }
}
