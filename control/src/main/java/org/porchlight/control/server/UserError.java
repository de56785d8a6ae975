package org.porchlight.control.server;

/** Something that the user can mend; the message is one line. */
final class UserError extends Exception {
    private static final long serialVersionUID = 1L;

    UserError(String message) {
        super(message);
    }
}
