package io.penstock.broker.transaction.kafka;

import io.penstock.broker.shard.ShardLog;
import io.penstock.broker.shard.ShardWriter;
import io.penstock.broker.transaction.kafka.TransactionEntry.Waiting;
import io.penstock.storage.time.Clock;
import io.penstock.storage.time.Owner;
import io.penstock.storage.time.Owner.Cancellable;
import java.io.IOException;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Collection;
import java.util.Iterator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.NoSuchElementException;
import java.util.Queue;
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
    private static final int REWRITE_STEP = 200;
    /** How long a partition must be known to be gone before nothing is left to be ended there. */
    private static final int GONE_AFTER_MILLIS = 5_000;

    private static final ShardWriter.Outcomes<TransactionError> OUTCOMES = new ShardWriter.Outcomes<>(
            TransactionError.NONE,
            TransactionError.COORDINATOR_NOT_AVAILABLE,
            TransactionError.INVALID_REQUEST,
            TransactionError.UNKNOWN_SERVER_ERROR,
            TransactionError.NOT_COORDINATOR);

    private final int index;
    private final Owner owner;
    private final Clock clock;
    private final TransactionConfig config;
    private final MarkerPort markers;
    private final ProducerIds producerIds;
    private final int coordinatorEpoch;
    private final Map<String, TransactionEntry> entries = new LinkedHashMap<>();
    private ShardWriter<TransactionRecord, TransactionError> writer;
    private Cancellable abortTimer;
    private Cancellable expiryTimer;
    private long activeSinceMillis;
    private long decisions;
    private boolean closed;

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
        this.markers = markers;
        this.producerIds = producerIds;
        this.coordinatorEpoch = coordinatorEpoch;
    }

    // ---- life

    /** Applies one record of the log; only before {@link #activate}. */
    void replay(TransactionRecord record) {
        if (record.value() == null) {
            entries.remove(record.id());
        } else {
            TransactionEntry entry = entries.computeIfAbsent(record.id(), TransactionEntry::new);
            entry.current = record.value();
            entry.appended = record.value();
        }
    }

    void activate(ShardLog<TransactionRecord> records, Consumer<IOException> broken) {
        writer = new ShardWriter<>(records, OUTCOMES, config.compactionBytesMin(), this::liveState, broken);
        activeSinceMillis = clock.millis();
        log.info("coordinates {} transactional ids of partition {} of the transactions' topic", entries.size(), index);
        for (TransactionEntry entry : entries.values()) {
            if (entry.current.phase().prepared()) {
                sendMarkers(entry);
            }
        }
        scheduleAborts();
        scheduleExpiry();
    }

    void close() {
        if (closed) {
            return;
        }
        closed = true;
        if (abortTimer != null) {
            abortTimer.cancel();
            expiryTimer.cancel();
        }
        if (writer != null) {
            writer.close();
        }
        List<TransactionEntry> all = new ArrayList<>(entries.values());
        entries.clear();
        all.forEach(TransactionEntry::refuseAll);
    }

    /** Runs now, or when the id is not busy any more, or not at all: after a while it is refused. */
    private void whenFree(TransactionEntry entry, Runnable task, Consumer<TransactionError> refused) {
        if (!entry.busy()) {
            task.run();
            return;
        }
        Waiting waiting = new Waiting(
                task,
                () -> refused.accept(
                        closed ? TransactionError.NOT_COORDINATOR : TransactionError.CONCURRENT_TRANSACTIONS));
        if (entry.await(waiting)) {
            owner.schedule(waiting::refuse, TimeUnit.MILLISECONDS.toNanos(config.waitMillis()));
        } else {
            waiting.refuse();
        }
    }

    /** Writes the id's next state, which counts when it is committed. */
    private void write(TransactionEntry entry, Transaction next, Consumer<TransactionError> done) {
        Transaction before = entry.appended;
        entry.writing = true;
        entry.appended = next;
        writer.append(List.of(new TransactionRecord(entry.id, next)), error -> {
            entry.writing = false;
            if (error == TransactionError.NONE) {
                entry.current = next;
            } else {
                entry.appended = before;
                if (entry.current == null) {
                    entries.remove(entry.id, entry);
                }
            }
            done.accept(error);
            entry.release();
            if (entry.current == null) {
                entry.refuseAll();
            }
        });
    }

    // ---- who writes

    /**
     * Gives a client its identity, and fences whoever had the transactional id before.
     *
     * @param expected what the client was until now, {@link ProducerIdentity#NONE} for a new one
     */
    void init(String id, int timeoutMillis, ProducerIdentity expected, Consumer<InitResult> reply) {
        if (closed) {
            reply.accept(InitResult.failed(TransactionError.NOT_COORDINATOR));
        } else if (timeoutMillis <= 0 || timeoutMillis > config.timeoutMaxMillis()) {
            reply.accept(InitResult.failed(TransactionError.INVALID_TRANSACTION_TIMEOUT));
        } else if (!entries.containsKey(id)) {
            initNew(id, timeoutMillis, reply);
        } else {
            TransactionEntry entry = entries.get(id);
            whenFree(
                    entry,
                    () -> initFree(entry, timeoutMillis, expected, reply),
                    error -> reply.accept(InitResult.failed(error)));
        }
    }

    private void initNew(String id, int timeoutMillis, Consumer<InitResult> reply) {
        if (entries.size() >= config.idsMax()) {
            log.warn("partition {} of the transactions' topic has {} ids, no more are taken", index, entries.size());
            reply.accept(InitResult.failed(TransactionError.COORDINATOR_NOT_AVAILABLE));
            return;
        }
        TransactionEntry entry = new TransactionEntry(id);
        entries.put(id, entry);
        withNewId(entry, producerId -> {
            if (producerId < 0) {
                entries.remove(id, entry);
                entry.refuseAll();
                reply.accept(InitResult.failed(
                        closed ? TransactionError.NOT_COORDINATOR : TransactionError.COORDINATOR_LOAD_IN_PROGRESS));
            } else {
                write(
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

    /** The id is busy until the new producer id is there; -1 when it cannot be had, or the shard is closed. */
    private void withNewId(TransactionEntry entry, Consumer<Long> task) {
        entry.writing = true;
        producerIds.next(producerId -> owner.run(() -> {
            entry.writing = false;
            task.accept(closed ? -1 : producerId);
            entry.release();
        }));
    }

    private void initFree(
            TransactionEntry entry, int timeoutMillis, ProducerIdentity expected, Consumer<InitResult> reply) {
        Transaction now = entry.current;
        boolean known = expected.producerId() >= 0;
        if (known && !mayBe(now, expected)) {
            reply.accept(InitResult.failed(TransactionError.PRODUCER_FENCED));
        } else if (now.ongoing()) {
            fence(entry, error -> {
                if (error != TransactionError.NONE) {
                    reply.accept(InitResult.failed(error));
                    return;
                }
                whenFree(
                        entry,
                        () -> initFree(entry, timeoutMillis, expected, reply),
                        refused -> reply.accept(InitResult.failed(refused)));
            });
        } else if (known && expected.epoch() != now.producer().epoch() && expected.producerId() == idOf(now)) {
            // Its last request was answered, and the answer was lost.
            reply.accept(new InitResult(TransactionError.NONE, now.producer()));
        } else if (now.producer().exhausted()) {
            withNewId(entry, producerId -> {
                if (producerId < 0) {
                    reply.accept(InitResult.failed(
                            closed ? TransactionError.NOT_COORDINATOR : TransactionError.COORDINATOR_LOAD_IN_PROGRESS));
                } else {
                    write(
                            entry,
                            now.initialisedWith(producerId, known, timeoutMillis, clock.millis()),
                            error -> reply.accept(initialised(entry, error)));
                }
            });
        } else {
            write(
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

    /** Aborts an ongoing transaction with an epoch that nobody has (invariant 15). */
    private void fence(TransactionEntry entry, Consumer<TransactionError> done) {
        write(entry, entry.current.fenced(clock.millis()), error -> {
            if (error == TransactionError.NONE) {
                sendMarkers(entry);
            }
            done.accept(error);
        });
    }

    // ---- what it writes to

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
        of(id, client, reply, entry -> {
            Transaction now = entry.current;
            if (now.ongoing() && now.partitions().containsAll(partitions)) {
                reply.accept(TransactionError.NONE);
            } else if (now.partitions().size() + partitions.size() > config.partitionsMax()) {
                reply.accept(TransactionError.INVALID_REQUEST);
            } else {
                write(entry, now.adding(partitions, version, clock.millis()), reply);
            }
        });
    }

    /** Whether a partition is in the client's ongoing transaction: NONE or INVALID_TXN_STATE, or what is wrong else. */
    void verify(String id, ProducerIdentity client, TransactionPartition partition, Consumer<TransactionError> reply) {
        of(id, client, reply, entry -> {
            boolean in = entry.current.ongoing() && entry.current.partitions().contains(partition);
            reply.accept(in ? TransactionError.NONE : TransactionError.INVALID_TXN_STATE);
        });
    }

    private void of(
            String id, ProducerIdentity client, Consumer<TransactionError> reply, Consumer<TransactionEntry> task) {
        TransactionEntry entry = entries.get(id);
        if (closed || entry == null) {
            reply.accept(closed ? TransactionError.NOT_COORDINATOR : TransactionError.INVALID_PRODUCER_ID_MAPPING);
            return;
        }
        whenFree(
                entry,
                () -> {
                    ProducerIdentity now = entry.current.producer();
                    if (now.producerId() != client.producerId()) {
                        reply.accept(TransactionError.INVALID_PRODUCER_ID_MAPPING);
                    } else if (now.epoch() != client.epoch()) {
                        reply.accept(TransactionError.PRODUCER_FENCED);
                    } else {
                        task.accept(entry);
                    }
                },
                reply);
    }

    // ---- how it ends

    /**
     * Decides the transaction; answers as soon as the decision is committed. Markers follow.
     *
     * @param reply gets, without an error, who the client is from now on
     */
    void end(String id, ProducerIdentity client, boolean commit, int version, Consumer<InitResult> reply) {
        TransactionEntry entry = entries.get(id);
        if (closed || entry == null) {
            reply.accept(InitResult.failed(
                    closed ? TransactionError.NOT_COORDINATOR : TransactionError.INVALID_PRODUCER_ID_MAPPING));
            return;
        }
        whenFree(
                entry,
                () -> endFree(entry, client, commit, version, reply),
                error -> reply.accept(InitResult.failed(error)));
    }

    private void endFree(
            TransactionEntry entry, ProducerIdentity client, boolean commit, int version, Consumer<InitResult> reply) {
        Transaction now = entry.current;
        boolean repeated = now.repeatsEnd(client) && now.phase() != TransactionPhase.ONGOING;
        TransactionError error = TransactionError.NONE;
        if (now.producer().producerId() != client.producerId() && !repeated) {
            error = TransactionError.INVALID_PRODUCER_ID_MAPPING;
        } else if (now.producer().epoch() != client.epoch() && !repeated) {
            error = TransactionError.PRODUCER_FENCED;
        }
        if (error != TransactionError.NONE) {
            reply.accept(InitResult.failed(error));
            return;
        }
        boolean bumps = version >= Transaction.WITH_EPOCH_BUMP;
        switch (now.phase()) {
            case ONGOING -> decide(entry, commit, version, reply);
            case EMPTY -> {
                if (!commit && bumps) {
                    decide(entry, false, version, reply);
                } else {
                    reply.accept(InitResult.failed(TransactionError.INVALID_TXN_STATE));
                }
            }
            default -> {
                boolean same = commit == (now.phase() == TransactionPhase.COMPLETE_COMMIT);
                // By version 2 the same epoch is no repetition: there, that is an abort of nothing.
                if (same && (repeated || !now.bumpsEpochs())) {
                    reply.accept(new InitResult(TransactionError.NONE, now.producer()));
                } else if (!commit && now.bumpsEpochs() && bumps && !repeated) {
                    decide(entry, false, version, reply);
                } else {
                    reply.accept(InitResult.failed(TransactionError.INVALID_TXN_STATE));
                }
            }
        }
    }

    private void decide(TransactionEntry entry, boolean commit, int version, Consumer<InitResult> reply) {
        Transaction now = entry.current;
        if (version >= Transaction.WITH_EPOCH_BUMP && now.producer().exhausted()) {
            withNewId(entry, producerId -> {
                if (producerId < 0) {
                    reply.accept(InitResult.failed(
                            closed ? TransactionError.NOT_COORDINATOR : TransactionError.COORDINATOR_LOAD_IN_PROGRESS));
                } else {
                    decide(entry, now.decided(commit, version, producerId, clock.millis()), reply);
                }
            });
        } else {
            decide(entry, now.decided(commit, version, -1, clock.millis()), reply);
        }
    }

    private void decide(TransactionEntry entry, Transaction decided, Consumer<InitResult> reply) {
        write(entry, decided, error -> {
            if (error == TransactionError.NONE) {
                reply.accept(new InitResult(error, decided.afterEnd()));
                sendMarkers(entry);
            } else {
                reply.accept(InitResult.failed(error));
            }
        });
    }

    private void sendMarkers(TransactionEntry entry) {
        entry.decision = ++decisions;
        entry.markersLeft.clear();
        entry.markersLeft.addAll(entry.current.partitions());
        if (entry.markersLeft.isEmpty()) {
            complete(entry);
            return;
        }
        for (TransactionPartition partition : List.copyOf(entry.markersLeft)) {
            sendMarker(entry, entry.decision, partition);
        }
    }

    private void sendMarker(TransactionEntry entry, long decision, TransactionPartition partition) {
        if (closed || entry.decision != decision) {
            return;
        }
        Transaction decided = entry.current;
        MarkerPort.Marker marker = new MarkerPort.Marker(
                decided.producer(),
                coordinatorEpoch,
                decided.phase() == TransactionPhase.PREPARE_COMMIT,
                decided.version());
        markers.write(partition, marker, outcome -> owner.run(() -> markerEnded(entry, decision, partition, outcome)));
    }

    private void markerEnded(
            TransactionEntry entry, long decision, TransactionPartition partition, MarkerPort.Outcome outcome) {
        if (closed || entry.decision != decision || !entry.markersLeft.contains(partition)) {
            return;
        }
        if (outcome == MarkerPort.Outcome.FAILED || outcome == MarkerPort.Outcome.GONE && !sure(entry)) {
            owner.schedule(
                    () -> sendMarker(entry, decision, partition), TimeUnit.MILLISECONDS.toNanos(config.retryMillis()));
            return;
        }
        if (outcome == MarkerPort.Outcome.FENCED) {
            // Whoever wrote the newer one has ended the transaction there.
            log.warn("the marker of {} for {} came too late: a newer one is there", entry.id, partition);
        }
        entry.markersLeft.remove(partition);
        if (entry.markersLeft.isEmpty()) {
            complete(entry);
        }
    }

    /** A new coordinator may not have heard yet of a topic that the one before knew. */
    private boolean sure(TransactionEntry entry) {
        return clock.millis() - Math.max(activeSinceMillis, entry.current.updateMillis()) >= GONE_AFTER_MILLIS;
    }

    /** All markers are committed. Nobody waits for this record: what comes next is behind it in the log. */
    private void complete(TransactionEntry entry) {
        Transaction prepared = entry.current;
        Transaction complete = prepared.completed(clock.millis());
        entry.current = complete;
        entry.appended = complete;
        boolean[] refused = new boolean[1];
        writer.append(List.of(new TransactionRecord(entry.id, complete)), error -> {
            if (error != TransactionError.NONE && entry.appended == complete) {
                refused[0] = true;
            }
        });
        if (closed) {
            return;
        }
        if (refused[0]) {
            entry.current = prepared;
            entry.appended = prepared;
            owner.schedule(
                    () -> {
                        if (!closed && entry.current == prepared) {
                            complete(entry);
                        }
                    },
                    TimeUnit.MILLISECONDS.toNanos(config.retryMillis()));
        } else {
            entry.release();
        }
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
        long now = clock.millis();
        for (TransactionEntry entry : List.copyOf(entries.values())) {
            Transaction current = entry.current;
            if (!entry.busy() && current.ongoing() && now - current.startMillis() > current.timeoutMillis()) {
                log.info("aborts the transaction of {}, which is older than {} ms", entry.id, current.timeoutMillis());
                fence(entry, error -> {
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
        for (TransactionEntry entry : List.copyOf(entries.values())) {
            if (!entry.busy() && !entry.current.ongoing() && entry.current.updateMillis() <= horizon) {
                forget(entry);
            }
        }
    }

    private void forget(TransactionEntry entry) {
        entry.writing = true;
        entry.appended = null;
        writer.append(List.of(new TransactionRecord(entry.id, null)), error -> {
            entry.writing = false;
            if (error == TransactionError.NONE) {
                entries.remove(entry.id, entry);
                entry.refuseAll();
            } else {
                entry.appended = entry.current;
                entry.release();
            }
        });
    }

    // ---- description

    TransactionDescription describe(String id) {
        TransactionEntry entry = entries.get(id);
        if (closed || entry == null || entry.current == null) {
            return TransactionDescription.failed(
                    id, closed ? TransactionError.NOT_COORDINATOR : TransactionError.TRANSACTIONAL_ID_NOT_FOUND);
        }
        return describe(entry);
    }

    List<TransactionDescription> list() {
        List<TransactionDescription> all = new ArrayList<>();
        for (TransactionEntry entry : entries.values()) {
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

    /** Live state in steps, as the log's end would give it. */
    private Iterator<List<TransactionRecord>> liveState() {
        Queue<String> ids = new ArrayDeque<>(entries.keySet());
        return new Iterator<>() {
            private List<TransactionRecord> step;

            @Override
            public boolean hasNext() {
                if (step == null) {
                    step = new ArrayList<>();
                    while (step.size() < REWRITE_STEP && !ids.isEmpty()) {
                        TransactionEntry entry = entries.get(ids.remove());
                        if (entry != null && entry.appended != null) {
                            step.add(new TransactionRecord(entry.id, entry.appended));
                        }
                    }
                }
                return !step.isEmpty();
            }

            @Override
            public List<TransactionRecord> next() {
                if (!hasNext()) {
                    throw new NoSuchElementException();
                }
                List<TransactionRecord> taken = step;
                step = null;
                return taken;
            }
        };
    }

    /** For tests. */
    Collection<TransactionEntry> entries() {
        return entries.values();
    }
}
