package io.penstock.protocol.scram;

import java.security.MessageDigest;
import java.util.Arrays;
import java.util.Base64;
import java.util.HashMap;
import java.util.Map;

/**
 * What a server keeps of a password: enough to check it, not enough to log in with. Immutable; the arrays are not to be written.
 *
 * @param iterations rounds of the hash
 */
public record ScramCredential(
        ScramMechanism mechanism, byte[] salt, int iterations, byte[] storedKey, byte[] serverKey) {
    /** As at Kafka: fewer are refused by clients, and more by Kafka's tools. */
    public static final int ITERATIONS_MIN = 4096;

    public static final int ITERATIONS_MAX = 16384;

    private static final int SALT_BYTES_MAX = 256;

    public ScramCredential {
        if (iterations < ITERATIONS_MIN || iterations > ITERATIONS_MAX) {
            throw new IllegalArgumentException(
                    iterations + " iterations; from " + ITERATIONS_MIN + " to " + ITERATIONS_MAX + " are possible");
        }
        if (salt.length == 0 || salt.length > SALT_BYTES_MAX) {
            throw new IllegalArgumentException("a salt of " + salt.length + " bytes");
        }
        if (storedKey.length != mechanism.bytes() || serverKey.length != mechanism.bytes()) {
            throw new IllegalArgumentException("keys of " + storedKey.length + " and " + serverKey.length + " bytes; "
                    + mechanism.text() + " has " + mechanism.bytes());
        }
    }

    /** Takes time, by {@code iterations}. */
    public static ScramCredential of(ScramMechanism mechanism, String password, byte[] salt, int iterations) {
        return ofSalted(mechanism, mechanism.saltedPassword(password, salt, iterations), salt, iterations);
    }

    public static ScramCredential ofSalted(
            ScramMechanism mechanism, byte[] saltedPassword, byte[] salt, int iterations) {
        return new ScramCredential(
                mechanism,
                salt,
                iterations,
                mechanism.hash(mechanism.clientKey(saltedPassword)),
                mechanism.serverKey(saltedPassword));
    }

    /** Takes time, by the iterations; tells nothing by it. */
    public boolean isOf(String password) {
        byte[] salted = mechanism.saltedPassword(password, salt, iterations);
        return MessageDigest.isEqual(storedKey, mechanism.hash(mechanism.clientKey(salted)));
    }

    /** {@code salt=...,stored_key=...,server_key=...,iterations=...}, as Kafka writes it. */
    public String text() {
        Base64.Encoder base64 = Base64.getEncoder();
        return "salt=" + base64.encodeToString(salt) + ",stored_key=" + base64.encodeToString(storedKey)
                + ",server_key=" + base64.encodeToString(serverKey) + ",iterations=" + iterations;
    }

    /** @throws IllegalArgumentException when {@code text} is not what {@link #text} gives; the message does not repeat it */
    public static ScramCredential parse(ScramMechanism mechanism, String text) {
        Map<String, String> fields = new HashMap<>();
        for (String field : text.split(",", -1)) {
            int equals = field.indexOf('=');
            if (equals < 0 || fields.put(field.substring(0, equals), field.substring(equals + 1)) != null) {
                throw new IllegalArgumentException("not a credential of " + mechanism.text());
            }
        }
        if (!fields.keySet().equals(java.util.Set.of("salt", "stored_key", "server_key", "iterations"))) {
            throw new IllegalArgumentException("not a credential of " + mechanism.text());
        }
        try {
            Base64.Decoder base64 = Base64.getDecoder();
            return new ScramCredential(
                    mechanism,
                    base64.decode(fields.get("salt")),
                    Integer.parseInt(fields.get("iterations")),
                    base64.decode(fields.get("stored_key")),
                    base64.decode(fields.get("server_key")));
        } catch (NumberFormatException e) {
            throw new IllegalArgumentException("the iterations of a credential are no number", e);
        }
    }

    @Override
    public boolean equals(Object other) {
        return other instanceof ScramCredential that
                && mechanism == that.mechanism
                && iterations == that.iterations
                && Arrays.equals(salt, that.salt)
                && MessageDigest.isEqual(storedKey, that.storedKey)
                && MessageDigest.isEqual(serverKey, that.serverKey);
    }

    @Override
    public int hashCode() {
        return Arrays.hashCode(salt);
    }

    /** Without what is kept. */
    @Override
    public String toString() {
        return mechanism.text() + " credential of " + iterations + " iterations";
    }
}
