package io.penstock.broker.request.jms;

import io.penstock.broker.delivery.GroupSpec;
import io.penstock.broker.delivery.MoveRefusedException;
import io.penstock.broker.delivery.Moves;
import io.penstock.broker.delivery.SessionKey;
import io.penstock.broker.delivery.SharePartition;
import io.penstock.broker.metadata.PartitionImage;
import io.penstock.broker.metadata.ProducerIdPool;
import io.penstock.broker.metadata.TopicImage;
import io.penstock.broker.partition.Partition;
import io.penstock.broker.partition.Partitions;
import io.penstock.broker.transaction.CommitRecord;
import io.penstock.broker.transaction.CommitTargets;
import io.penstock.broker.transaction.UnknownOutcomeException;
import io.penstock.protocol.message.DestinationKind;
import io.penstock.protocol.message.PenstockError;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.UUID;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.function.Consumer;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Moves records to dead-letter and expiry addresses: one commit settles them in their group and sends their copies, so
 * that a crash leaves each in exactly one place. Before anything is put in doubt the log of decisions is recovered: what
 * an earlier life has decided is carried out by then, and is not there to be moved again. Where another broker leads the
 * target, or what must be known together may move to another, it is a commit over several brokers: {@link ClusterCommit}.
 * Any thread may call.
 */
final class Mover implements Moves {
    private static final Logger LOG = LoggerFactory.getLogger(Mover.class);

    private final Destinations destinations;
    private final Partitions partitions;
    private final ProducerIdPool producerIds;
    private final CommitService commits;
    private final PartitionTargets targets;
    private final ClusterCommit.Parts across;

    Mover(
            Destinations destinations,
            Partitions partitions,
            ProducerIdPool producerIds,
            CommitService commits,
            PartitionTargets targets,
            ClusterCommit.Parts across) {
        this.destinations = destinations;
        this.partitions = partitions;
        this.producerIds = producerIds;
        this.commits = commits;
        this.targets = targets;
        this.across = across;
    }

    /** As {@link CommitWork#isLocal}. */
    private boolean isLocal(Move move, UUID topicId, int index) {
        CommitRoutes routes = across.routes();
        boolean moves = routes.partition(move.origin().topicId(), move.origin().partitionIndex())
                .map(PartitionImage::replicated)
                .orElse(false);
        return routes.leader(topicId, index) == routes.self() && !moves && routes.isHomeFixed();
    }

    @Override
    public void move(Move move, Consumer<IOException> done) {
        lane().move(move, done);
    }

    @Override
    public Moves lane() {
        return new Lane();
    }

    private CompletionStage<TopicImage> target(Move move) {
        Optional<TopicImage> present = destinations.find(move.target());
        if (present.isPresent()) {
            return CompletableFuture.completedFuture(present.get());
        }
        return move.create()
                ? destinations.resolve(move.target(), DestinationKind.QUEUE, true, 0)
                : CompletableFuture.failedFuture(new IOException("there is no destination " + move.target()));
    }

    /** The moves of one group, one after the other: they share a producer, whose sequences have an order. */
    private final class Lane implements Moves {
        private long producerId = -1;
        private final Map<Sequence, Integer> nextSequences = new HashMap<>();
        private long moves;

        private record Sequence(UUID topicId, int partition) {}

        @Override
        public void move(Move move, Consumer<IOException> done) {
            Consumer<Throwable> failed = failure -> done.accept(asIoException(failure));
            target(move).whenComplete((topic, failure) -> {
                if (failure != null) {
                    failed.accept(failure);
                } else if (producerId >= 0) {
                    recovered(move, topic, done, failed);
                } else {
                    producerIds.take(
                            1,
                            id -> {
                                producerId = id;
                                nextSequences.clear();
                                recovered(move, topic, done, failed);
                            },
                            failed);
                }
            });
        }

        private void recovered(Move move, TopicImage topic, Consumer<IOException> done, Consumer<Throwable> failed) {
            int index = move.origin().partitionIndex() % topic.partitions().size();
            if (!isLocal(move, topic.id(), index)) {
                across(move, topic.id(), index, done, failed);
                return;
            }
            commits.whenRecovered(
                    () -> {
                        if (move.head() != null) {
                            copied(move, topic.id(), index, done);
                        } else {
                            stamp(move, move.batch(), topic.id(), index, done, failed);
                        }
                    },
                    failed);
        }

        private void across(
                Move move, UUID topicId, int index, Consumer<IOException> done, Consumer<Throwable> failed) {
            if (move.head() == null) {
                commitAcross(move, move.batch(), new Sequence(topicId, index), done);
            } else if (across.routes().leader(topicId, index) != across.routes().self()) {
                failed.accept(new IOException("a large message is moved where one broker leads both partitions"));
            } else {
                // Should the commit fail, its pieces stay: whether the head follows is known for certain by the home
                // alone.
                new PieceCopy(partitions, move, topicId, index)
                        .start(head -> commitAcross(move, head, new Sequence(topicId, index), done), failed);
            }
        }

        private void commitAcross(Move move, ByteBuffer batch, Sequence to, Consumer<IOException> done) {
            SharePartition origin = move.origin();
            SessionKey key = SessionKey.moving(producerId, move.reason());
            ClientBatches.stamp(batch, producerId, nextSequences.getOrDefault(to, 0));
            int next = ClientBatches.nextSequence(ClientBatches.lastSequence(batch));
            CommitRecord record = record(move, key, batch, to);
            origin.owner().run(() -> {
                if (!move.holdAs(key)) {
                    done.accept(null);
                    return;
                }
                new ClusterCommit(across, origin.owner(), record, (baseOffsets, failure) -> {
                            if (failure == null) {
                                nextSequences.put(to, next);
                                done.accept(null);
                            } else {
                                producerId =
                                        -1; // What has become of the batch, and of its sequences, is not known here.
                                boolean never = FrontErrors.error(failure) == PenstockError.MESSAGE_TOO_LARGE;
                                done.accept(
                                        never
                                                ? new MoveRefusedException(FrontErrors.message(failure))
                                                : asIoException(failure));
                            }
                        })
                        .start();
            });
        }

        private CommitRecord record(Move move, SessionKey key, ByteBuffer batch, Sequence to) {
            SharePartition origin = move.origin();
            GroupSpec spec = origin.spec();
            return new CommitRecord(
                    key,
                    moves++,
                    List.of(new CommitRecord.Send(to.topicId(), to.partition(), batch)),
                    List.of(new CommitRecord.Settle(
                            origin.topicId(),
                            origin.partitionIndex(),
                            spec.groupId(),
                            spec.incarnation(),
                            move.offsets())));
        }

        /** A large message: its pieces first. */
        private void copied(Move move, UUID topicId, int index, Consumer<IOException> done) {
            PieceCopy pieces = new PieceCopy(partitions, move, topicId, index);
            Consumer<IOException> then = failure -> {
                if (failure != null) {
                    pieces.drop();
                }
                done.accept(failure);
            };
            Consumer<Throwable> failed = failure -> then.accept(asIoException(failure));
            pieces.start(head -> stamp(move, head, topicId, index, then, failed), failed);
        }

        private void stamp(
                Move move,
                ByteBuffer batch,
                UUID topicId,
                int index,
                Consumer<IOException> done,
                Consumer<Throwable> failed) {
            partitions.with(topicId, index, partition -> stamp(move, batch, partition, done, failed), failed);
        }

        /** On the target's owner: all that could make the send impossible. */
        private void stamp(
                Move move,
                ByteBuffer batch,
                Partition partition,
                Consumer<IOException> done,
                Consumer<Throwable> failed) {
            Sequence sequence = new Sequence(partition.topicId(), partition.index());
            ClientBatches.stamp(batch, producerId, nextSequences.getOrDefault(sequence, 0));
            try {
                ClientBatches.checkWhole(batch, partition.log().config().maxBatchBytes());
            } catch (FrontException e) {
                failed.accept(new MoveRefusedException(e.getMessage()));
                return;
            }
            move.origin().owner().run(() -> {
                if (move.prepare()) {
                    commit(move, batch, sequence, done);
                } else {
                    done.accept(null);
                }
            });
        }

        private void commit(Move move, ByteBuffer batch, Sequence to, Consumer<IOException> done) {
            SharePartition origin = move.origin();
            int next = ClientBatches.nextSequence(ClientBatches.lastSequence(batch));
            CommitRecord record = record(move, SessionKey.mover(producerId), batch, to);
            commits.commit(record, new LiveTargets(move), (baseOffsets, failure) -> {
                if (failure instanceof UnknownOutcomeException) {
                    // Neither moved again nor given back: the next recovery tells.
                    LOG.error("{}: what was to be moved stays in doubt: {}", origin, failure.getMessage());
                    return;
                }
                if (failure == null) {
                    nextSequences.put(to, next);
                }
                done.accept(failure);
            });
        }
    }

    /** The first try accepts what was put in doubt; a later one, after a failure, whatever it has become. */
    private final class LiveTargets implements CommitTargets {
        private final Move move;
        private boolean tried;

        LiveTargets(Move move) {
            this.move = move;
        }

        @Override
        public void send(CommitRecord commit, CommitRecord.Send send, Done done) {
            targets.send(commit, send, done);
        }

        @Override
        public void settle(CommitRecord commit, CommitRecord.Settle settle, Done done) {
            if (tried) {
                targets.settle(commit, settle, done);
                return;
            }
            tried = true;
            move.origin().owner().run(() -> move.settle((settled, failure) -> done.done(-1, failure)));
        }
    }

    private static IOException asIoException(Throwable failure) {
        Throwable cause = FrontErrors.unwrap(failure);
        return cause instanceof IOException io ? io : new IOException(FrontErrors.message(cause), cause);
    }
}
