package io.penstock.broker.partition;

import io.penstock.storage.time.Owner;
import java.util.ArrayDeque;
import java.util.UUID;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.function.Consumer;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The place of a partition in the registry, from the first request for it on. Its owner's thread alone touches it, so
 * that requests of one connection keep their order, also over the moment of opening.
 *
 * <pre>
 * OPENING --opened--> OPEN --close--> GONE
 *    '------failed or close-----------^
 * </pre>
 */
final class PartitionSlot {
    private static final Logger LOG = LoggerFactory.getLogger(PartitionSlot.class);

    /** Requests that wait for one opening; more than that are refused. */
    private static final int WAITING_MAX = 100_000;

    private final Key key;
    private final Owner owner;
    private final boolean replicated;
    private final ArrayDeque<Waiting> waiting = new ArrayDeque<>();
    private LedPartition partition;
    private PartitionUnavailableException gone;
    /** Set once by the owner, read by any thread for the list of open partitions. */
    private volatile LedPartition open;

    private CompletableFuture<?> ledger;
    private volatile CompletionStage<?> opening = CompletableFuture.completedFuture(null);

    record Key(UUID topicId, int index) {}

    private record Waiting(Consumer<Partition> task, Consumer<Throwable> failed) {}

    /** @param replicated whether its logs are the replicas' */
    PartitionSlot(Key key, Owner owner, boolean replicated) {
        this.key = key;
        this.owner = owner;
        this.replicated = replicated;
    }

    boolean replicated() {
        return replicated;
    }

    Key key() {
        return key;
    }

    Owner owner() {
        return owner;
    }

    /** Any thread; null unless open. */
    LedPartition open() {
        return open;
    }

    /** Any thread. */
    void use(Consumer<Partition> task, Consumer<Throwable> failed) {
        if (!owner.isCurrent()) {
            owner.execute(() -> useHere(opened -> run(task, failed), failed));
        } else {
            useHere(task, failed);
        }
    }

    private void useHere(Consumer<Partition> task, Consumer<Throwable> failed) {
        if (partition != null) {
            task.accept(partition);
        } else if (gone != null) {
            failed.accept(gone);
        } else if (waiting.size() >= WAITING_MAX) {
            failed.accept(new PartitionUnavailableException(
                    PartitionUnavailableException.Reason.OFFLINE, "too many requests wait for the opening of " + key));
        } else {
            waiting.add(new Waiting(task, failed));
        }
    }

    void opened(LedPartition opened) {
        partition = opened;
        open = opened;
        for (Waiting next = waiting.poll(); next != null; next = waiting.poll()) {
            run(next.task(), next.failed());
        }
    }

    /** One task that fails is told so, and does not keep the next waiting for ever. */
    private void run(Consumer<Partition> task, Consumer<Throwable> failed) {
        try {
            task.accept(partition);
        } catch (RuntimeException | VirtualMachineError | AssertionError e) {
            LOG.error("a task on {} failed", key, e);
            failed.accept(e);
        }
    }

    /** Also ends what waits for the opening, or for a commit. */
    void close(PartitionUnavailableException reason) {
        if (gone != null) {
            return;
        }
        gone = reason;
        open = null;
        LedPartition was = partition;
        partition = null;
        for (Waiting next = waiting.poll(); next != null; next = waiting.poll()) {
            next.failed().accept(reason);
        }
        if (was != null) {
            was.close(reason);
        }
    }

    void opening(CompletionStage<?> ofRecords) {
        opening = ofRecords;
    }

    /** The opening of the records' log, done when none was begun. */
    CompletionStage<?> opening() {
        return opening;
    }

    /** The opening of the ledger, done when none was begun. */
    CompletableFuture<?> ledgerOpening() {
        return ledger == null ? CompletableFuture.completedFuture(null) : ledger;
    }

    boolean isGone() {
        return gone != null;
    }

    /** Opens the ledger once; a failed opening is tried again by the next who asks. */
    @SuppressWarnings("unchecked")
    <T> CompletionStage<T> ledgerOnce(java.util.function.Supplier<CompletableFuture<T>> opening) {
        if (ledger == null || ledger.isCompletedExceptionally()) {
            ledger = opening.get();
        }
        return (CompletionStage<T>) ledger;
    }
}
