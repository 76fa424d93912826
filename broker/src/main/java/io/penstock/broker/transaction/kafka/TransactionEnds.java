package io.penstock.broker.transaction.kafka;

import io.penstock.storage.time.Clock;
import io.penstock.storage.time.Owner;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * How transactions of a shard end: the decision, answered when it is committed, then a marker in each partition, tried again
 * until it is there or the partition is gone, then the completion, which nobody waits for. Owner thread only.
 */
final class TransactionEnds {
    private static final Logger log = LoggerFactory.getLogger(TransactionEnds.class);
    /** How long a partition must be known to be gone before nothing is left to be ended there. */
    private static final int GONE_AFTER_MILLIS = 5_000;

    private final TransactionIds ids;
    private final Owner owner;
    private final Clock clock;
    private final TransactionConfig config;
    private final MarkerPort markers;
    private final int coordinatorEpoch;
    private long activeSinceMillis;
    private long decisions;

    /** @param coordinatorEpoch markers of an older one are refused by the logs */
    TransactionEnds(
            TransactionIds ids,
            Owner owner,
            Clock clock,
            TransactionConfig config,
            MarkerPort markers,
            int coordinatorEpoch) {
        this.ids = ids;
        this.owner = owner;
        this.clock = clock;
        this.config = config;
        this.markers = markers;
        this.coordinatorEpoch = coordinatorEpoch;
    }

    /** Sends the markers of what was decided before. */
    void resume() {
        activeSinceMillis = clock.millis();
        for (TransactionEntry entry : ids.all()) {
            if (entry.current.phase().prepared()) {
                sendMarkers(entry);
            }
        }
    }

    /** Aborts an ongoing transaction with an epoch that nobody has (invariant 15). */
    void fence(TransactionEntry entry, Consumer<TransactionError> done) {
        ids.write(entry, entry.current.fenced(clock.millis()), error -> {
            if (error == TransactionError.NONE) {
                sendMarkers(entry);
            }
            done.accept(error);
        });
    }

    /**
     * Decides the transaction; answers as soon as the decision is committed. Markers follow.
     *
     * @param reply gets, without an error, who the client is from now on
     */
    void end(String id, ProducerIdentity client, boolean commit, int version, Consumer<InitResult> reply) {
        TransactionEntry entry = ids.get(id);
        if (ids.closed() || entry == null) {
            TransactionError silence = ids.silence();
            reply.accept(InitResult.failed(
                    silence != TransactionError.NONE ? silence : TransactionError.INVALID_PRODUCER_ID_MAPPING));
            return;
        }
        ids.whenFree(
                entry,
                () -> endFree(entry, client, commit, version, reply),
                error -> reply.accept(InitResult.failed(error)));
    }

    private void endFree(
            TransactionEntry entry, ProducerIdentity client, boolean commit, int version, Consumer<InitResult> reply) {
        Transaction now = entry.current;
        boolean repeated = now.repeatsEnd(client) && now.phase() != TransactionPhase.ONGOING;
        TransactionError error = ids.silence();
        if (error != TransactionError.NONE) {
            reply.accept(InitResult.failed(error));
            return;
        }
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
                    refuse(entry, client, commit, version, false, reply);
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
                    refuse(entry, client, commit, version, repeated, reply);
                }
            }
        }
    }

    /**
     * There is no transaction to be ended so. By version 2 the Java client may ask for a commit before it sends the first
     * batch: its network thread looks for unfinished batches first and takes the request then, and the application can do
     * both in between. So who commits nothing is told once to ask again, which that client does behind its batches; as an
     * error it would be its last.
     */
    private void refuse(
            TransactionEntry entry,
            ProducerIdentity client,
            boolean commit,
            int version,
            boolean repeated,
            Consumer<InitResult> reply) {
        if (commit && version >= Transaction.WITH_EPOCH_BUMP && !repeated && !client.equals(entry.askedAgain)) {
            entry.askedAgain = client;
            reply.accept(InitResult.failed(TransactionError.CONCURRENT_TRANSACTIONS));
            return;
        }
        log.info(
                "{} of {} by {}, version {}, is refused: the transaction is {} of {}",
                commit ? "a commit" : "an abort",
                entry.id,
                client,
                version,
                entry.current.phase(),
                entry.current.producer());
        reply.accept(InitResult.failed(TransactionError.INVALID_TXN_STATE));
    }

    private void decide(TransactionEntry entry, boolean commit, int version, Consumer<InitResult> reply) {
        Transaction now = entry.current;
        if (version >= Transaction.WITH_EPOCH_BUMP && now.producer().exhausted()) {
            ids.withNewId(entry, producerId -> {
                if (producerId < 0) {
                    reply.accept(InitResult.failed(ids.unavailable()));
                } else {
                    decide(entry, now.decided(commit, version, producerId, clock.millis()), reply);
                }
            });
        } else {
            decide(entry, now.decided(commit, version, -1, clock.millis()), reply);
        }
    }

    private void decide(TransactionEntry entry, Transaction decided, Consumer<InitResult> reply) {
        ids.write(entry, decided, error -> {
            if (error == TransactionError.NONE) {
                reply.accept(new InitResult(error, decided.afterEnd()));
                sendMarkers(entry);
            } else {
                reply.accept(InitResult.failed(error));
            }
        });
    }

    void sendMarkers(TransactionEntry entry) {
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
        if (ids.closed() || entry.decision != decision) {
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
        if (ids.closed() || entry.decision != decision || !entry.markersLeft.contains(partition)) {
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
        ids.append(entry.id, complete, error -> {
            if (error != TransactionError.NONE && entry.appended == complete) {
                refused[0] = true;
            }
        });
        if (ids.closed()) {
            return;
        }
        if (refused[0]) {
            entry.current = prepared;
            entry.appended = prepared;
            owner.schedule(
                    () -> {
                        if (!ids.closed() && entry.current == prepared) {
                            complete(entry);
                        }
                    },
                    TimeUnit.MILLISECONDS.toNanos(config.retryMillis()));
        } else {
            entry.release();
        }
    }
}
