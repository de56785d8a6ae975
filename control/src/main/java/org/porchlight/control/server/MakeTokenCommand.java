package org.porchlight.control.server;

import java.io.PrintWriter;
import java.security.SecureRandom;
import java.util.Base64;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import org.porchlight.relay.admission.DigestAlgorithm;
import org.porchlight.relay.admission.DigestProof;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Spec;

/** Makes a bearer token of 256 random bits, and what a configuration file holds in its place. */
@Command(
        name = "make-token",
        description = {
            "Make a bearer token for WHIP and WHEP, and print the line for its user in the configuration file.",
            "The token itself is kept nowhere: give it to the client now."
        },
        mixinStandardHelpOptions = true)
final class MakeTokenCommand implements Callable<Integer> {
    private static final int TOKEN_BYTES = 32;

    @Spec
    private @Nullable CommandSpec spec;

    @Override
    public Integer call() {
        byte[] random = new byte[TOKEN_BYTES];
        new SecureRandom().nextBytes(random);
        String token = Base64.getUrlEncoder().withoutPadding().encodeToString(random);
        PrintWriter out = Output.of(spec);
        out.println("token: " + token);
        out.println("token-hash: " + DigestProof.hash(DigestAlgorithm.SHA_256, token));
        return ExitCode.OK;
    }
}
