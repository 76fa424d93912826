package io.penstock.broker.replication;

import io.penstock.broker.partition.PartitionKey;
import io.penstock.protocol.message.PenstockError;
import io.penstock.protocol.message.ReplicaLogPosition;
import io.penstock.protocol.message.ReplicaLogRow;
import io.penstock.protocol.message.ReplicaLogRow.State;
import io.penstock.protocol.message.ReplicaPosition;
import io.penstock.protocol.message.ReplicaRow;
import io.penstock.storage.log.AppendOrigin;
import io.penstock.storage.log.LogId;
import io.penstock.storage.log.PartitionLog;
import java.io.IOException;
import java.util.concurrent.TimeUnit;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * One partition that follows one leader in one epoch: takes what the fetcher brings, cuts its logs where the leader
 * says that they part, and tells how far it is. Owner thread only; made and ended by its {@link Replica}.
 */
final class FollowerState {
    private static final Logger log = LoggerFactory.getLogger(FollowerState.class);
    private static final long PAUSE_MIN_NANOS = TimeUnit.MILLISECONDS.toNanos(20);
    private static final long PAUSE_MAX_NANOS = TimeUnit.SECONDS.toNanos(1);
    /** So often a throttled replica looks again: the rate may have been changed. */
    private static final long THROTTLE_LOOK_NANOS = TimeUnit.MILLISECONDS.toNanos(500);

    private final Replica replica;
    private final ReplicaContext context;
    private final ReplicaFetcher fetcher;
    private final int epoch;
    private long recordsHighWatermark;
    private long ledgerHighWatermark;
    private long pauseNanos;
    /** It took as much as it may for now: the leader is told later. */
    private boolean throttled;

    private boolean ended;

    FollowerState(
            Replica replica,
            ReplicaContext context,
            ReplicaFetcher fetcher,
            int epoch,
            long recordsHighWatermark,
            long ledgerHighWatermark) {
        this.replica = replica;
        this.context = context;
        this.fetcher = fetcher;
        this.epoch = epoch;
        this.recordsHighWatermark = recordsHighWatermark;
        this.ledgerHighWatermark = ledgerHighWatermark;
    }

    long recordsHighWatermark() {
        return recordsHighWatermark;
    }

    long ledgerHighWatermark() {
        return ledgerHighWatermark;
    }

    void start() {
        try {
            keep(replica.records(), recordsHighWatermark);
            if (replica.ledger() != null) {
                keep(replica.ledger(), ledgerHighWatermark);
            }
        } catch (IOException e) {
            failed(e);
            return;
        }
        whenDurable(() -> {});
    }

    private void keep(PartitionLog own, long highWatermark) throws IOException {
        long kept = context.rules().keptAtNewEpoch(own, highWatermark);
        if (kept < own.endOffset()) {
            own.truncateTo(Math.max(kept, own.startOffset()));
        }
    }

    /**
     * Takes what the leader said.
     *
     * @param done runs when it is safe here as the logs' flush policy asks, or will never be
     */
    void take(ReplicaRow row, Runnable done) {
        if (ended || row.leaderEpoch() != epoch || replica.records() == null) {
            done.run();
            return;
        }
        if (row.error() != PenstockError.NONE) {
            log.debug("{}: broker {} says {}", replica, fetcher.leaderId(), row.error());
            comeAgain();
            done.run();
            return;
        }
        try {
            takeRecords(row, done);
        } catch (IOException e) {
            failed(e);
            done.run();
        }
    }

    private void takeRecords(ReplicaRow row, Runnable done) throws IOException {
        ReplicaLogRow records = row.records();
        if (isStale(replica.records(), records) || isStale(replica.ledger(), row.ledger())) {
            whenDurable(done);
            return;
        }
        if (take(replica.records(), records)) {
            recordsHighWatermark = Math.max(
                    recordsHighWatermark,
                    Math.min(records.highWatermark(), replica.records().endOffset()));
        } else {
            makeAnew(LogId.Kind.RECORDS, records.epochEnd(), done);
            return;
        }
        ReplicaLogRow ledger = row.ledger();
        boolean empty = ledger.state() == State.FITS && !ledger.batches().hasRemaining() && ledger.startOffset() == 0;
        if (replica.ledger() != null) {
            takeLedger(ledger, done);
        } else if (empty) {
            whenDurable(done);
        } else {
            // The batches are the frame's, which is kept until all that it brought is done.
            replica.openLedger().whenComplete((opened, failure) -> {
                try {
                    if (ended || failure != null) {
                        if (failure != null) {
                            failed(new IOException("the ledger cannot be opened", failure));
                        }
                        done.run();
                    } else {
                        takeLedger(ledger, done);
                    }
                } catch (IOException e) {
                    failed(e);
                    done.run();
                }
            });
        }
    }

    /** It answers what was told before the log was changed: told again, it will be answered again. */
    private static boolean isStale(PartitionLog own, ReplicaLogRow row) {
        return row.offset() != (own == null ? 0 : own.endOffset());
    }

    private void takeLedger(ReplicaLogRow ledger, Runnable done) throws IOException {
        if (take(replica.ledger(), ledger)) {
            ledgerHighWatermark = Math.max(
                    ledgerHighWatermark,
                    Math.min(ledger.highWatermark(), replica.ledger().endOffset()));
            whenDurable(done);
        } else {
            makeAnew(LogId.Kind.LEDGER, ledger.epochEnd(), done);
        }
    }

    /** @return false when the log must be made anew at the row's {@code epochEnd} */
    private boolean take(PartitionLog own, ReplicaLogRow row) throws IOException {
        switch (row.state()) {
            case OUT_OF_RANGE -> {
                return false;
            }
            case DIVERGING -> {
                long end = context.rules().cut(own, row.epoch(), row.epochEnd());
                if (end < own.startOffset()) {
                    end = own.startOffset();
                }
                log.info("{} is cut from {} to {} in epoch {}", own.id(), own.endOffset(), end, epoch);
                own.truncateTo(end);
            }
            case FITS -> {
                if (row.batches().hasRemaining()) {
                    if (replica.throttledAsFollower()) {
                        context.followerRate()
                                .took(row.batches().remaining(), context.clock().nanos());
                    }
                    own.append(row.batches(), epoch, AppendOrigin.REPLICATION);
                }
            }
        }
        long start = Math.min(row.startOffset(), own.endOffset());
        if (start > own.startOffset()) {
            own.advanceStartOffset(start);
        }
        return true;
    }

    private void makeAnew(LogId.Kind kind, long offset, Runnable done) {
        if (kind == LogId.Kind.RECORDS) {
            recordsHighWatermark = 0;
        } else {
            ledgerHighWatermark = 0;
        }
        replica.makeAnew(kind, offset, () -> {
            if (!ended && replica.records() == null) {
                replica.followAgain(this);
            } else if (!ended) {
                whenDurable(() -> {});
            }
        });
        done.run();
    }

    /** Tells the leader how far the logs are, when they are so as their flush policy asks. */
    private void whenDurable(Runnable done) {
        PartitionLog records = replica.records();
        PartitionLog ledger = replica.ledger();
        records.onDurable(failure -> {
            if (failure != null) {
                failed(failure);
                done.run();
            } else if (ledger == null) {
                tell();
                done.run();
            } else {
                ledger.onDurable(alsoFailure -> {
                    if (alsoFailure != null) {
                        failed(alsoFailure);
                    } else {
                        tell();
                    }
                    done.run();
                });
            }
        });
    }

    private void tell() {
        if (!ended && !throttle()) {
            pauseNanos = 0;
            fetcher.fetch(replica, position());
        }
    }

    /** While its position is not told nothing more comes. Who is in sync never waits. */
    private boolean throttle() {
        long waitNanos = replica.throttledAsFollower()
                ? context.followerRate().waitNanos(context.clock().nanos())
                : 0;
        if (waitNanos > 0 && !throttled) {
            throttled = true;
            replica.owner().schedule(this::goOn, Math.min(waitNanos, THROTTLE_LOOK_NANOS));
        }
        return waitNanos > 0;
    }

    /** The rate may allow more, or this replica is in sync by now. */
    void goOn() {
        if (throttled && !ended) {
            throttled = false;
            if (replica.records() != null) {
                tell();
            }
        }
    }

    private ReplicaPosition position() {
        PartitionKey key = replica.key();
        return new ReplicaPosition(
                key.topicId(), key.index(), epoch, position(replica.records()), position(replica.ledger()));
    }

    private static ReplicaLogPosition position(PartitionLog own) {
        if (own == null) {
            return new ReplicaLogPosition(0, -1);
        }
        long end = own.endOffset();
        // Of the last record, not of an epoch that has none yet.
        return new ReplicaLogPosition(end, own.epochAt(end - 1).orElse(-1));
    }

    /** The leader cannot answer for this partition now: perhaps it, or this broker, does not know of the other yet. */
    private void comeAgain() {
        pauseNanos = Math.min(PAUSE_MAX_NANOS, Math.max(PAUSE_MIN_NANOS, 2 * pauseNanos));
        long pause = pauseNanos;
        replica.owner()
                .schedule(
                        () -> {
                            replica.lookAgain();
                            if (!ended) {
                                fetcher.fetch(replica, position());
                                pauseNanos = pause;
                            }
                        },
                        pause);
    }

    private void failed(IOException cause) {
        if (ended) {
            return;
        }
        log.warn("{} cannot follow for now: {}", replica, cause.toString());
        replica.failed(cause);
        replica.followAgain(this);
    }

    void end() {
        ended = true;
        fetcher.forget(replica);
    }
}
