package io.penstock.broker.request.login;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.penstock.broker.request.ClientConnection;
import io.penstock.broker.security.ClusterKeys;
import io.penstock.broker.security.LiveUsers;
import io.penstock.broker.security.UserCredentials;
import io.penstock.broker.security.Users;
import io.penstock.protocol.scram.ScramClient;
import io.penstock.protocol.scram.ScramCredential;
import io.penstock.protocol.scram.ScramException;
import io.penstock.protocol.scram.ScramMechanism;
import io.penstock.storage.simulation.SimulatedOwner;
import io.penstock.storage.simulation.SimulatedTime;
import io.penstock.storage.time.Owner;
import java.net.InetSocketAddress;
import java.net.SocketAddress;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.security.SecureRandom;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** RELIABILITY.md, security: whose login counts, and who waits for whom. */
@Timeout(20)
class LoginsTest {
    private final SimulatedTime time = new SimulatedTime(1);
    private final SimulatedOwner loop = new SimulatedOwner(time, "loop");
    private final LiveUsers users = new LiveUsers(new ClusterKeys(new byte[32]));
    private final List<Runnable> passwordsToCheck = new ArrayList<>();
    private final Logins logins = new Logins(users, Runnable::run, passwordsToCheck::add);
    private final Peer peer = new Peer("1");

    LoginsTest() {
        users.become(Users.none().with("alice", credentials("secret")));
    }

    private static UserCredentials credentials(String password) {
        return UserCredentials.of(password, ScramCredential.ITERATIONS_MIN, new SecureRandom());
    }

    @Test
    void whoKnowsThePasswordIsLetIn() throws ScramException {
        Scram login = new Scram("secret");

        login.first();
        login.last();

        assertTrue(login.complete);
        assertEquals("alice", peer.user);
    }

    @Test
    void aPasswordThatIsChangedBetweenTheStepsOfALoginDoesNotCount() throws ScramException {
        Scram login = new Scram("secret");
        login.first();

        users.become(Users.none().with("alice", credentials("another")));
        login.last();

        assertNotNull(login.refusal);
        assertNull(peer.user);
    }

    @Test
    void aUserThatIsRemovedBetweenTheStepsOfALoginIsNotLetIn() throws ScramException {
        Scram login = new Scram("secret");
        login.first();

        users.become(Users.none());
        login.last();

        assertNotNull(login.refusal);
        assertNull(peer.user);
    }

    @Test
    void otherLoginsDoNotWaitForPasswordsToBeHashed() throws ScramException {
        for (String stranger : List.of("2", "3", "4")) {
            Peer from = new Peer(stranger);
            assertTrue(logins.begin(from, "PLAIN"));
            logins.step(from, plain("guess"), new Answer());
        }

        Scram login = new Scram("secret");
        login.first();
        login.last();

        assertEquals("alice", peer.user);
        assertEquals(3, passwordsToCheck.size());
    }

    @Test
    void aPasswordIsCheckedOnItsThread() {
        Answer right = new Answer();
        assertTrue(logins.begin(peer, "PLAIN"));
        logins.step(peer, plain("secret"), right);
        assertFalse(right.complete);

        passwordsToCheck.get(0).run();

        assertTrue(right.complete);
        assertArrayEquals(new byte[0], right.token);
        assertEquals("alice", peer.user);
    }

    private static byte[] plain(String password) {
        return ("\0alice\0" + password).getBytes(StandardCharsets.UTF_8);
    }

    private static class Answer implements Logins.Step {
        byte[] token;
        boolean complete;
        String refusal;

        @Override
        public void answered(byte[] answer, boolean last) {
            token = answer;
            complete = last;
        }

        @Override
        public void refused(String why) {
            refusal = why;
        }
    }

    /** Alice's login over the connection. */
    private final class Scram extends Answer {
        private final ScramClient client;

        Scram(String password) {
            this.client = new ScramClient(
                    ScramMechanism.SHA_256,
                    "alice",
                    (salt, iterations) -> ScramMechanism.SHA_256.saltedPassword(password, salt, iterations),
                    new byte[ScramClient.NONCE_BYTES]);
            assertTrue(logins.begin(peer, ScramMechanism.SHA_256.text()));
        }

        void first() {
            say(client.first());
            time.runFor(1_000_000); // The exchange is free for the next step then.
        }

        void last() throws ScramException {
            say(client.last(ByteBuffer.wrap(token)));
        }

        private void say(ByteBuffer step) {
            byte[] bytes = new byte[step.remaining()];
            step.get(bytes);
            logins.step(peer, bytes, this);
        }
    }

    /** A connection that nobody has logged in over. */
    private final class Peer implements ClientConnection {
        private final String id;
        private String user;

        Peer(String id) {
            this.id = id;
        }

        @Override
        public String id() {
            return id;
        }

        @Override
        public Owner loop() {
            return loop;
        }

        @Override
        public SocketAddress remoteAddress() {
            return InetSocketAddress.createUnresolved("peer", 1);
        }

        @Override
        public String principal() {
            return user == null ? "ANONYMOUS" : user;
        }

        @Override
        public boolean admitted() {
            return user != null;
        }

        @Override
        public void admit(String principal) {
            user = principal;
        }

        @Override
        public void send(OutgoingFrame frame) {
            throw new AssertionError("logins answer by their steps");
        }

        @Override
        public boolean writable() {
            return true;
        }

        @Override
        public void onWritable(Runnable listener) {}

        @Override
        public void onClose(Runnable listener) {}

        @Override
        public void close(String reason) {}
    }
}
