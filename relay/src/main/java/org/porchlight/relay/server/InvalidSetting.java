package org.porchlight.relay.server;

/**
 * A value that a configuration record refuses. Names the component, so that whoever read the value from somewhere can say where it stood; the
 * message says what is wrong and what would be right, in one line.
 */
public final class InvalidSetting extends IllegalArgumentException {
    private static final long serialVersionUID = 1L;

    private final String component;

    /** @param component name of the refused record component */
    public InvalidSetting(String component, String message) {
        super(message);
        this.component = component;
    }

    /** Name of the refused component of the record that threw. */
    public String component() {
        return component;
    }

    static void requireRange(String component, long value, long min, long max) {
        if (value < min || value > max) {
            throw new InvalidSetting(component, value + " is out of range: " + min + " to " + max);
        }
    }
}
