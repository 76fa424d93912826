package io.penstock.broker.request.jms;

import io.penstock.broker.delivery.GroupDoubts;
import io.penstock.broker.delivery.OffsetRanges;
import io.penstock.broker.delivery.PartitionDelivery;
import io.penstock.broker.delivery.SessionKey;
import io.penstock.broker.delivery.SharePartition;
import io.penstock.broker.partition.Partition;
import io.penstock.broker.partition.Partitions;
import io.penstock.protocol.message.AskCommitResponse;
import io.penstock.protocol.message.CommitId;
import io.penstock.protocol.message.CommitSend;
import io.penstock.protocol.message.CommitSettle;
import io.penstock.protocol.message.CommitTerm;
import io.penstock.protocol.message.PenstockError;
import io.penstock.protocol.message.PrepareCommitRequest;
import io.penstock.protocol.message.UndoCommitRequest;
import io.penstock.storage.time.Owner;
import java.util.UUID;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicReference;
import java.util.function.BiConsumer;
import java.util.function.Consumer;

/**
 * This broker as a leader of partitions that commits over several brokers touch: checks what they send, keeps in doubt what
 * they settle, and asks the home about what stays so. Any thread may call.
 */
final class CommitParticipant {
    /** A coordinator is done within {@link ClusterCommit}'s time for preparing, or is not there any more. */
    private static final long ASK_AFTER_NANOS = TimeUnit.SECONDS.toNanos(6);

    /** Of what an earlier leader left, whose coordinator may still be at work. */
    private static final long ASK_OPENED_NANOS = TimeUnit.SECONDS.toNanos(2);

    private static final long ASK_AGAIN_NANOS = TimeUnit.SECONDS.toNanos(1);
    private static final long ASK_NANOS_MAX = TimeUnit.SECONDS.toNanos(30);

    /** The home, as a participant asks it. */
    interface Home {
        void ask(CommitId commit, Owner owner, Consumer<AskCommitResponse> answered, Consumer<Throwable> failed);
    }

    private final Partitions partitions;
    private final Deliveries deliveries;
    private final Home home;

    CommitParticipant(Partitions partitions, Deliveries deliveries, Home home) {
        this.partitions = partitions;
        this.deliveries = deliveries;
        this.home = home;
        deliveries.onOpened(this::opened);
    }

    /** Where something is in doubt. */
    private record Place(UUID topicId, int partition, String groupId) {}

    /** What an earlier leader, or life, has left in doubt. */
    private void opened(PartitionDelivery delivery) {
        Partition partition = delivery.partition();
        for (SharePartition group : delivery.groups()) {
            for (GroupDoubts.Open open : group.doubts().all()) {
                Place place = new Place(
                        partition.topicId(), partition.index(), group.spec().groupId());
                SessionKey session = open.session();
                askLater(
                        partition.owner(),
                        place,
                        new CommitId(session.connection(), session.session(), open.sequence()),
                        ASK_OPENED_NANOS,
                        ASK_AGAIN_NANOS);
            }
        }
    }

    /**
     * Agrees to a commit, or does not.
     *
     * @param answered on any thread: whether a part was carried out before, or the failure
     */
    void prepare(PrepareCommitRequest request, BiConsumer<Boolean, Throwable> answered) {
        int parts = request.sends().size() + request.settles().size();
        if (parts == 0) {
            answered.accept(false, null);
            return;
        }
        Preparing preparing = new Preparing(parts, answered);
        SequenceCheck sequences = new SequenceCheck();
        for (CommitSend send : request.sends()) {
            partitions.with(
                    send.topicId(),
                    send.partition(),
                    partition -> preparing.one(
                            checkSend(partition, send, CommitMessages.session(request.commit()), sequences, preparing)),
                    preparing::one);
        }
        for (CommitSettle settle : request.settles()) {
            deliveries.with(
                    settle.topicId(),
                    settle.partition(),
                    delivery -> prepareSettle(delivery, request.commit(), request.term(), settle, preparing),
                    preparing::one);
        }
    }

    /** One request on its way through its partitions. */
    private static final class Preparing {
        private final AtomicInteger left;
        private final AtomicReference<Throwable> failure = new AtomicReference<>();
        private final BiConsumer<Boolean, Throwable> answered;
        private volatile boolean done;

        Preparing(int parts, BiConsumer<Boolean, Throwable> answered) {
            this.left = new AtomicInteger(parts);
            this.answered = answered;
        }

        void doneBefore() {
            done = true;
        }

        /** @param failed null when the part is well */
        void one(Throwable failed) {
            if (failed != null) {
                failure.compareAndSet(null, failed);
            }
            if (left.decrementAndGet() == 0) {
                // Part of it is carried out: so it was decided, and what cannot be prepared any more is done or will
                // be.
                answered.accept(done, done ? null : failure.get());
            }
        }
    }

    private static Throwable checkSend(
            Partition partition, CommitSend send, SessionKey sender, SequenceCheck sequences, Preparing preparing) {
        if (SequenceCheck.isStored(partition, send)) {
            preparing.doneBefore();
            return null;
        }
        int bytesMax = partition.log().config().maxBatchBytes();
        if (send.size() > bytesMax) {
            return new FrontException(
                    PenstockError.MESSAGE_TOO_LARGE,
                    "a batch of " + send.size() + " bytes, " + partition.topicName() + " takes " + bytesMax);
        }
        try {
            sequences.check(partition, send);
            if (send.head().hasRemaining()) {
                PieceHandlers.check(partition, send.head(), sender);
            }
            return null;
        } catch (FrontException e) {
            return e;
        }
    }

    private void prepareSettle(
            PartitionDelivery delivery, CommitId commit, CommitTerm term, CommitSettle settle, Preparing preparing) {
        SessionKey session = CommitMessages.session(commit);
        OffsetRanges ranges = CommitMessages.ranges(settle.ranges());
        SharePartition group = delivery.group(settle.groupId()).orElse(null);
        if (group == null || group.spec().incarnation() != settle.incarnation()) {
            preparing.one(new FrontException(
                    PenstockError.ACQUISITION_LOST, "group " + settle.groupId() + " on " + delivery + " is gone"));
            return;
        }
        boolean known = group.doubts().find(session, commit.sequence()) != null;
        if (!known && group.hasSettled(session, commit.sequence(), ranges)) {
            preparing.doneBefore();
            preparing.one(null);
            return;
        }
        group.doubts().prepare(session, commit.sequence(), term, ranges, preparing::one);
        if (!known) {
            Place place = new Place(settle.topicId(), settle.partition(), settle.groupId());
            askLater(delivery.partition().owner(), place, commit, ASK_AFTER_NANOS, ASK_AGAIN_NANOS);
        }
    }

    /** The home has said that the commit never will be decided. */
    void undo(UndoCommitRequest request) {
        for (CommitSettle settle : request.settles()) {
            undo(new Place(settle.topicId(), settle.partition(), settle.groupId()), request.commit(), request.term());
        }
    }

    private void undo(Place place, CommitId commit, CommitTerm term) {
        deliveries.with(
                place.topicId(),
                place.partition(),
                delivery -> delivery.group(place.groupId()).ifPresent(group -> group.doubts()
                        .undo(CommitMessages.session(commit), commit.sequence(), term)),
                ignored -> {}); // Who leads it now asks the home.
    }

    /** @param pauseNanos before the next question: a branch may stay prepared for days, and its home tells its end */
    private void askLater(Owner owner, Place place, CommitId commit, long afterNanos, long pauseNanos) {
        owner.schedule(() -> look(owner, place, commit, pauseNanos), afterNanos);
    }

    private void look(Owner owner, Place place, CommitId commit, long pauseNanos) {
        deliveries.with(
                place.topicId(),
                place.partition(),
                delivery -> {
                    SharePartition group = delivery.group(place.groupId()).orElse(null);
                    if (group == null
                            || group.doubts().find(CommitMessages.session(commit), commit.sequence()) == null) {
                        return;
                    }
                    home.ask(
                            commit,
                            owner,
                            answer -> {
                                if (answer.outcome() == AskCommitResponse.Outcome.NEVER) {
                                    undo(place, commit, answer.term());
                                }
                                boolean open = answer.outcome() == AskCommitResponse.Outcome.OPEN;
                                long next = open ? Math.min(2 * pauseNanos, ASK_NANOS_MAX) : ASK_AGAIN_NANOS;
                                askLater(owner, place, commit, pauseNanos, next);
                            },
                            failure -> askLater(owner, place, commit, ASK_AGAIN_NANOS, ASK_AGAIN_NANOS));
                },
                ignored -> {}); // Led elsewhere now, or to be opened again: then it is looked through anew.
    }
}
