package io.penstock.broker.request.login;

import io.penstock.broker.request.ClientConnection;
import io.penstock.broker.request.KafkaHandler;
import io.penstock.broker.request.PrivateHandler;
import io.penstock.broker.security.LiveUsers;
import io.penstock.broker.security.UserNames;
import io.penstock.protocol.scram.ScramMechanism;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.Executor;
import java.util.concurrent.RejectedExecutionException;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The logins in progress, one for each connection at most, which the number of connections that have not logged in bounds.
 *
 * <pre>
 *   (not in) --begin--> exchange --step, step ...--> in, as the user
 *                          | refused
 *                          +--------------------------> the connection is closed
 * </pre>
 *
 * Event loops call.
 */
public final class Logins {
    private static final Logger LOG = LoggerFactory.getLogger(Logins.class);

    /** What one step of an exchange leads to; on the thread of logins, or at once. */
    interface Step {
        /** @param complete the connection is now the user's */
        void answered(byte[] token, boolean complete);

        /** The connection is to be closed when that is said. */
        void refused(String why);
    }

    private final LiveUsers users;
    private final Executor thread;
    private final Executor passwords;
    private final Map<String, SaslExchange> exchanges = new ConcurrentHashMap<>();

    /** As the other one, with one executor for both. */
    public Logins(LiveUsers users, Executor thread) {
        this(users, thread, thread);
    }

    /**
     * @param thread takes one task after the other, or rejects them
     * @param passwords the same, for checks of PLAIN passwords: strangers can ask for many, and brokers do not wait behind them
     */
    public Logins(LiveUsers users, Executor thread, Executor passwords) {
        this.users = users;
        this.thread = thread;
        this.passwords = passwords;
    }

    public LiveUsers users() {
        return users;
    }

    public List<KafkaHandler<?>> kafkaHandlers() {
        return List.of(new SaslHandshakeHandler(this), new SaslAuthenticateHandler(this));
    }

    public PrivateHandler privateHandler() {
        return new AuthenticateHandler(this);
    }

    /** Whether there is anybody who could log in. */
    boolean hasUsers() {
        return !users.isEmpty();
    }

    /** Of users, strongest first. */
    List<String> mechanisms() {
        return hasUsers()
                ? List.of(ScramMechanism.SHA_512.text(), ScramMechanism.SHA_256.text(), SaslExchange.PLAIN)
                : List.of();
    }

    /**
     * Begins an exchange; one that was begun before is forgotten.
     *
     * @return false for a mechanism that is not spoken, or who has logged in already
     */
    boolean begin(ClientConnection connection, String mechanism) {
        SaslExchange exchange = mayBegin(connection) ? SaslExchange.of(mechanism, users) : null;
        if (exchange == null) {
            return false;
        }
        if (exchanges.put(connection.id(), exchange) == null) {
            connection.onClose(() -> exchanges.remove(connection.id()));
        }
        return true;
    }

    /** Once somebody, a connection does not become somebody else. */
    private static boolean mayBegin(ClientConnection connection) {
        return !connection.admitted() || connection.principal().equals(UserNames.ANONYMOUS);
    }

    boolean hasBegun(ClientConnection connection, String mechanism) {
        SaslExchange exchange = exchanges.get(connection.id());
        return exchange != null && exchange.mechanism().equals(mechanism);
    }

    /** Goes on with the connection's exchange. On its loop. */
    void step(ClientConnection connection, byte[] token, Step step) {
        SaslExchange exchange = exchanges.get(connection.id());
        if (exchange == null) {
            step.refused("no mechanism has been agreed on");
            return;
        }
        if (!exchange.begin()) {
            step.refused("a step of a login comes after the answer to the one before");
            return;
        }
        try {
            (exchange.hashesHere() ? passwords : thread).execute(() -> work(connection, exchange, token, step));
        } catch (RejectedExecutionException e) {
            exchanges.remove(connection.id(), exchange);
            step.refused("too many logins at once");
        }
    }

    private void work(ClientConnection connection, SaslExchange exchange, byte[] token, Step step) {
        byte[] answer;
        try {
            answer = exchange.answer(token);
        } catch (LoginFailedException e) {
            exchanges.remove(connection.id(), exchange);
            LOG.info("{} is not let in as {} by {}", connection, exchange.claimed(), exchange.mechanism());
            step.refused(e.getMessage());
            return;
        } catch (RuntimeException | Error e) {
            exchanges.remove(connection.id(), exchange);
            LOG.error("{} could not log in as {} by {}", connection, exchange.claimed(), exchange.mechanism(), e);
            step.refused("the login could not be worked on");
            return;
        }
        boolean complete = exchange.isComplete();
        if (complete) {
            exchanges.remove(connection.id(), exchange);
            if (!admit(connection, exchange)) {
                LOG.info("{} is not let in: {} has changed meanwhile", connection, exchange.claimed());
                step.refused("invalid user name or password");
                return;
            }
            LOG.debug("{} has logged in as {} by {}", connection, exchange.claimed(), exchange.mechanism());
        }
        connection.loop().execute(exchange::end);
        step.answered(answer, complete);
    }

    /** Looks twice: who ends the connections of users that are gone sees this one only when it is let in. */
    private static boolean admit(ClientConnection connection, SaslExchange exchange) {
        if (!exchange.counts()) {
            return false;
        }
        connection.admit(exchange.principal());
        return exchange.counts();
    }
}
