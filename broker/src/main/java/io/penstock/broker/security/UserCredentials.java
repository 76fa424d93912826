package io.penstock.broker.security;

import io.penstock.protocol.scram.ScramCredential;
import io.penstock.protocol.scram.ScramMechanism;
import java.security.SecureRandom;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** What is kept of one user's password, for each mechanism; with the first, PLAIN is checked too. Immutable. */
public record UserCredentials(ScramCredential sha256, ScramCredential sha512) {
    private static final int SALT_BYTES = 20;
    private static final int PASSWORD_MAX = 1024;
    private static final Pattern SYNTAX =
            Pattern.compile("SCRAM-SHA-256=\\[([^\\[\\]]+)\\],SCRAM-SHA-512=\\[([^\\[\\]]+)\\]");

    /**
     * Takes some milliseconds.
     *
     * @throws IllegalArgumentException for a password or iterations that cannot be
     */
    public static UserCredentials of(String password, int iterations, SecureRandom random) {
        if (password.isEmpty() || password.length() > PASSWORD_MAX || password.indexOf('\0') >= 0) {
            throw new IllegalArgumentException(
                    "a password has 1 to " + PASSWORD_MAX + " characters, and none of them is 0");
        }
        return new UserCredentials(
                ScramCredential.of(ScramMechanism.SHA_256, password, salt(random), iterations),
                ScramCredential.of(ScramMechanism.SHA_512, password, salt(random), iterations));
    }

    private static byte[] salt(SecureRandom random) {
        byte[] salt = new byte[SALT_BYTES];
        random.nextBytes(salt);
        return salt;
    }

    public ScramCredential of(ScramMechanism mechanism) {
        return mechanism == ScramMechanism.SHA_256 ? sha256 : sha512;
    }

    /** {@code SCRAM-SHA-256=[salt=...,...],SCRAM-SHA-512=[...]}, as Kafka's tools write it. */
    String text() {
        return "SCRAM-SHA-256=[" + sha256.text() + "],SCRAM-SHA-512=[" + sha512.text() + "]";
    }

    /** @throws IllegalArgumentException without repeating {@code text} */
    static UserCredentials parse(String text) {
        Matcher parts = SYNTAX.matcher(text);
        if (!parts.matches()) {
            throw new IllegalArgumentException("not the credentials of a user");
        }
        return new UserCredentials(
                ScramCredential.parse(ScramMechanism.SHA_256, parts.group(1)),
                ScramCredential.parse(ScramMechanism.SHA_512, parts.group(2)));
    }
}
