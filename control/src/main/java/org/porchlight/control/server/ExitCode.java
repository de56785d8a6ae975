package org.porchlight.control.server;

/** What the process tells its starter. After SIGTERM the platform says 143. */
final class ExitCode {
    static final int OK = 0;
    /** Something unexpected. */
    static final int FAILURE = 1;
    /** The command line is wrong. */
    static final int USAGE = 2;
    /** The configuration file cannot be used. */
    static final int CONFIGURATION = 3;
    /** An address cannot be listened on. */
    static final int BIND = 4;

    private ExitCode() {}
}
