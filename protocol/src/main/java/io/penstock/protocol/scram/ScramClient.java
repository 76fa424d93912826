package io.penstock.protocol.scram;

import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.util.Base64;

/**
 * The client's side of one exchange (RFC 5802 §5), without channel binding:
 *
 * <pre>
 * first()        n,,n=USER,r=NONCE
 *                                    r=NONCE+SERVER'S,s=SALT,i=ITERATIONS      last()
 * last()         c=biws,r=NONCE+SERVER'S,p=PROOF
 *                                    v=SIGNATURE                               verify()
 * </pre>
 *
 * The password itself is never sent, and the server shows that it has what was kept of it. One thread.
 */
public final class ScramClient {
    /** More would be an attempt to keep this end busy. */
    private static final int ITERATIONS_MAX = 1_000_000;

    private static final String WITHOUT_BINDING = "n,,";

    /** So many are enough. */
    public static final int NONCE_BYTES = 24;

    /** Gives the salted password, however it is had. */
    @FunctionalInterface
    public interface Salting {
        byte[] saltedPassword(byte[] salt, int iterations) throws ScramException;
    }

    private final ScramMechanism mechanism;
    private final Salting salting;
    private final String nonce;
    private final String bareFirst;
    private byte[] expectedSignature;

    /** @param nonce random, never used before; see {@link #NONCE_BYTES} */
    public ScramClient(ScramMechanism mechanism, String user, Salting salting, byte[] nonce) {
        this.mechanism = mechanism;
        this.salting = salting;
        this.nonce = Base64.getEncoder().withoutPadding().encodeToString(nonce);
        this.bareFirst = "n=" + user.replace("=", "=3D").replace(",", "=2C") + ",r=" + this.nonce;
    }

    public ScramMechanism mechanism() {
        return mechanism;
    }

    public ByteBuffer first() {
        return bytes(WITHOUT_BINDING + bareFirst);
    }

    /**
     * Answers the server's first message. Takes the time that the server's iterations ask for.
     *
     * @throws ScramException when it does not repeat our nonce, or asks for more or less work than is reasonable
     */
    public ByteBuffer last(ByteBuffer serverFirst) throws ScramException {
        String first = text(serverFirst);
        String[] fields = first.split(",", -1);
        if (fields.length < 3
                || !fields[0].startsWith("r=")
                || !fields[1].startsWith("s=")
                || !fields[2].startsWith("i=")) {
            throw new ScramException("the server's first message makes no sense");
        }
        String both = fields[0].substring(2);
        if (!both.startsWith(nonce) || both.length() == nonce.length()) {
            throw new ScramException("the server has not added to our nonce");
        }
        byte[] salt = base64(fields[1].substring(2));
        int iterations = iterations(fields[2].substring(2));
        byte[] salted = salting.saltedPassword(salt, iterations);
        String withoutProof =
                "c=" + Base64.getEncoder().encodeToString(WITHOUT_BINDING.getBytes(StandardCharsets.US_ASCII)) + ",r="
                        + both;
        byte[] signed = (bareFirst + "," + first + "," + withoutProof).getBytes(StandardCharsets.UTF_8);
        byte[] proof = mechanism.clientKey(salted);
        byte[] signature = mechanism.hmac(mechanism.hash(proof), signed);
        for (int i = 0; i < proof.length; i++) {
            proof[i] ^= signature[i];
        }
        expectedSignature = mechanism.hmac(mechanism.serverKey(salted), signed);
        return bytes(withoutProof + ",p=" + Base64.getEncoder().encodeToString(proof));
    }

    /** @throws ScramException when the server does not know what was kept of the password */
    public void verify(ByteBuffer serverLast) throws ScramException {
        String last = text(serverLast);
        if (last.startsWith("e=")) {
            throw new ScramException("the server has refused the proof");
        }
        if (expectedSignature == null
                || !last.startsWith("v=")
                || !MessageDigest.isEqual(
                        expectedSignature, base64(last.substring(2).split(",", 2)[0]))) {
            throw new ScramException("the server has not proven that it knows the user");
        }
    }

    private static int iterations(String text) throws ScramException {
        try {
            int iterations = Integer.parseInt(text);
            if (iterations >= ScramCredential.ITERATIONS_MIN && iterations <= ITERATIONS_MAX) {
                return iterations;
            }
        } catch (NumberFormatException e) {
            throw new ScramException("the server's iterations are no number", e);
        }
        throw new ScramException("the server asks for " + text + " iterations; from " + ScramCredential.ITERATIONS_MIN
                + " to " + ITERATIONS_MAX + " are possible");
    }

    private static byte[] base64(String text) throws ScramException {
        try {
            return Base64.getDecoder().decode(text);
        } catch (IllegalArgumentException e) {
            throw new ScramException("the server's message is not base 64", e);
        }
    }

    private static String text(ByteBuffer bytes) {
        return StandardCharsets.UTF_8.decode(bytes.duplicate()).toString();
    }

    private static ByteBuffer bytes(String text) {
        return ByteBuffer.wrap(text.getBytes(StandardCharsets.UTF_8));
    }
}
