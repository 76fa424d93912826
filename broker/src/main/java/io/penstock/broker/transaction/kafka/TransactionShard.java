package io.penstock.broker.transaction.kafka;

import io.penstock.broker.shard.ShardLog;
import io.penstock.storage.time.Clock;
import io.penstock.storage.time.Owner;
import io.penstock.storage.time.Owner.Cancellable;
import java.io.IOException;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.Set;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The transactional ids of one partition of {@code __transaction_state}. First {@link #replay} rebuilds them from the
 * log, then {@link #activate} opens the doors and sends the markers of what was decided; {@link #close} ends it when the
 * partition is led elsewhere or its log broke. Everything runs on the partition's owner; replies come on it too.
 *
 * <p>A state counts once its record is committed, with one exception: that a transaction is complete need not be known
 * before the id goes on, since whatever comes next is behind it in the log.
 */
final class TransactionShard {
    private static final Logger log = LoggerFactory.getLogger(TransactionShard.class);

    private final int index;
    private final Owner owner;
    private final Clock clock;
    private final TransactionConfig config;
    private final TransactionIds ids;
    private final TransactionEnds ends;
    private final IdentityIssue issue;
    private Cancellable abortTimer;
    private Cancellable expiryTimer;

    /** The port to ids that nobody ever had. */
    interface ProducerIds {
        /** @param done gets the id, or -1 when there is none now; on any thread */
        void next(Consumer<Long> done);
    }

    /** @param coordinatorEpoch the leader epoch of the partition: markers of an older one are refused by the logs */
    TransactionShard(
            int index,
            Owner owner,
            Clock clock,
            TransactionConfig config,
            MarkerPort markers,
            ProducerIds producerIds,
            int coordinatorEpoch) {
        this.index = index;
        this.owner = owner;
        this.clock = clock;
        this.config = config;
        this.ids = new TransactionIds(owner, config, producerIds);
        this.ends = new TransactionEnds(ids, owner, clock, config, markers, coordinatorEpoch);
        this.issue = new IdentityIssue(index, ids, ends, clock, config);
    }

    // ---- life

    /** Applies one record of the log; only before {@link #activate}. */
    void replay(TransactionRecord record) {
        ids.replay(record);
    }

    void activate(ShardLog<TransactionRecord> records, Consumer<IOException> broken) {
        ids.open(records, broken);
        log.info("coordinates {} transactional ids of partition {} of the transactions' topic", ids.count(), index);
        ends.resume();
        scheduleAborts();
        scheduleExpiry();
    }

    void close() {
        if (ids.closed()) {
            return;
        }
        if (abortTimer != null) {
            abortTimer.cancel();
            expiryTimer.cancel();
        }
        ids.close();
    }

    // ---- requests

    /** See {@link IdentityIssue#init}. */
    void init(String id, int timeoutMillis, ProducerIdentity expected, Consumer<InitResult> reply) {
        issue.init(id, timeoutMillis, expected, reply);
    }

    /** See {@link TransactionEnds#end}. */
    void end(String id, ProducerIdentity client, boolean commit, int version, Consumer<InitResult> reply) {
        ends.end(id, client, commit, version, reply);
    }

    /**
     * Adds partitions to the transaction, and begins one when none is ongoing; done when that is committed.
     *
     * @param version of the protocol that the client speaks
     */
    void add(
            String id,
            ProducerIdentity client,
            Set<TransactionPartition> partitions,
            int version,
            Consumer<TransactionError> reply) {
        ids.of(id, client, reply, entry -> {
            Transaction now = entry.current;
            if (now.ongoing() && now.partitions().containsAll(partitions)) {
                reply.accept(TransactionError.NONE);
            } else if (now.partitions().size() + partitions.size() > config.partitionsMax()) {
                reply.accept(TransactionError.INVALID_REQUEST);
            } else {
                ids.write(entry, now.adding(partitions, version, clock.millis()), reply);
            }
        });
    }

    /** Whether a partition is in the client's ongoing transaction: NONE or INVALID_TXN_STATE, or what is wrong else. */
    void verify(String id, ProducerIdentity client, TransactionPartition partition, Consumer<TransactionError> reply) {
        ids.of(id, client, reply, entry -> {
            boolean in = entry.current.ongoing() && entry.current.partitions().contains(partition);
            reply.accept(in ? TransactionError.NONE : TransactionError.INVALID_TXN_STATE);
        });
    }

    // ---- time

    private void scheduleAborts() {
        abortTimer = owner.schedule(
                () -> {
                    abortTimedOut();
                    scheduleAborts();
                },
                TimeUnit.MILLISECONDS.toNanos(config.abortIntervalMillis()));
    }

    void abortTimedOut() {
        for (TransactionEntry entry : List.copyOf(ids.all())) {
            Transaction current = entry.current;
            if (!entry.busy() && current.ongoing() && entry.timedOut(clock)) {
                log.info("aborts the transaction of {}, which is older than {} ms", entry.id, current.timeoutMillis());
                ends.fence(entry, error -> {
                    if (error != TransactionError.NONE) {
                        log.warn("the abort of {} is tried again: {}", entry.id, error);
                    }
                });
            }
        }
    }

    private void scheduleExpiry() {
        expiryTimer = owner.schedule(
                () -> {
                    expire();
                    scheduleExpiry();
                },
                TimeUnit.MILLISECONDS.toNanos(config.expireIntervalMillis()));
    }

    /** Forgets ids that nobody has used for long. */
    void expire() {
        long horizon = clock.millis() - config.idExpirationMillis();
        for (TransactionEntry entry : List.copyOf(ids.all())) {
            if (!entry.busy() && !entry.current.ongoing() && entry.current.updateMillis() <= horizon) {
                ids.forget(entry);
            }
        }
    }

    // ---- description

    TransactionDescription describe(String id) {
        TransactionEntry entry = ids.get(id);
        TransactionError silence = ids.silence();
        if (silence != TransactionError.NONE || entry == null || entry.current == null) {
            return TransactionDescription.failed(
                    id, silence != TransactionError.NONE ? silence : TransactionError.TRANSACTIONAL_ID_NOT_FOUND);
        }
        return describe(entry);
    }

    List<TransactionDescription> list() {
        List<TransactionDescription> all = new ArrayList<>();
        for (TransactionEntry entry : ids.all()) {
            if (entry.current != null) {
                all.add(describe(entry));
            }
        }
        return all;
    }

    private static TransactionDescription describe(TransactionEntry entry) {
        Transaction now = entry.current;
        return new TransactionDescription(
                TransactionError.NONE,
                entry.id,
                now.phase(),
                now.producer(),
                now.timeoutMillis(),
                now.startMillis(),
                now.phase().prepared() ? Set.copyOf(entry.markersLeft) : now.partitions());
    }

    /** For tests. */
    Collection<TransactionEntry> entries() {
        return ids.all();
    }
}
