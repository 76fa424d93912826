package io.penstock.broker.request.jms;

import io.penstock.broker.delivery.GroupSpec;
import io.penstock.broker.delivery.SharePartition;
import io.penstock.broker.partition.Partition;
import io.penstock.broker.partition.PartitionUnavailableException;
import io.penstock.broker.partition.Partitions;
import io.penstock.broker.transaction.BranchTargets;
import io.penstock.broker.transaction.CommitRecord;
import io.penstock.storage.log.AppendOrigin;
import io.penstock.storage.log.LogException;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.Optional;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Carries out parts of decided commits on this broker's partitions, whatever was done of them before: a batch is known
 * by its producer's sequence, a settlement by its offsets. Any thread may call.
 */
final class PartitionTargets implements BranchTargets {
    private static final Logger LOG = LoggerFactory.getLogger(PartitionTargets.class);

    private final Partitions partitions;
    private final Deliveries deliveries;
    private final ExpiringQueues expiring;
    private final boolean goneIsDone;

    /**
     * @param goneIsDone what this broker knows nothing of does not exist any more, and needs nothing; else that is a
     *     failure, since this broker may only be late in hearing of it
     */
    PartitionTargets(Partitions partitions, Deliveries deliveries, ExpiringQueues expiring, boolean goneIsDone) {
        this.partitions = partitions;
        this.deliveries = deliveries;
        this.expiring = expiring;
        this.goneIsDone = goneIsDone;
    }

    /** A batch of a commit is about to be appended; on the partition's owner. */
    void sending(Partition partition, ByteBuffer batch) {
        expiring.sending(partition, batch);
    }

    @Override
    public void send(CommitRecord commit, CommitRecord.Send send, Done done) {
        partitions.with(
                send.topicId(),
                send.partition(),
                partition -> append(partition, send.batch(), done),
                failure -> unavailable(failure, done));
    }

    private void append(Partition partition, ByteBuffer batch, Done done) {
        if (ClientBatches.isStored(partition, batch)) {
            whenCommitted(partition, done);
            return;
        }
        sending(partition, batch);
        partition.append(batch, AppendOrigin.BROKER, true, (append, failure) -> {
            if (failure == null) {
                done.done(append.baseOffset(), null);
            } else if (failure instanceof LogException refused && isGap(refused)) {
                // A log that is forced in the background has lost batches of this producer in a power cut. The
                // decision stands: the batch goes in without the sequence that has no predecessor any more.
                LOG.warn("A decided batch is appended to {} without its sequence", partition.topicName(), refused);
                partition.append(
                        ClientBatches.withoutProducer(batch),
                        AppendOrigin.BROKER,
                        true,
                        (second, again) -> done.done(again == null ? second.baseOffset() : -1, again));
            } else {
                done.done(-1, failure);
            }
        });
    }

    /** What is in the log may not be in those of all replicas yet, and be lost with this leader. */
    private static void whenCommitted(Partition partition, Done done) {
        long end = partition.log().endOffset();
        if (partition.highWatermark() >= end) {
            done.done(-1, null);
            return;
        }
        CommitWait.of(partition, end, failure -> done.done(-1, failure));
    }

    private static boolean isGap(LogException refused) {
        return switch (refused.reason()) {
            case OUT_OF_ORDER_SEQUENCE, UNKNOWN_PRODUCER, FENCED_PRODUCER_EPOCH -> true;
            default -> false;
        };
    }

    @Override
    public void settle(CommitRecord commit, CommitRecord.Settle settle, Done done) {
        deliveries.with(
                settle.topicId(),
                settle.partition(),
                delivery -> {
                    Optional<SharePartition> group = delivery.group(settle.groupId());
                    if (group.isEmpty()
                            || group.get().spec().incarnation() != settle.incarnation()
                            || isUntouched(group.get(), commit)) {
                        done.done(-1, null);
                        return;
                    }
                    group.get()
                            .reapplySettle(
                                    commit.session(),
                                    commit.sequence(),
                                    settle.accepted(),
                                    (outcome, failure) -> done.done(-1, failure));
                },
                failure -> unavailable(failure, done));
    }

    @Override
    public void release(CommitRecord branch, CommitRecord.Settle settle, Done done) {
        deliveries.with(
                settle.topicId(),
                settle.partition(),
                delivery -> {
                    Optional<SharePartition> group = delivery.group(settle.groupId());
                    if (group.isEmpty() || group.get().spec().incarnation() != settle.incarnation()) {
                        done.done(-1, null);
                        return;
                    }
                    group.get()
                            .doubts()
                            .release(branch.session(), branch.sequence(), failure -> done.done(-1, failure));
                },
                failure -> unavailable(failure, done));
    }

    /** A group that lives with its consumers, and of which nothing is in doubt for the commit: it is done. */
    private static boolean isUntouched(SharePartition group, CommitRecord commit) {
        return group.spec().kind() == GroupSpec.Kind.NON_DURABLE
                && group.doubts().find(commit.session(), commit.sequence()) == null;
    }

    /** What does not exist any more needs nothing; what cannot be reached now is tried again. */
    private void unavailable(Throwable failure, Done done) {
        Throwable cause = FrontErrors.unwrap(failure);
        boolean gone = cause instanceof PartitionUnavailableException unavailable
                && unavailable.reason() == PartitionUnavailableException.Reason.UNKNOWN;
        if (gone && goneIsDone) {
            done.done(-1, null);
        } else {
            done.done(-1, cause instanceof IOException io ? io : new IOException(cause));
        }
    }
}
