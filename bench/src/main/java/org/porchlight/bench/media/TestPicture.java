package org.porchlight.bench.media;

import java.util.Arrays;

/**
 * Paints a picture that moves and can be read by a person: a drifting gradient, a bar that sweeps once a second, the camera's name, a
 * clock and the frame number. Planar YUV 4:2:0. Owner: one thread.
 */
public final class TestPicture {
    private static final byte BLACK = 16;
    private static final byte WHITE = (byte) 235;
    private static final int MARGIN_DOTS = 2;

    private final int width;
    private final int height;
    private final byte[] luma;
    private final byte[] cb;
    private final byte[] cr;
    private final byte[] row;
    private final boolean grain;

    /**
     * @param grain fills the lower third with fresh noise in each frame, which gives an encoder enough to do to reach a high bit rate
     */
    public TestPicture(int width, int height, int camera, boolean grain) {
        this.width = width;
        this.height = height;
        this.grain = grain;
        luma = new byte[width * height];
        cb = new byte[width * height / 4];
        cr = new byte[width * height / 4];
        row = new byte[width];
        double hue = camera * 2.399963; // the golden angle: neighbours differ
        Arrays.fill(cb, (byte) Math.round(128 + 48 * Math.cos(hue)));
        Arrays.fill(cr, (byte) Math.round(128 + 48 * Math.sin(hue)));
    }

    public int width() {
        return width;
    }

    public int height() {
        return height;
    }

    /** Lent: {@code width * height} bytes. */
    public byte[] luma() {
        return luma;
    }

    /** Lent: a quarter of that. */
    public byte[] cb() {
        return cb;
    }

    /** Lent: a quarter of that. */
    public byte[] cr() {
        return cr;
    }

    /**
     * Paints one frame.
     *
     * @param title shown on top
     * @param clock shown large in the middle
     * @param frame frame number, moves the pattern
     * @param framesPerSecond sets the speed of the bar
     */
    public void paint(String title, String clock, long frame, int framesPerSecond) {
        for (int x = 0; x < width; x++) {
            row[x] = (byte) (48 + ((x / 2 + (int) (frame * 2 % 4096)) & 0x7f));
        }
        for (int y = 0; y < height; y++) {
            System.arraycopy(row, 0, luma, y * width, width);
        }
        if (grain) {
            paintGrain(frame);
        }
        int position = (int) (frame % framesPerSecond * width / framesPerSecond);
        fill(position, height * 5 / 8, Math.max(2, width / 32), height / 24, WHITE);
        int small = Math.max(1, height / 120);
        write(title, width / 32, height / 24, small);
        write("frame " + frame, width / 32, height - height / 24 - (Glyphs.ROWS + 2 * MARGIN_DOTS) * small, small);
        int dot = Math.max(1, width * 3 / 4 / (Math.max(1, clock.length()) * (Glyphs.COLUMNS + 1)));
        write(clock, width / 8, height / 3, dot);
    }

    private void paintGrain(long frame) {
        long state = frame * 0x9E3779B97F4A7C15L + 1;
        for (int i = width * (height * 2 / 3); i + 8 <= luma.length; i += 8) {
            state ^= state << 13;
            state ^= state >>> 7;
            state ^= state << 17;
            for (int k = 0; k < 8; k++) {
                luma[i + k] = (byte) (96 + ((state >>> (k * 8)) & 0x3f));
            }
        }
    }

    private void write(String text, int left, int top, int dot) {
        int advance = (Glyphs.COLUMNS + 1) * dot;
        fill(
                left - MARGIN_DOTS * dot,
                top - MARGIN_DOTS * dot,
                text.length() * advance + 2 * MARGIN_DOTS * dot,
                (Glyphs.ROWS + 2 * MARGIN_DOTS) * dot,
                BLACK);
        for (int i = 0; i < text.length(); i++) {
            long dots = Glyphs.dots(text.charAt(i));
            for (int r = 0; r < Glyphs.ROWS; r++) {
                for (int c = 0; c < Glyphs.COLUMNS; c++) {
                    if (Glyphs.isSet(dots, c, r)) {
                        fill(left + i * advance + c * dot, top + r * dot, dot, dot, WHITE);
                    }
                }
            }
        }
    }

    private void fill(int left, int top, int fillWidth, int fillHeight, byte value) {
        int from = Math.max(0, left);
        int to = Math.min(width, left + fillWidth);
        if (from >= to) {
            return;
        }
        for (int y = Math.max(0, top); y < Math.min(height, top + fillHeight); y++) {
            Arrays.fill(luma, y * width + from, y * width + to, value);
        }
    }
}
