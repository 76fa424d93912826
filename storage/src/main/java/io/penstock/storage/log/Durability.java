package io.penstock.storage.log;

import io.penstock.storage.time.Failures;
import io.penstock.storage.time.Owner;
import java.io.IOException;
import java.util.ArrayDeque;
import java.util.function.Consumer;

/** How far a log is durable, and who waits for more. Owner thread only, but for what the sync thread does itself. */
final class Durability {
    private final JournalHandle handle;
    private final Journal journal;
    private final ArrayDeque<Waiter> waiters = new ArrayDeque<>();
    private long durableEnd;
    private int truncations;

    private record Waiter(long endOffset, Consumer<IOException> done) {}

    Durability(LogId id, Owner owner, Journal journal, JournalHandle.Listener listener, long durableEnd) {
        handle = new JournalHandle(id, owner, listener);
        this.journal = journal;
        this.durableEnd = durableEnd;
        journal.register(handle);
    }

    JournalHandle handle() {
        return handle;
    }

    long durableEnd() {
        return durableEnd;
    }

    /** Waits until everything below {@code endOffset} is durable. */
    void await(long endOffset, Consumer<IOException> done) {
        if (durableEnd >= endOffset) {
            done.accept(null);
            return;
        }
        waiters.add(new Waiter(endOffset, done));
        journal.requestSync();
    }

    void moved() {
        long end = handle.durableEnd(truncations);
        if (end > durableEnd) {
            setDurable(end);
        }
    }

    /** What is below was forced in another way, or is not asked to be. */
    void setDurable(long end) {
        durableEnd = Math.max(durableEnd, end);
        Throwable first = null;
        while (!waiters.isEmpty() && waiters.peek().endOffset <= durableEnd) {
            first = tell(waiters.poll(), null, first);
        }
        Failures.rethrow(first);
    }

    /** One who fails must not keep the others waiting: nobody would call them again. */
    private static Throwable tell(Waiter waiter, IOException failure, Throwable first) {
        try {
            waiter.done.accept(failure);
            return first;
        } catch (RuntimeException | VirtualMachineError | AssertionError e) {
            return Failures.first(first, e);
        }
    }

    /** From now on appends go through the journal; what the log has is forced with the next group. */
    void joinJournal(long endOffset) {
        setDurable(endOffset);
        journal.stageDirect(handle, endOffset);
    }

    void truncated(long endOffset, long segmentBase, int position) {
        truncations++;
        durableEnd = Math.min(durableEnd, endOffset);
        journal.stageTruncation(handle, endOffset, segmentBase, position);
        Throwable first = null;
        while (!waiters.isEmpty() && waiters.peekLast().endOffset > endOffset) {
            IOException cut = new IOException("the log " + handle.id + " was truncated to " + endOffset
                    + " before what was appended became durable");
            first = tell(waiters.pollLast(), cut, first);
        }
        Failures.rethrow(first);
    }

    void failAll(IOException cause) {
        Throwable first = null;
        while (!waiters.isEmpty()) {
            first = tell(waiters.poll(), cause, first);
        }
        Failures.rethrow(first);
    }

    void close() {
        journal.unregister(handle);
    }
}
