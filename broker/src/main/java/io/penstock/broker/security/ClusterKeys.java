package io.penstock.broker.security;

import io.penstock.protocol.scram.ScramClient;
import io.penstock.protocol.scram.ScramCredential;
import io.penstock.protocol.scram.ScramMechanism;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.SecureRandom;
import java.util.Arrays;
import java.util.Base64;

/**
 * What follows from the secret that the brokers of a cluster share, and that no client can have: how they log in with each other, as
 * {@link UserNames#BROKER}, and what a user that does not exist seems to have. Immutable; any thread.
 */
public final class ClusterKeys {
    private static final ScramMechanism MECHANISM = ScramMechanism.SHA_256;
    private static final int SALT_BYTES = 20;

    private final byte[] saltedPassword;
    private final byte[] decoys;
    private final ScramCredential brokers;
    private final SecureRandom random = new SecureRandom();

    /** Takes some milliseconds. */
    public ClusterKeys(byte[] clusterSecret) {
        // Not the secret itself: it signs resume tokens, of which clients have many.
        String password = Base64.getEncoder().encodeToString(derived(clusterSecret, "penstock: brokers"));
        byte[] salt = Arrays.copyOf(derived(clusterSecret, "penstock: salt of brokers"), SALT_BYTES);
        this.decoys = derived(clusterSecret, "penstock: unknown users");
        this.saltedPassword = MECHANISM.saltedPassword(password, salt, ScramCredential.ITERATIONS_MIN);
        this.brokers = ScramCredential.ofSalted(MECHANISM, saltedPassword, salt, ScramCredential.ITERATIONS_MIN);
    }

    private static byte[] derived(byte[] secret, String purpose) {
        return MECHANISM.hmac(secret, purpose.getBytes(StandardCharsets.UTF_8));
    }

    /** Begins a broker's login with another one. */
    public ScramClient login() {
        byte[] nonce = new byte[ScramClient.NONCE_BYTES];
        random.nextBytes(nonce);
        return new ScramClient(MECHANISM, UserNames.BROKER, this::salted, nonce);
    }

    /** The same for every broker of the cluster; for one that asks otherwise it proves nothing. */
    private byte[] salted(byte[] salt, int iterations) {
        return MessageDigest.isEqual(salt, brokers.salt()) && iterations == brokers.iterations()
                ? saltedPassword
                : MECHANISM.hmac(decoys, salt);
    }

    /** Null for a mechanism that brokers do not use. */
    ScramCredential brokers(ScramMechanism mechanism) {
        return mechanism == MECHANISM ? brokers : null;
    }

    /** Of a user that does not exist: always the same, and no password fits. */
    ScramCredential decoy(ScramMechanism mechanism, String name, int iterations) {
        byte[] of = (mechanism.text() + '\0' + name).getBytes(StandardCharsets.UTF_8);
        byte[] seed = mechanism.hmac(decoys, of);
        byte[] salt = Arrays.copyOf(MECHANISM.hmac(seed, new byte[] {1}), SALT_BYTES);
        return new ScramCredential(
                mechanism, salt, iterations, mechanism.hmac(seed, new byte[] {2}), mechanism.hmac(seed, new byte[] {3
                }));
    }
}
