package io.penstock.broker;

import io.penstock.broker.partition.PartitionRegistry;
import io.penstock.storage.time.Owner;
import java.util.concurrent.TimeUnit;

/** Applies retention from time to time, as long as the owner lives. */
final class RetentionTimer {
    private RetentionTimer() {}

    static void start(Owner owner, PartitionRegistry partitions, long intervalMillis) {
        owner.schedule(
                () -> {
                    partitions.applyRetention();
                    start(owner, partitions, intervalMillis);
                },
                TimeUnit.MILLISECONDS.toNanos(intervalMillis));
    }
}
