package io.penstock.broker.transaction.kafka;

import io.penstock.storage.time.Clock;
import java.util.function.Consumer;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Who may write with a transactional id of a shard: InitProducerId. Owner thread only. */
final class IdentityIssue {
    private static final Logger log = LoggerFactory.getLogger(IdentityIssue.class);

    private final int index;
    private final TransactionIds ids;
    private final TransactionEnds ends;
    private final Clock clock;
    private final TransactionConfig config;

    /** @param index of the shard's partition */
    IdentityIssue(int index, TransactionIds ids, TransactionEnds ends, Clock clock, TransactionConfig config) {
        this.index = index;
        this.ids = ids;
        this.ends = ends;
        this.clock = clock;
        this.config = config;
    }

    /**
     * Gives a client its identity, and fences whoever had the transactional id before.
     *
     * @param expected what the client was until now, {@link ProducerIdentity#NONE} for a new one
     */
    void init(String id, int timeoutMillis, ProducerIdentity expected, Consumer<InitResult> reply) {
        if (ids.closed()) {
            reply.accept(InitResult.failed(TransactionError.NOT_COORDINATOR));
        } else if (timeoutMillis <= 0 || timeoutMillis > config.timeoutMaxMillis()) {
            reply.accept(InitResult.failed(TransactionError.INVALID_TRANSACTION_TIMEOUT));
        } else if (ids.get(id) == null) {
            initNew(id, timeoutMillis, reply);
        } else {
            TransactionEntry entry = ids.get(id);
            ids.whenFree(
                    entry,
                    () -> initFree(entry, timeoutMillis, expected, reply),
                    error -> reply.accept(InitResult.failed(error)));
        }
    }

    private void initNew(String id, int timeoutMillis, Consumer<InitResult> reply) {
        if (ids.count() >= config.idsMax()) {
            log.warn("partition {} of the transactions' topic has {} ids, no more are taken", index, ids.count());
            reply.accept(InitResult.failed(TransactionError.COORDINATOR_NOT_AVAILABLE));
            return;
        }
        TransactionEntry entry = ids.make(id);
        ids.withNewId(entry, producerId -> {
            if (producerId < 0) {
                ids.drop(entry);
                reply.accept(InitResult.failed(ids.unavailable()));
            } else {
                ids.write(
                        entry,
                        Transaction.first(producerId, timeoutMillis, clock.millis()),
                        error -> reply.accept(initialised(entry, error)));
            }
        });
    }

    private static InitResult initialised(TransactionEntry entry, TransactionError error) {
        return error == TransactionError.NONE
                ? new InitResult(error, entry.current.producer())
                : InitResult.failed(error);
    }

    private void initFree(
            TransactionEntry entry, int timeoutMillis, ProducerIdentity expected, Consumer<InitResult> reply) {
        Transaction now = entry.current;
        boolean known = expected.producerId() >= 0;
        TransactionError silence = ids.silence();
        if (silence != TransactionError.NONE) {
            reply.accept(InitResult.failed(silence));
        } else if (known && !mayBe(now, expected)) {
            reply.accept(InitResult.failed(TransactionError.PRODUCER_FENCED));
        } else if (now.ongoing()) {
            ends.fence(entry, error -> {
                if (error != TransactionError.NONE) {
                    reply.accept(InitResult.failed(error));
                    return;
                }
                ids.whenFree(
                        entry,
                        () -> initFree(entry, timeoutMillis, expected, reply),
                        refused -> reply.accept(InitResult.failed(refused)));
            });
        } else if (known && expected.epoch() != now.producer().epoch() && expected.producerId() == idOf(now)) {
            // Its last request was answered, and the answer was lost.
            reply.accept(new InitResult(TransactionError.NONE, now.producer()));
        } else if (now.producer().exhausted()) {
            ids.withNewId(entry, producerId -> {
                if (producerId < 0) {
                    reply.accept(InitResult.failed(ids.unavailable()));
                } else {
                    ids.write(
                            entry,
                            now.initialisedWith(producerId, known, timeoutMillis, clock.millis()),
                            error -> reply.accept(initialised(entry, error)));
                }
            });
        } else {
            ids.write(
                    entry,
                    now.initialised(known, timeoutMillis, clock.millis()),
                    error -> reply.accept(initialised(entry, error)));
        }
    }

    private static long idOf(Transaction of) {
        return of.producer().producerId();
    }

    /** Whether a client that was {@code expected} is the one that has the id now, or was just before its last request. */
    private static boolean mayBe(Transaction now, ProducerIdentity expected) {
        boolean current = expected.equals(now.producer());
        boolean before =
                expected.producerId() == idOf(now) && now.lastEpoch() >= 0 && expected.epoch() == now.lastEpoch();
        boolean rotated = expected.producerId() == now.previousProducerId()
                && expected.exhausted()
                && now.producer().epoch() == 0;
        return current || before || rotated;
    }
}
