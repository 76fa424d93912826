package io.penstock.broker.request.jms;

import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.security.GeneralSecurityException;
import java.security.MessageDigest;
import java.security.SecureRandom;
import java.util.Arrays;
import java.util.Base64;
import java.util.OptionalLong;
import javax.crypto.Mac;
import javax.crypto.spec.SecretKeySpec;

/**
 * Tokens of connections that outlive the broker's process: it forgets its connections with its death, and knows by its
 * signature that a token is one of its own. The ledgers know the rest by the connection's number.
 *
 * <pre>
 * base64url( number int64 | 12 random bytes | first 16 bytes of HMAC-SHA-256(key, the former, principal, client id) )
 * </pre>
 *
 * Any thread.
 */
final class ResumeTokens {
    private static final String ALGORITHM = "HmacSHA256";
    private static final int RANDOM_BYTES = 12;
    private static final int SIGNED_BYTES = Long.BYTES + RANDOM_BYTES;
    private static final int SIGNATURE_BYTES = 16;

    private final SecretKeySpec key;
    private final SecureRandom random = new SecureRandom();

    ResumeTokens(byte[] secret) {
        this.key = new SecretKeySpec(secret, ALGORITHM);
    }

    /** @param clientId null for a connection without one */
    String issue(long number, String principal, String clientId) {
        byte[] bytes = new byte[RANDOM_BYTES];
        random.nextBytes(bytes);
        ByteBuffer token = ByteBuffer.allocate(SIGNED_BYTES + SIGNATURE_BYTES);
        token.putLong(number).put(bytes);
        token.put(sign(token.array(), principal, clientId));
        return Base64.getUrlEncoder().withoutPadding().encodeToString(token.array());
    }

    /** The number of a connection that this broker once gave the token; empty for anything else. */
    OptionalLong number(String token, String principal, String clientId) {
        byte[] bytes;
        try {
            bytes = Base64.getUrlDecoder().decode(token);
        } catch (IllegalArgumentException e) {
            return OptionalLong.empty();
        }
        if (bytes.length != SIGNED_BYTES + SIGNATURE_BYTES) {
            return OptionalLong.empty();
        }
        byte[] signature = Arrays.copyOfRange(bytes, SIGNED_BYTES, bytes.length);
        return MessageDigest.isEqual(signature, sign(bytes, principal, clientId))
                ? OptionalLong.of(ByteBuffer.wrap(bytes).getLong())
                : OptionalLong.empty();
    }

    private byte[] sign(byte[] token, String principal, String clientId) {
        try {
            Mac mac = Mac.getInstance(ALGORITHM);
            mac.init(key);
            mac.update(token, 0, SIGNED_BYTES);
            mac.update(principal.getBytes(StandardCharsets.UTF_8));
            mac.update((byte) 0);
            mac.update((clientId == null ? "" : clientId).getBytes(StandardCharsets.UTF_8));
            return Arrays.copyOf(mac.doFinal(), SIGNATURE_BYTES);
        } catch (GeneralSecurityException e) {
            throw new IllegalStateException("every Java runtime has " + ALGORITHM, e);
        }
    }
}
