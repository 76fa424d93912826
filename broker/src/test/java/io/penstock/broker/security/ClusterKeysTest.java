package io.penstock.broker.security;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.penstock.protocol.scram.ScramCredential;
import io.penstock.protocol.scram.ScramMechanism;
import java.security.SecureRandom;
import java.util.Arrays;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** RELIABILITY.md, Security: the same work for unknown users, and what brokers alone have (CVE-2018-1288). */
@Timeout(30)
class ClusterKeysTest {
    private static final byte[] SECRET = "a secret of thirty-two bytes....".getBytes();

    private final ClusterKeys keys = new ClusterKeys(SECRET);
    private final LiveUsers users = new LiveUsers(keys);

    /** Who asks twice, or another broker, sees the same salt, as for a user that exists. */
    @ParameterizedTest
    @EnumSource
    void anUnknownUserLooksLikeOneThatExists(ScramMechanism mechanism) {
        users.become(Users.none().with("alice", UserCredentials.of("x", 5000, new SecureRandom())));
        ScramCredential unknown = users.credential(mechanism, "mallory");
        LiveUsers elsewhere = new LiveUsers(new ClusterKeys(SECRET));
        elsewhere.become(Users.none().with("alice", UserCredentials.of("y", 5000, new SecureRandom())));

        assertEquals(unknown, users.credential(mechanism, "mallory"));
        assertEquals(unknown, elsewhere.credential(mechanism, "mallory"));
        ScramCredential known = users.credential(mechanism, "alice");
        assertEquals(known.salt().length, unknown.salt().length);
        assertEquals(known.iterations(), unknown.iterations());
        assertFalse(Arrays.equals(
                unknown.salt(), users.credential(mechanism, "mallory2").salt()));
    }

    @Test
    void noPasswordFitsAnUnknownUser() {
        assertFalse(users.isPassword("mallory", ""));
        assertFalse(users.isPassword("mallory", "mallory"));
        users.become(Users.none().with("alice", UserCredentials.of("x", 4096, new SecureRandom())));
        assertTrue(users.isPassword("alice", "x"));
        assertFalse(users.isPassword("Alice", "x"));
    }

    /** The key of brokers follows from the secret, which is not the key. */
    @Test
    void brokersOfOneClusterKnowEachOther() {
        ScramCredential here = users.credential(ScramMechanism.SHA_256, UserNames.BROKER);
        ScramCredential there =
                new LiveUsers(new ClusterKeys(SECRET)).credential(ScramMechanism.SHA_256, UserNames.BROKER);
        ScramCredential elsewhere =
                new LiveUsers(new ClusterKeys(new byte[32])).credential(ScramMechanism.SHA_256, UserNames.BROKER);

        assertEquals(here, there);
        assertNotEquals(here, elsewhere);
        assertArrayEquals(here.salt(), there.salt());
        assertFalse(
                users.isPassword(UserNames.BROKER, java.util.Base64.getEncoder().encodeToString(SECRET)));
    }
}
