package io.penstock.broker.transaction;

import io.penstock.storage.time.Owner;
import java.io.IOException;
import java.util.Arrays;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;
import java.util.function.Function;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** One decided commit on its way to the logs it touches; each part is tried until it is done. Owner of the home's log. */
final class CommitCarrying {
    private static final Logger LOG = LoggerFactory.getLogger(CommitCarrying.class);
    private static final long RETRY_NANOS = TimeUnit.MILLISECONDS.toNanos(200);
    private static final long RETRY_NANOS_MAX = TimeUnit.SECONDS.toNanos(5);

    private final Owner owner;
    private final SendOrder order;
    private final long offset;
    private final CommitRecord record;
    private final CommitTargets targets;
    private final Function<Boolean, Runnable> parts;
    private final Consumer<long[]> answered;
    private final long[] baseOffsets;
    private int partsLeft;

    /**
     * @param offset of the decision, for the log
     * @param parts asked for each part, with whether this broker leads it, what is to run when it is done
     * @param answered runs when everything is done
     */
    CommitCarrying(
            Owner owner,
            SendOrder order,
            long offset,
            CommitRecord record,
            CommitTargets targets,
            Function<Boolean, Runnable> parts,
            Consumer<long[]> answered) {
        this.owner = owner;
        this.order = order;
        this.offset = offset;
        this.record = record;
        this.targets = targets;
        this.parts = parts;
        this.answered = answered;
        this.baseOffsets = new long[record.sends().size()];
        this.partsLeft = record.sends().size() + record.settles().size();
    }

    void start() {
        Arrays.fill(baseOffsets, -1);
        if (partsLeft == 0) {
            answered.accept(baseOffsets);
            return;
        }
        for (int i = 0; i < baseOffsets.length; i++) {
            int index = i;
            CommitRecord.Send send = record.sends().get(i);
            Runnable done = parts.apply(targets.isHere(send.topicId(), send.partition()));
            order.enter(record.session(), send, () -> send(index, done, RETRY_NANOS));
        }
        for (CommitRecord.Settle settle : record.settles()) {
            settle(settle, parts.apply(targets.isHere(settle.topicId(), settle.partition())), RETRY_NANOS);
        }
    }

    private void send(int index, Runnable done, long retryNanos) {
        CommitRecord.Send send = record.sends().get(index);
        targets.send(
                record,
                send,
                (baseOffset, failure) -> owner.run(() -> {
                    if (failure != null) {
                        again(failure, () -> send(index, done, longer(retryNanos)), retryNanos);
                    } else {
                        baseOffsets[index] = baseOffset;
                        order.over(record.session(), send, owner);
                        partDone(done);
                    }
                }));
    }

    private void settle(CommitRecord.Settle settle, Runnable done, long retryNanos) {
        targets.settle(
                record,
                settle,
                (ignored, failure) -> owner.run(() -> {
                    if (failure != null) {
                        again(failure, () -> settle(settle, done, longer(retryNanos)), retryNanos);
                    } else {
                        partDone(done);
                    }
                }));
    }

    private void again(IOException failure, Runnable step, long afterNanos) {
        LOG.warn("A part of the decided commit {} is tried again: {}", offset, failure.toString());
        owner.schedule(step, afterNanos);
    }

    private void partDone(Runnable done) {
        done.run();
        if (--partsLeft == 0) {
            answered.accept(baseOffsets);
        }
    }

    private static long longer(long nanos) {
        return Math.min(2 * nanos, RETRY_NANOS_MAX);
    }
}
