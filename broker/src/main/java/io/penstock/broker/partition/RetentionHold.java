package io.penstock.broker.partition;

import java.util.function.LongConsumer;

/** Says what of a partition must outlive retention by time and size, since somebody has not had it. */
public interface RetentionHold {

    /** Holds nothing. */
    RetentionHold NONE = (partition, answer) -> answer.accept(Long.MAX_VALUE);

    /**
     * Called on the partition's owner for partitions that have a ledger.
     *
     * @param answer takes, on the owner, the offset from which everything stays; not called when it cannot be known,
     *     and everything stays then
     */
    void keepFrom(Partition partition, LongConsumer answer);
}
