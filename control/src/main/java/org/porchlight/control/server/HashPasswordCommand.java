package org.porchlight.control.server;

import java.io.BufferedReader;
import java.io.Console;
import java.io.IOException;
import java.io.InputStreamReader;
import java.io.PrintWriter;
import java.nio.charset.StandardCharsets;
import java.security.SecureRandom;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import org.porchlight.control.access.AccessConfiguration;
import org.porchlight.control.access.PasswordHash;
import org.porchlight.relay.admission.DigestAlgorithm;
import org.porchlight.relay.admission.DigestProof;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

/** Makes what a configuration file holds in place of a password. */
@Command(
        name = "hash-password",
        description = {
            "Read a password and print the lines for a user of the configuration file.",
            "It is asked for on the terminal; without one, it is the first line of standard input."
        },
        mixinStandardHelpOptions = true)
final class HashPasswordCommand implements Callable<Integer> {
    @Spec
    private @Nullable CommandSpec spec;

    @Option(names = "--user", defaultValue = "", paramLabel = "NAME", description = "Print digests for this user too.")
    private String user = "";

    @Option(
            names = "--realm",
            defaultValue = AccessConfiguration.DEFAULT_REALM,
            description = "The realm that the digests are for (default: ${DEFAULT-VALUE}).")
    private String realm = AccessConfiguration.DEFAULT_REALM;

    @Override
    public Integer call() throws Exception {
        String password = readPassword();
        if (password.isEmpty()) {
            throw new UserError("the password is empty");
        }
        byte[] salt = new byte[16];
        new SecureRandom().nextBytes(salt);
        PrintWriter out = Output.of(spec);
        out.println("password-hash: " + PasswordHash.create(password, salt).toPhc());
        if (!user.isEmpty()) {
            out.println("digest-md5: " + DigestProof.ha1(DigestAlgorithm.MD5, user, realm, password));
            out.println("digest-sha256: " + DigestProof.ha1(DigestAlgorithm.SHA_256, user, realm, password));
        }
        return ExitCode.OK;
    }

    @SuppressWarnings("SystemConsoleNull") // null on Java 17; later versions are asked by isTerminal
    private static String readPassword() throws IOException, UserError {
        Console console = System.console();
        if (console == null || !isTerminal(console)) {
            String line = new BufferedReader(new InputStreamReader(System.in, StandardCharsets.UTF_8)).readLine();
            return line == null ? "" : line;
        }
        char[] first = console.readPassword("Password: ");
        char[] again = console.readPassword("Again: ");
        if (first == null || again == null || !String.valueOf(first).equals(String.valueOf(again))) {
            throw new UserError("the two are not the same");
        }
        return String.valueOf(first);
    }

    /** From Java 22 on there is a console also when input comes from a file, and it knows whether it is a terminal. */
    private static boolean isTerminal(Console console) {
        try {
            return (boolean) Console.class.getMethod("isTerminal").invoke(console);
        } catch (ReflectiveOperationException e) {
            return true; // Java 17: a console is a terminal
        }
    }
}
