package io.penstock.broker.request.jms;

import io.penstock.broker.metadata.BrokerImage;
import io.penstock.broker.metadata.MetadataStore;
import io.penstock.protocol.message.PenstockError;
import io.penstock.storage.time.Clock;
import io.penstock.storage.time.Owner;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;

/**
 * Client ids over several brokers (JMS-RULES 13): a connection that this broker lets in must have its id in the whole cluster.
 * A broker that is alone asks nobody; when others join, its connections claim theirs. Any thread may call.
 */
final class ClientIdClaims {
    private static final long PAUSE_NANOS = TimeUnit.MILLISECONDS.toNanos(100);

    private final MetadataStore metadata;
    private final int brokerId;
    private final Clock clock;
    private final long patienceNanos;
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
     * @param claimed told null when the connection has it, else why not; on any thread
     */
    void claim(String clientId, long connection, Owner on, Consumer<FrontException> claimed) {
        claim(clientId, connection, on, clock.nanos() + patienceNanos, claimed);
    }

    private void claim(
            String clientId, long connection, Owner on, long deadlineNanos, Consumer<FrontException> claimed) {
        metadata.claimClientId(clientId, connection).whenComplete((has, failure) -> {
            if (failure != null) {
                claimed.accept(new FrontException(FrontErrors.error(failure), FrontErrors.message(failure)));
            } else if (has) {
                claimed.accept(null);
            } else if (clock.nanos() - deadlineNanos < 0) {
                on.schedule(() -> claim(clientId, connection, on, deadlineNanos, claimed), PAUSE_NANOS);
            } else {
                claimed.accept(inUse(clientId));
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
        if (clientId != null && areNeeded()) {
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
        metadata.claimClientId(connection.clientId(), connection.number()).thenAccept(has -> {
            if (!has) {
                lost.run();
            }
        });
    }
}
