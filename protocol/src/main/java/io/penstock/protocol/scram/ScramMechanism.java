package io.penstock.protocol.scram;

import java.nio.charset.StandardCharsets;
import java.security.GeneralSecurityException;
import java.security.MessageDigest;
import java.util.Optional;
import javax.crypto.Mac;
import javax.crypto.SecretKeyFactory;
import javax.crypto.spec.PBEKeySpec;
import javax.crypto.spec.SecretKeySpec;

/** The two kinds of SCRAM that are spoken, with their functions by the names of RFC 5802. Any thread. */
public enum ScramMechanism {
    SHA_256("SCRAM-SHA-256", "SHA-256", "SHA256", 32),
    SHA_512("SCRAM-SHA-512", "SHA-512", "SHA512", 64);

    private static final byte[] CLIENT_KEY = "Client Key".getBytes(StandardCharsets.US_ASCII);
    private static final byte[] SERVER_KEY = "Server Key".getBytes(StandardCharsets.US_ASCII);

    private final String text;
    private final String hash;
    private final String suffix;
    private final int bytes;

    ScramMechanism(String text, String hash, String suffix, int bytes) {
        this.text = text;
        this.hash = hash;
        this.suffix = suffix;
        this.bytes = bytes;
    }

    /** As SASL calls it. */
    public String text() {
        return text;
    }

    /** Of keys and signatures. */
    public int bytes() {
        return bytes;
    }

    public static Optional<ScramMechanism> of(String text) {
        for (ScramMechanism each : values()) {
            if (each.text.equals(text)) {
                return Optional.of(each);
            }
        }
        return Optional.empty();
    }

    /** What costs time: {@code iterations} rounds of the hash. Passwords are taken as their UTF-8 bytes. */
    public byte[] saltedPassword(String password, byte[] salt, int iterations) {
        PBEKeySpec spec = new PBEKeySpec(password.toCharArray(), salt, iterations, bytes * Byte.SIZE);
        try {
            return SecretKeyFactory.getInstance("PBKDF2WithHmac" + suffix)
                    .generateSecret(spec)
                    .getEncoded();
        } catch (GeneralSecurityException e) {
            throw missing(e);
        } finally {
            spec.clearPassword();
        }
    }

    public byte[] clientKey(byte[] saltedPassword) {
        return hmac(saltedPassword, CLIENT_KEY);
    }

    public byte[] serverKey(byte[] saltedPassword) {
        return hmac(saltedPassword, SERVER_KEY);
    }

    public byte[] hash(byte[] of) {
        try {
            return MessageDigest.getInstance(hash).digest(of);
        } catch (GeneralSecurityException e) {
            throw missing(e);
        }
    }

    public byte[] hmac(byte[] key, byte[] of) {
        try {
            String algorithm = "Hmac" + suffix;
            Mac mac = Mac.getInstance(algorithm);
            mac.init(new SecretKeySpec(key, algorithm));
            return mac.doFinal(of);
        } catch (GeneralSecurityException e) {
            throw missing(e);
        }
    }

    private IllegalStateException missing(GeneralSecurityException cause) {
        return new IllegalStateException("every Java runtime has what " + text + " needs", cause);
    }
}
