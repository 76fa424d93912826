package io.penstock.broker.transaction.kafka;

import java.util.function.Consumer;

/** The port to the partitions of a transaction, wherever they are led. Any thread may call. */
public interface MarkerPort {

    /**
     * Ends a producer's transaction in a partition.
     *
     * @param done told, on any thread, how it ended
     */
    void write(TransactionPartition partition, Marker marker, Consumer<Outcome> done);

    /**
     * What a marker says.
     *
     * @param version of the protocol; with 2 the producer's epoch is newer than the transaction's
     */
    record Marker(ProducerIdentity producer, int coordinatorEpoch, boolean commit, int version) {}

    /** What became of it. */
    enum Outcome {
        /** Committed in the partition's log, and on its leader's disk. */
        COMMITTED,
        /** There is no such partition any more, nothing is left to be ended. */
        GONE,
        /** Not now: try again. */
        FAILED,
        /** The log has seen a newer coordinator, or a newer epoch of the producer: this one decides nothing any more. */
        FENCED
    }
}
