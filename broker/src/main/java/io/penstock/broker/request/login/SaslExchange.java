package io.penstock.broker.request.login;

import io.penstock.broker.security.LiveUsers;
import io.penstock.broker.security.UserNames;
import io.penstock.protocol.scram.ScramCredential;
import io.penstock.protocol.scram.ScramMechanism;
import java.security.NoSuchAlgorithmException;
import java.util.Map;
import javax.security.auth.callback.Callback;
import javax.security.auth.callback.NameCallback;
import javax.security.auth.callback.UnsupportedCallbackException;
import javax.security.sasl.SaslException;
import javax.security.sasl.SaslServer;
import org.apache.kafka.common.KafkaException;
import org.apache.kafka.common.security.plain.PlainAuthenticateCallback;
import org.apache.kafka.common.security.plain.internals.PlainSaslServer;
import org.apache.kafka.common.security.scram.ScramCredentialCallback;
import org.apache.kafka.common.security.scram.internals.ScramSaslServer;

/**
 * One login in progress: the server's side of a mechanism, by kafka-clients, over our users. The mechanism is one of a fixed few, and
 * nothing that a client says names a class. On the thread of logins.
 */
final class SaslExchange {
    static final String PLAIN = PlainSaslServer.PLAIN_MECHANISM;

    private final String mechanism;
    private final LiveUsers users;
    private final SaslServer server;
    private String claimed;
    /** What the login is checked against. */
    private ScramCredential found;

    /** Who has given a step to work on and has not yet had its answer; the connection's loop only. */
    private boolean busy;

    private SaslExchange(String mechanism, LiveUsers users) {
        this.mechanism = mechanism;
        this.users = users;
        this.server = server(mechanism);
    }

    /** Null for a mechanism that is not spoken. */
    static SaslExchange of(String mechanism, LiveUsers users) {
        return mechanism.equals(PLAIN) || ScramMechanism.of(mechanism).isPresent()
                ? new SaslExchange(mechanism, users)
                : null;
    }

    private SaslServer server(String of) {
        if (of.equals(PLAIN)) {
            return new PlainSaslServer(this::check);
        }
        try {
            return new ScramSaslServer(
                    org.apache.kafka.common.security.scram.internals.ScramMechanism.forMechanismName(of),
                    Map.of(),
                    this::find);
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException("every Java runtime has what " + of + " needs", e);
        }
    }

    String mechanism() {
        return mechanism;
    }

    /** Whether its steps take milliseconds of hashing here, not at the client. */
    boolean hashesHere() {
        return mechanism.equals(PLAIN);
    }

    /** Takes the exchange for one step; false when the step before is still worked on. */
    boolean begin() {
        boolean free = !busy;
        busy = true;
        return free;
    }

    void end() {
        busy = false;
    }

    /** @throws LoginFailedException after which the exchange is over */
    byte[] answer(byte[] token) throws LoginFailedException {
        try {
            byte[] answer = server.evaluateResponse(token);
            return answer == null ? new byte[0] : answer;
        } catch (SaslException | KafkaException | IllegalArgumentException e) {
            // What is malformed and what is wrong are one to a stranger; kafka-clients' texts may tell more.
            throw new LoginFailedException("invalid user name or password");
        }
    }

    boolean isComplete() {
        return server.isComplete();
    }

    /** False when the user has gone, or has got another password, since the login began. */
    boolean counts() {
        return users.credential(found.mechanism(), claimed).equals(found);
    }

    /** Who has logged in. */
    String principal() {
        return server.getAuthorizationID();
    }

    /** Who was said to log in, for a log: by a stranger, so of any length and content. */
    String claimed() {
        return UserNames.shown(claimed);
    }

    private void check(Callback[] callbacks) throws UnsupportedCallbackException {
        for (Callback each : callbacks) {
            if (each instanceof NameCallback name) {
                claimed = name.getDefaultName();
            } else if (each instanceof PlainAuthenticateCallback plain) {
                // Brokers do not log in by a password.
                found = users.credential(ScramMechanism.SHA_256, claimed);
                boolean right = users.isPassword(claimed, new String(plain.password()));
                plain.authenticated(right && !UserNames.BROKER.equals(claimed));
            } else {
                throw new UnsupportedCallbackException(each);
            }
        }
    }

    private void find(Callback[] callbacks) throws UnsupportedCallbackException {
        for (Callback each : callbacks) {
            if (each instanceof NameCallback name) {
                claimed = name.getDefaultName();
            } else if (each instanceof ScramCredentialCallback scram) {
                found = users.credential(ScramMechanism.of(mechanism).orElseThrow(), claimed);
                scram.scramCredential(new org.apache.kafka.common.security.scram.ScramCredential(
                        found.salt(), found.storedKey(), found.serverKey(), found.iterations()));
            } else {
                throw new UnsupportedCallbackException(each); // Delegation tokens.
            }
        }
    }
}
