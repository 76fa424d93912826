package io.penstock.broker.transaction.kafka;

import io.penstock.broker.shard.ShardLog;
import io.penstock.broker.shard.ShardWriter;
import io.penstock.broker.transaction.kafka.TransactionEntry.Waiting;
import io.penstock.storage.time.Owner;
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
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;

/**
 * The transactional ids of a shard with what is under way for them, and their log: one record of an id at a time, while
 * requests wait. A state counts once its record is committed. Owner thread only.
 */
final class TransactionIds {
    private static final int REWRITE_STEP = 200;
    private static final ShardWriter.Outcomes<TransactionError> OUTCOMES = new ShardWriter.Outcomes<>(
            TransactionError.NONE,
            TransactionError.COORDINATOR_NOT_AVAILABLE,
            TransactionError.INVALID_REQUEST,
            TransactionError.UNKNOWN_SERVER_ERROR,
            TransactionError.NOT_COORDINATOR);

    private final Owner owner;
    private final TransactionConfig config;
    private final TransactionShard.ProducerIds producerIds;
    private final Map<String, TransactionEntry> entries = new LinkedHashMap<>();
    private ShardLog<TransactionRecord> records;
    private ShardWriter<TransactionRecord, TransactionError> writer;
    private boolean closed;

    TransactionIds(Owner owner, TransactionConfig config, TransactionShard.ProducerIds producerIds) {
        this.owner = owner;
        this.config = config;
        this.producerIds = producerIds;
    }

    /** Applies one record of the log; only before {@link #open}. */
    void replay(TransactionRecord record) {
        if (record.value() == null) {
            entries.remove(record.id());
        } else {
            TransactionEntry entry = entries.computeIfAbsent(record.id(), TransactionEntry::new);
            entry.current = record.value();
            entry.appended = record.value();
        }
    }

    void open(ShardLog<TransactionRecord> records, Consumer<IOException> broken) {
        this.records = records;
        writer = new ShardWriter<>(records, OUTCOMES, config.compactionBytesMin(), this::liveState, broken);
    }

    boolean closed() {
        return closed;
    }

    /**
     * Why nothing may be told now of what an id's state is, NONE when it may: another broker may have taken over, and have
     * ended a transaction that is ongoing here (invariant 15). What is written first needs no such question, as then the
     * log refuses. To be asked when the answer is made, and not when the request came.
     */
    TransactionError silence() {
        if (closed) {
            return TransactionError.NOT_COORDINATOR;
        }
        return records.serving() ? TransactionError.NONE : TransactionError.COORDINATOR_NOT_AVAILABLE;
    }

    /** Who waits is told that this coordinates no more. */
    void close() {
        closed = true;
        if (writer != null) {
            writer.close();
        }
        List<TransactionEntry> all = new ArrayList<>(entries.values());
        entries.clear();
        all.forEach(TransactionEntry::refuseAll);
    }

    /** Null when nobody has it. */
    TransactionEntry get(String id) {
        return entries.get(id);
    }

    int count() {
        return entries.size();
    }

    Collection<TransactionEntry> all() {
        return entries.values();
    }

    /** An id that is busy until its first record is committed. */
    TransactionEntry make(String id) {
        TransactionEntry entry = new TransactionEntry(id);
        entries.put(id, entry);
        return entry;
    }

    /** The first record was never written. */
    void drop(TransactionEntry entry) {
        entries.remove(entry.id, entry);
        entry.refuseAll();
    }

    /** Why something cannot be had now. */
    TransactionError unavailable() {
        return closed ? TransactionError.NOT_COORDINATOR : TransactionError.COORDINATOR_LOAD_IN_PROGRESS;
    }

    /** Appends a state that nobody waits for: what comes next lies behind it. */
    void append(String id, Transaction state, Consumer<TransactionError> done) {
        writer.append(List.of(new TransactionRecord(id, state)), done);
    }

    /** Runs now, or when the id is not busy any more, or not at all: after a while it is refused. */
    void whenFree(TransactionEntry entry, Runnable task, Consumer<TransactionError> refused) {
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
    void write(TransactionEntry entry, Transaction next, Consumer<TransactionError> done) {
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

    /** The id is busy until the new producer id is there; -1 when it cannot be had, or the shard is closed. */
    void withNewId(TransactionEntry entry, Consumer<Long> task) {
        entry.writing = true;
        producerIds.next(producerId -> owner.run(() -> {
            entry.writing = false;
            task.accept(closed ? -1 : producerId);
            entry.release();
        }));
    }

    void of(String id, ProducerIdentity client, Consumer<TransactionError> reply, Consumer<TransactionEntry> task) {
        TransactionEntry entry = entries.get(id);
        if (closed || entry == null) {
            TransactionError silence = silence();
            reply.accept(silence != TransactionError.NONE ? silence : TransactionError.INVALID_PRODUCER_ID_MAPPING);
            return;
        }
        whenFree(
                entry,
                () -> {
                    ProducerIdentity now = entry.current.producer();
                    TransactionError silence = silence();
                    if (silence != TransactionError.NONE) {
                        reply.accept(silence);
                    } else if (now.producerId() != client.producerId()) {
                        reply.accept(TransactionError.INVALID_PRODUCER_ID_MAPPING);
                    } else if (now.epoch() != client.epoch()) {
                        reply.accept(TransactionError.PRODUCER_FENCED);
                    } else {
                        task.accept(entry);
                    }
                },
                reply);
    }

    void forget(TransactionEntry entry) {
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
}
