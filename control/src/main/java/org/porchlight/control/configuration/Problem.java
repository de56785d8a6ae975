package org.porchlight.control.configuration;

/**
 * Something wrong with, or odd about, the configuration file.
 *
 * @param file as the user named it
 * @param line from 1; 0: the file as a whole
 * @param column from 1; 0: the file as a whole
 * @param message one line: what is wrong and what would be right; never a secret
 */
public record Problem(String file, int line, int column, String message) {
    @Override
    public String toString() {
        return line == 0 ? file + ": " + message : file + ":" + line + ":" + column + ": " + message;
    }
}
