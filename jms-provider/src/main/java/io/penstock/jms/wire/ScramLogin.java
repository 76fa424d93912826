package io.penstock.jms.wire;

import io.penstock.jms.client.ConnectionSettings;
import io.penstock.protocol.message.AuthenticateRequest;
import io.penstock.protocol.message.AuthenticateResponse;
import io.penstock.protocol.scram.ScramClient;
import io.penstock.protocol.scram.ScramException;
import io.penstock.protocol.scram.ScramMechanism;
import jakarta.jms.JMSSecurityException;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.security.SecureRandom;

/**
 * Logs in over a new socket by SCRAM-SHA-256: the password does not travel, and the broker has to show that it knows the user. On the
 * thread that connects, for some milliseconds.
 */
final class ScramLogin {
    private static final ScramMechanism MECHANISM = ScramMechanism.SHA_256;
    private static final SecureRandom RANDOM = new SecureRandom();

    /** Asks the broker, and waits for the answer. */
    @FunctionalInterface
    interface Asking {
        ByteBuffer answer(AuthenticateRequest step) throws IOException;
    }

    private final ConnectionSettings settings;
    private final String peer;
    private final Asking asking;

    ScramLogin(ConnectionSettings settings, String peer, Asking asking) {
        this.settings = settings;
        this.peer = peer;
        this.asking = asking;
    }

    /**
     * Returns when both believe each other.
     *
     * @throws JMSSecurityException when the broker is not believed
     * @throws IOException when the broker does not believe us, or the socket has gone
     */
    void run() throws IOException, JMSSecurityException {
        String password = settings.password() == null ? "" : settings.password();
        byte[] nonce = new byte[ScramClient.NONCE_BYTES];
        RANDOM.nextBytes(nonce);
        ScramClient scram = new ScramClient(
                MECHANISM,
                settings.user(),
                (salt, iterations) -> MECHANISM.saltedPassword(password, salt, iterations),
                nonce);
        try {
            ByteBuffer serverFirst = ask(scram.first()).token();
            AuthenticateResponse last = ask(scram.last(serverFirst));
            scram.verify(last.token());
            if (!last.complete()) {
                throw new JMSSecurityException(
                        "the broker at " + peer + " wants more than a password", "NOT_AUTHENTICATED");
            }
        } catch (ScramException e) {
            JMSSecurityException failed = new JMSSecurityException(
                    "the broker at " + peer + " is not trusted: " + e.getMessage(), "NOT_AUTHENTICATED");
            failed.initCause(e);
            throw failed;
        }
    }

    private AuthenticateResponse ask(ByteBuffer token) throws IOException {
        return AuthenticateResponse.read(asking.answer(new AuthenticateRequest(MECHANISM.text(), token)), (short) 0);
    }
}
