package io.penstock.broker.shard;

import java.io.IOException;
import java.util.List;

/**
 * The port to one partition of a coordinator's topic, once its records were replayed. Owner thread only.
 *
 * @param <R> the coordinator's records
 */
public interface ShardLog<R> {

    /**
     * Appends records together; {@code done} gets null when they are committed, on the owner's thread, in the order of
     * the appends, possibly before this returns.
     */
    void append(List<R> records, Appended done);

    /** Offset of the next record. */
    long endOffset();

    /** First offset of records in a Kafka transaction that is undecided; what lies from there on is needed. */
    default long firstUndecidedOffset() {
        return Long.MAX_VALUE;
    }

    /**
     * False while another broker may coordinate without this one knowing it: what is in memory here may be old then, and
     * must not be told to anybody.
     */
    default boolean serving() {
        return true;
    }

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
