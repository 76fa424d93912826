package io.penstock.broker.delivery;

import io.penstock.broker.partition.Partition;
import io.penstock.storage.log.AppendOrigin;
import io.penstock.storage.log.LogAppend;
import io.penstock.storage.log.LogException;
import io.penstock.storage.log.PartitionLog;
import io.penstock.storage.time.Failures;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Consumer;

/**
 * Collects the entries of one turn of the owner and appends them as one batch at its end. Entries that somebody waits
 * for can be taken back when the append fails; the others stay, in order, for the next try. Owner thread only.
 */
final class LedgerWriter {

    /** Entries that cannot be appended, at which the partition gives up. */
    private static final int PENDING_BYTES_MAX = 4 << 20;

    private final Partition partition;
    private final PartitionLog ledger;
    private final DeliveryContext context;
    /** Told the error after which the ledger is of no use. */
    private final Consumer<IOException> broken;
    /** Runs directly after each append, when nothing is pending. */
    private final Runnable appended;
    /** Runs when a time of refusals is over. */
    private final Runnable resumed;
    /** Runs a task of the owner, and sees to what nobody expected in it. */
    private final Consumer<Runnable> guard;

    private EntryBuffer pending;
    private List<Waiting> waiting = new ArrayList<>();
    /** Not yet written to what is pending; the last entry of the turn so far. */
    private Growing growing;

    private boolean flushQueued;
    private boolean stalled;
    private boolean retryQueued;
    private boolean closed;
    private long bytesWritten;
    private long appends;

    /** Somebody who waits for an entry. */
    interface Waiter {
        /** The entry is in the ledger, not forced yet: changes state, and writes no new entries. */
        void appended();

        /** Directly afterwards: tells whom it concerns, which may lead to new entries. */
        void followUp();

        void durable();

        /** The ledger did not take the entry; it holds what it held before. */
        void refused(IOException failure);

        /** The ledger is lost with the entry in it, or perhaps in it. */
        void lost(IOException failure);
    }

    /** An entry that more may be added to, until another one follows or the turn ends. */
    interface Growing extends Waiter {
        void write(EntryBuffer out);
    }

    /** @param stays the entry is never taken back: it is tried again until the ledger takes it */
    private record Waiting(int from, int to, boolean stays, Waiter waiter) {}

    LedgerWriter(
            Partition partition,
            PartitionLog ledger,
            DeliveryContext context,
            Runnable appended,
            Runnable resumed,
            Consumer<IOException> broken,
            Consumer<Runnable> guard) {
        this.partition = partition;
        this.ledger = ledger;
        this.context = context;
        this.appended = appended;
        this.resumed = resumed;
        this.broken = broken;
        this.guard = guard;
    }

    /** True after a failed append until one succeeds: nothing new should be acquired. */
    boolean stalled() {
        return stalled;
    }

    /** True while entries wait for the end of the turn, or for a ledger that takes them. */
    boolean hasPending() {
        return pending != null;
    }

    /** Bytes appended since the last call of {@link #bytesWritten(long)}. */
    long bytesWritten() {
        return bytesWritten;
    }

    void bytesWritten(long bytes) {
        bytesWritten = bytes;
    }

    /** Batches appended, for tests and measurements. */
    long appends() {
        return appends;
    }

    /** Where the next entry is to be written; what is written goes out at the end of this turn. */
    EntryBuffer entry() {
        writeGrowing();
        return begin();
    }

    /** The entry that may still grow, or null. */
    Growing growing() {
        return growing;
    }

    /** An entry is begun that may grow. */
    void grow(Growing entry) {
        entry();
        growing = entry;
    }

    private void writeGrowing() {
        Growing grown = growing;
        if (grown != null) {
            int from = pending.position();
            grown.write(pending);
            await(from, false, grown);
            growing = null; // Not before: should it fail, close tells who waits.
        }
    }

    private EntryBuffer begin() {
        if (pending == null) {
            pending = context.borrowEntries();
            pending.putByte(LedgerEntry.VERSION);
        }
        queueFlush();
        return pending;
    }

    /** The bytes from {@code from} on, just written to {@link #entry}, are waited for. */
    void await(int from, boolean stays, Waiter waiter) {
        waiting.add(new Waiting(from, pending.position(), stays, waiter));
    }

    private void queueFlush() {
        if (!flushQueued && !closed) {
            flushQueued = true;
            partition.owner().execute(() -> guard.accept(this::flush));
        }
    }

    /** Appends what is pending. */
    void flush() {
        flushQueued = false;
        if (pending == null || closed) {
            return;
        }
        writeGrowing();
        List<Waiting> now = waiting;
        waiting = new ArrayList<>();
        try {
            append(pending.written());
        } catch (IOException e) {
            refused(now, e);
            return;
        } catch (RuntimeException | VirtualMachineError | AssertionError e) {
            waiting = now; // Told with the end of the delivery, to which this leads.
            throw e;
        }
        boolean afterStall = stalled;
        stalled = false;
        context.giveBack(pending);
        pending = null;
        try {
            now.forEach(each -> each.waiter.appended());
            appended.run();
            now.forEach(each -> each.waiter.followUp());
            if (afterStall) {
                resumed.run();
            }
        } finally {
            // Also when one of them fails: the others wait, and the entries are in the ledger.
            if (!now.isEmpty()) {
                ledger.onDurable(failure -> guard.accept(() -> forced(now, failure)));
            }
        }
    }

    /** Appends one record; entries that are pending must have been flushed before. */
    LogAppend append(ByteBuffer value) throws IOException {
        ByteBuffer batch = context.ledgerBatch(value);
        int size = batch.remaining();
        LogAppend append = ledger.append(batch, partition.leaderEpoch(), AppendOrigin.BROKER);
        bytesWritten += size;
        appends++;
        return append;
    }

    private void refused(List<Waiting> now, IOException failure) {
        if (!stalled) {
            context.log()
                    .warn(
                            "ledger of {}-{} takes nothing: {}",
                            partition.topicName(),
                            partition.index(),
                            failure.toString());
        }
        stalled = true;
        List<Waiting> gone = takeBack(now);
        boolean offline = failure instanceof LogException refusal && refusal.reason() == LogException.Reason.OFFLINE;
        if (pending.position() == 1) {
            context.giveBack(pending);
            pending = null;
        }
        if (offline || (pending != null && pending.position() > PENDING_BYTES_MAX)) {
            gone.forEach(each -> each.waiter.refused(failure));
            broken.accept(failure);
            return;
        }
        if (!retryQueued) {
            retryQueued = true;
            partition
                    .owner()
                    .schedule(() -> guard.accept(this::retry), context.config().retryMillis() * 1_000_000L);
        }
        gone.forEach(each -> each.waiter.refused(failure));
    }

    /** Cuts out of what is pending the entries that may be taken back, and returns who waited for them. */
    private List<Waiting> takeBack(List<Waiting> now) {
        List<Waiting> gone = new ArrayList<>();
        int cut = 0;
        for (Waiting each : now) {
            if (each.stays) {
                waiting.add(new Waiting(each.from - cut, each.to - cut, true, each.waiter));
            } else {
                pending.cut(each.from - cut, each.to - cut);
                cut += each.to - each.from;
                gone.add(each);
            }
        }
        return gone;
    }

    /** Tries again what nobody waits for; without anything to write the next acquisition finds out. */
    private void retry() {
        retryQueued = false;
        if (closed || !stalled) {
            return;
        }
        if (pending == null) {
            stalled = false;
            resumed.run();
        } else {
            flush();
        }
    }

    private void forced(List<Waiting> done, IOException failure) {
        if (failure != null) {
            closed = true;
            broken.accept(failure);
            // The entries are in the log and may come back with its recovery: nobody may believe them refused.
            DeliveryFailedException unknown =
                    new DeliveryFailedException("the sync of a ledger failed: " + failure.getMessage(), failure);
            done.forEach(each -> each.waiter.lost(unknown));
        } else {
            durable(done);
        }
    }

    /** One that fails must not keep the others waiting. */
    private static void durable(List<Waiting> done) {
        Throwable first = null;
        for (Waiting each : done) {
            try {
                each.waiter.durable();
            } catch (RuntimeException | VirtualMachineError | AssertionError e) {
                first = Failures.first(first, e);
                each.waiter.lost(new DeliveryFailedException("unexpected: " + e, e));
            }
        }
        Failures.rethrow(first);
    }

    /** Nothing is written any more; who waits for an entry that was not appended is told. */
    void close(IOException reason) {
        closed = true;
        if (growing != null) {
            waiting.add(new Waiting(0, 0, false, growing));
            growing = null;
        }
        List<Waiting> now = waiting;
        waiting = new ArrayList<>();
        for (Waiting each : now) {
            try {
                each.waiter.lost(reason);
            } catch (RuntimeException | VirtualMachineError | AssertionError e) {
                context.log().error("one who waited for the ledger of {} failed", partition.topicName(), e);
            }
        }
        if (pending != null) {
            context.giveBack(pending);
            pending = null;
        }
    }
}
