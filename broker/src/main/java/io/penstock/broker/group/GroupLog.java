package io.penstock.broker.group;

import java.io.IOException;
import java.util.List;

/** The port to one partition of the offsets topic, once its records were replayed. Owner thread only. */
interface GroupLog {

    /**
     * Appends records together; {@code done} gets null when they are committed, on the owner's thread, in the order of
     * the appends, possibly before this returns.
     */
    void append(List<GroupRecord> records, Appended done);

    /** Offset of the next record. */
    long endOffset();

    /** Bytes between the log's start and its end. */
    long sizeBytes();

    /** Gives up everything below {@code offset}. */
    void advanceStart(long offset) throws IOException;

    /** Told how an append ended. */
    interface Appended {
        /** @param failure null when the records are committed */
        void done(IOException failure);
    }
}
