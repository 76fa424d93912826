package io.penstock.broker.wire;

import io.penstock.broker.security.ClusterKeys;
import io.penstock.protocol.message.AuthenticateRequest;
import io.penstock.protocol.message.AuthenticateResponse;
import io.penstock.protocol.scram.ScramClient;
import io.penstock.protocol.scram.ScramException;
import java.nio.ByteBuffer;

/**
 * How a broker says to another that it is one, and sees that the other is one too: SCRAM with what the cluster's brokers share. One for
 * each connection; on its loop.
 *
 * <pre>
 * first() --answer--> next() --answer--> next() == null: both know each other
 * </pre>
 */
final class PeerLogin {
    private final ScramClient scram;
    private boolean proven;

    PeerLogin(ClusterKeys keys) {
        this.scram = keys.login();
    }

    AuthenticateRequest first() {
        return ask(scram.first());
    }

    /**
     * What to send after an answer; null when nothing is left to say.
     *
     * @throws ScramException when the other is no broker of this cluster
     */
    AuthenticateRequest next(ByteBuffer answer) throws ScramException {
        AuthenticateResponse response = AuthenticateResponse.read(answer, (short) 0);
        if (proven) {
            scram.verify(response.token());
            return null;
        }
        proven = true;
        return ask(scram.last(response.token()));
    }

    private AuthenticateRequest ask(ByteBuffer token) {
        return new AuthenticateRequest(scram.mechanism().text(), token);
    }
}
