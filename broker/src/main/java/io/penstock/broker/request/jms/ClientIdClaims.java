package io.penstock.broker.request.jms;

import io.penstock.broker.metadata.BrokerImage;
import io.penstock.broker.metadata.MetadataStore;
import io.penstock.protocol.message.PenstockError;
import io.penstock.storage.time.Clock;
import io.penstock.storage.time.Owner;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Client ids over several brokers (JMS-RULES 13): a connection that this broker lets in must have its id in the whole cluster.
 * A broker that is alone asks nobody; when others join, its connections claim theirs. Any thread may call.
 */
final class ClientIdClaims {
    private static final Logger LOG = LoggerFactory.getLogger(ClientIdClaims.class);
    private static final long RENEW_NANOS = TimeUnit.SECONDS.toNanos(1);
    private static final long PAUSE_NANOS = TimeUnit.MILLISECONDS.toNanos(100);

    private final MetadataStore metadata;
    private final int brokerId;
    private final Clock clock;
    private final long patienceNanos;
    /** Some may be claimed, also when the other brokers have gone since. */
    private volatile boolean claimed;

    private boolean alone = true;
    private long epoch = -1;

    /** @param graceMillis how long another broker holds the connection of a client that has gone */
    ClientIdClaims(MetadataStore metadata, int brokerId, Clock clock, long graceMillis) {
        this.metadata = metadata;
        this.brokerId = brokerId;
        this.clock = clock;
        this.patienceNanos = TimeUnit.MILLISECONDS.toNanos(graceMillis) + 3 * PAUSE_NANOS;
    }

    boolean areNeeded() {
        return metadata.image().brokers().size() > 1;
    }

    /**
     * Claims an id; a holder that is about to be given up is waited for.
     *
     * @param on where it is tried again
     * @param told told null when the connection has it, else why not; on any thread
     */
    void claim(String clientId, long connection, Owner on, Consumer<FrontException> told) {
        claim(clientId, connection, on, clock.nanos() + patienceNanos, told);
    }

    private void claim(String clientId, long connection, Owner on, long deadlineNanos, Consumer<FrontException> told) {
        claimed = true;
        metadata.claimClientId(clientId, connection).whenComplete((has, failure) -> {
            if (failure != null) {
                told.accept(new FrontException(FrontErrors.error(failure), FrontErrors.message(failure)));
            } else if (has) {
                told.accept(null);
            } else if (clock.nanos() - deadlineNanos < 0) {
                on.schedule(() -> claim(clientId, connection, on, deadlineNanos, told), PAUSE_NANOS);
            } else {
                told.accept(inUse(clientId));
            }
        });
    }

    static FrontException inUse(String clientId) {
        return new FrontException(
                PenstockError.INVALID_CLIENT_ID, "client id " + clientId + " is in use by another connection");
    }

    void release(JmsConnection connection) {
        release(connection.clientId(), connection.number());
    }

    /** Nobody was let in with it. */
    void release(String clientId, long connection) {
        if (clientId != null && claimed) {
            metadata.releaseClientId(clientId, connection);
        }
    }

    /** Whether what is claimed must be claimed anew: others have joined, or the session with the authority is another one. */
    boolean mustRenew() {
        Optional<BrokerImage> self = metadata.image().broker(brokerId);
        long now = self.map(BrokerImage::epoch).orElse(epoch);
        boolean joined = alone && areNeeded();
        boolean anew = now != epoch;
        alone = !areNeeded();
        epoch = now;
        return (joined || anew) && !alone;
    }

    /** @param lost told when another connection has it */
    void renew(JmsConnection connection, Runnable lost) {
        if (connection.state() == JmsConnection.State.CLOSED) {
            return;
        }
        claimed = true;
        metadata.claimClientId(connection.clientId(), connection.number()).whenComplete((has, failure) -> {
            if (failure != null) {
                LOG.warn("{} does not have its client id yet: {}", connection, failure.toString());
                connection.owner().schedule(() -> renew(connection, lost), RENEW_NANOS);
            } else if (!has) {
                lost.run();
            } else if (connection.state() == JmsConnection.State.CLOSED) {
                release(connection); // It ended meanwhile, perhaps before it had what it then gave back.
            }
        });
    }
}
