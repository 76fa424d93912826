package io.penstock.broker.request.jms;

import io.penstock.broker.delivery.PreparedSettlement;
import io.penstock.broker.delivery.SharePartition;
import io.penstock.broker.metadata.PartitionImage;
import io.penstock.broker.partition.Partitions;
import io.penstock.broker.transaction.BranchRecord;
import io.penstock.broker.transaction.CommitRecord;
import io.penstock.broker.transaction.CommitTargets;
import io.penstock.broker.transaction.UnknownOutcomeException;
import io.penstock.protocol.message.BranchId;
import io.penstock.protocol.message.PenstockApi;
import io.penstock.protocol.message.PenstockError;
import io.penstock.protocol.message.SendEntry;
import io.penstock.protocol.message.SettleRequest;
import io.penstock.storage.log.AppendOrigin;
import io.penstock.storage.log.LogAppend;
import io.penstock.storage.time.Owner;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.UUID;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicReference;

/**
 * One commit on its way.
 *
 * <pre>
 *   nothing accepted, nothing sent ------------------------------------------------> answered
 *   one partition's records, or one group's ledger: one append --------------------> answered
 *   several logs: check sends, put settlements in doubt --all--> decide, carry out -> answered
 *                                                      --one fails--> undo ---------> refused
 *   logs that others lead, or may come to lead: ClusterCommit
 * </pre>
 *
 * <p>Begins and ends on the connection's owner; each partition is touched on its own.
 */
final class CommitWork {

    /** Refuses a batch that the partition could not take after the decision. */
    interface SendCheck {
        void check(String topicName, ByteBuffer batch, int bytesMax) throws FrontException;
    }

    private final JmsSession session;
    private final long sequence;
    private final List<SendEntry> sends;
    private final List<SettleTarget> accepting = new ArrayList<>();
    private final List<SettleTarget> releasing = new ArrayList<>();
    private final CommitOutcome outcome;
    private final SendCheck check;
    private final Partitions partitions;
    private final CommitService commits;
    private final PartitionTargets targets;
    private final Prepared[] prepared;
    private final AtomicReference<Throwable> failure = new AtomicReference<>();

    private record Prepared(SharePartition group, PreparedSettlement settlement) {}

    CommitWork(
            JmsSession session,
            long sequence,
            List<SendEntry> sends,
            List<SettleTarget> settles,
            CommitOutcome outcome,
            SendCheck check,
            Partitions partitions,
            CommitService commits,
            PartitionTargets targets) {
        this.session = session;
        this.sequence = sequence;
        this.sends = sends;
        this.outcome = outcome;
        this.check = check;
        this.partitions = partitions;
        this.commits = commits;
        this.targets = targets;
        for (SettleTarget settle : settles) {
            if (settle.accepts()) {
                accepting.add(settle);
            }
            if (settle.releases()) {
                releasing.add(settle);
            }
        }
        this.prepared = new Prepared[accepting.size()];
    }

    /**
     * Whether this broker alone has to do with it: it leads everything, and nothing of what must be known together can
     * move to another without it.
     */
    boolean isLocal(CommitRoutes routes) {
        for (SendEntry send : sends) {
            if (routes.leader(send.topicId(), send.partition()) != routes.self()) {
                return false;
            }
        }
        boolean moves = false;
        for (SettleTarget settle : accepting) {
            UUID topicId = settle.consumer().source().topicId();
            if (settle.relay() != null || routes.leader(topicId, settle.partition()) != routes.self()) {
                return false;
            }
            moves |= routes.partition(topicId, settle.partition())
                    .map(PartitionImage::replicated)
                    .orElse(false);
        }
        if (sends.size() + accepting.size() <= 1) {
            return true;
        }
        return routes.isHomeFixed() && !moves;
    }

    /** Over several brokers; a commit that is asked again is known by its leaders, or its home. */
    void startAcross(ClusterCommit.Parts parts) throws FrontException {
        CommitRecord record = record();
        startAcross(parts, record, HomeDecision.commit(record));
    }

    /** As a branch of a distributed transaction, that the home keeps, whoever leads what it touches. */
    void startHolding(ClusterCommit.Parts parts, BranchId branch) throws FrontException {
        for (SendEntry send : sends) {
            if (ClientBatches.isHead(send.batch())) {
                throw new FrontException(
                        PenstockError.TRANSACTION_ROLLED_BACK,
                        "a message in pieces cannot be prepared, for its pieces go with its sender");
            }
        }
        CommitRecord record = record();
        startAcross(
                parts,
                record,
                HomeDecision.hold(new BranchRecord(
                        branch, session.connection().principal(), parts.clock().millis(), record)));
    }

    private void startAcross(ClusterCommit.Parts parts, CommitRecord record, HomeDecision decision)
            throws FrontException {
        if (sends.isEmpty() && accepting.isEmpty()) {
            committed(new long[0]);
            return;
        }
        for (SendEntry send : sends) {
            if (!parts.routes().isKnown(send.topicId(), send.partition())) {
                throw new FrontException(
                        PenstockError.UNKNOWN_DESTINATION,
                        "there is no partition " + send.partition() + " of " + send.topicId());
            }
            check.check(parts.routes().topicName(send.topicId()), send.batch(), Integer.MAX_VALUE);
        }
        Owner owner = session.connection().owner();
        new ClusterCommit(parts, owner, record, decision, session.connection().restored(), (baseOffsets, failed) -> {
                    if (failed == null) {
                        committed(baseOffsets);
                    } else {
                        refused(failed);
                    }
                })
                .start();
    }

    /**
     * As {@link #start}, for a session of a client that came back: the commit may have been decided before, which each
     * of its parts tells, since all are done then or none.
     */
    void startAgain() {
        if (!sends.isEmpty()) {
            SendEntry first = sends.get(0);
            partitions.with(
                    first.topicId(),
                    first.partition(),
                    partition -> known(ClientBatches.isStored(partition, first.batch())),
                    this::refused);
        } else if (!accepting.isEmpty()) {
            SettleTarget first = accepting.get(0);
            first.consumer()
                    .withGroup(
                            first.partition(),
                            group -> known(group.hasSettled(session.key(), sequence, first.accepted())),
                            this::refused);
        } else {
            start();
        }
    }

    private void known(boolean done) {
        session.connection().owner().run(() -> {
            if (done) {
                long[] unknown = new long[sends.size()];
                Arrays.fill(unknown, -1);
                committed(unknown);
            } else {
                start();
            }
        });
    }

    void start() {
        if (sends.isEmpty() && accepting.isEmpty()) {
            committed(new long[0]);
        } else if (sends.size() == 1 && accepting.isEmpty()) {
            sendOne(sends.get(0));
        } else {
            prepare();
        }
    }

    private void sendOne(SendEntry send) {
        partitions.with(
                send.topicId(),
                send.partition(),
                partition -> {
                    try {
                        check.check(
                                partition.topicName(),
                                send.batch(),
                                partition.log().config().maxBatchBytes());
                    } catch (FrontException e) {
                        refused(e);
                        return;
                    }
                    targets.sending(partition, send.batch());
                    partition.append(send.batch(), AppendOrigin.CLIENT, true, this::sentOne);
                },
                this::refused);
    }

    private void sentOne(LogAppend append, IOException failed) {
        if (failed != null) {
            refused(failed);
        } else {
            committed(new long[] {append.baseOffset()});
        }
    }

    /** Everything that can fail is tried here, before the decision. */
    private void prepare() {
        AtomicInteger left = new AtomicInteger(sends.size() + accepting.size());
        SequenceCheck sequences = new SequenceCheck();
        Runnable one = () -> {
            if (left.decrementAndGet() == 0) {
                session.connection().owner().run(this::prepared);
            }
        };
        for (SendEntry send : sends) {
            partitions.with(
                    send.topicId(),
                    send.partition(),
                    partition -> {
                        try {
                            check.check(
                                    partition.topicName(),
                                    send.batch(),
                                    partition.log().config().maxBatchBytes());
                            sequences.check(partition, CommitMessages.header(CommitMessages.send(send)));
                            PieceHandlers.check(partition, send.batch(), session.key());
                        } catch (FrontException e) {
                            failure.compareAndSet(null, e);
                        }
                        one.run();
                    },
                    failed -> {
                        failure.compareAndSet(null, failed);
                        one.run();
                    });
        }
        for (int i = 0; i < prepared.length; i++) {
            int index = i;
            SettleTarget settle = accepting.get(i);
            settle.consumer()
                    .withGroup(
                            settle.partition(),
                            group -> {
                                try {
                                    prepared[index] =
                                            new Prepared(group, group.prepareSettle(session.key(), settle.accepted()));
                                } catch (IOException e) {
                                    failure.compareAndSet(null, e);
                                }
                                one.run();
                            },
                            failed -> {
                                failure.compareAndSet(null, failed);
                                one.run();
                            });
        }
    }

    private void prepared() {
        if (failure.get() != null) {
            undo();
            refused(failure.get());
            return;
        }
        if (sends.isEmpty() && prepared.length == 1) {
            Prepared only = prepared[0];
            onGroup(0, () -> only.group().commitSettle(only.settlement(), sequence, (done, failed) -> {
                if (failed != null) {
                    refused(failed);
                } else {
                    committed(new long[0]);
                }
            }));
            return;
        }
        CommitRecord record = record();
        commits.commit(record, new LiveTargets(record), (baseOffsets, failed) -> {
            if (failed == null) {
                committed(baseOffsets);
            } else if (failed instanceof UnknownOutcomeException) {
                refused(failed); // what is in doubt stays so until the recovery
            } else {
                session.connection().owner().run(this::undo);
                refused(failed);
            }
        });
    }

    private CommitRecord record() {
        List<CommitRecord.Send> sent = new ArrayList<>(sends.size());
        for (SendEntry send : sends) {
            sent.add(CommitMessages.send(send));
        }
        List<CommitRecord.Settle> settled = new ArrayList<>(accepting.size());
        for (SettleTarget settle : accepting) {
            JmsConsumer.Source source = settle.consumer().source();
            settled.add(new CommitRecord.Settle(
                    source.topicId(), settle.partition(), source.groupId(), source.incarnation(), settle.accepted()));
        }
        return new CommitRecord(session.key(), sequence, sent, settled);
    }

    /** The first try accepts what was put in doubt; a later one, after a failure, whatever it has become. */
    private final class LiveTargets implements CommitTargets {
        private final CommitRecord record;
        private final boolean[] tried = new boolean[prepared.length];

        LiveTargets(CommitRecord record) {
            this.record = record;
        }

        @Override
        public void send(CommitRecord commit, CommitRecord.Send send, Done done) {
            targets.send(commit, send, done);
        }

        @Override
        public void settle(CommitRecord commit, CommitRecord.Settle settle, Done done) {
            int index = record.settles().indexOf(settle);
            if (tried[index]) {
                targets.settle(commit, settle, done);
                return;
            }
            tried[index] = true;
            Prepared mine = prepared[index];
            onGroup(index, () -> mine.group()
                    .commitSettle(mine.settlement(), sequence, (settled, failed) -> done.done(-1, failed)));
        }
    }

    private void undo() {
        for (int i = 0; i < prepared.length; i++) {
            Prepared undone = prepared[i];
            if (undone != null) {
                onGroup(i, () -> undone.group().rollbackSettle(undone.settlement()));
            }
        }
    }

    private void onGroup(int index, Runnable task) {
        SettleTarget settle = accepting.get(index);
        settle.consumer().slot(settle.partition()).owner().run(task);
    }

    private void committed(long[] baseOffsets) {
        session.connection().owner().run(() -> {
            for (SettleTarget settle : releasing) {
                if (settle.relay() != null) {
                    SettleRequest request = new SettleRequest(
                            session.id(),
                            SharePartition.NO_SEQUENCE,
                            true,
                            List.of(),
                            settle.messages(settle.releasesOnly()));
                    settle.relay().ask(PenstockApi.SETTLE, request, body -> {}, ignored -> {});
                    continue;
                }
                settle.consumer()
                        .withGroup(
                                settle.partition(),
                                group -> group.settle(
                                        session.key(),
                                        SharePartition.NO_SEQUENCE,
                                        settle.releasesOnly(),
                                        (done, failed) -> {}),
                                ignored -> {});
            }
            outcome.committed(Arrays.copyOf(baseOffsets, baseOffsets.length));
        });
    }

    private void refused(Throwable why) {
        PenstockError error = FrontErrors.error(why);
        String message = FrontErrors.message(why);
        session.connection().owner().run(() -> {
            if (error == PenstockError.ACQUISITION_LOST || error == PenstockError.STORAGE_FAILED) {
                outcome.failed(error, message); // after a failed force nobody knows before the next recovery
            } else {
                outcome.failed(PenstockError.TRANSACTION_ROLLED_BACK, error + ": " + message);
            }
        });
    }
}
