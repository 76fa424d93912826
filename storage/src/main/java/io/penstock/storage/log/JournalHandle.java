package io.penstock.storage.log;

import io.penstock.storage.time.Owner;
import java.io.IOException;

/** One log's place in the journal: what is staged, what is durable. Fields are guarded by the journal. */
final class JournalHandle {
    final LogId id;
    final Owner owner;
    final Listener listener;

    boolean queued;
    boolean direct;
    long stagedEnd;
    int truncations;
    long syncingEnd;
    int syncingTruncations;
    boolean syncingDirect;
    /** A force of the log failed: nothing of it is written or published any more. */
    boolean excluded;

    private long durableEnd;
    private int durableTruncations;

    /** The log behind the handle. */
    interface Listener {
        /** On the owner's thread: more is durable; ask {@link JournalHandle#durableEnd}. */
        void durableMoved();

        /** On the owner's thread: a force failed, nothing more is assumed durable. */
        void forceFailed(IOException cause);

        /** On the sync thread: forces what went past the journal. */
        void forceSegments() throws IOException;
    }

    JournalHandle(LogId id, Owner owner, Listener listener) {
        this.id = id;
        this.owner = owner;
        this.listener = listener;
    }

    synchronized void publish() {
        durableEnd = syncingEnd;
        durableTruncations = syncingTruncations;
    }

    /**
     * End of what is durable, when that is known for the log as it is after its last truncation; else -1: what was
     * forced then may have been cut off and written again.
     */
    synchronized long durableEnd(int truncationsNow) {
        return durableTruncations == truncationsNow ? durableEnd : -1;
    }
}
