package io.penstock.broker.delivery;

import io.penstock.storage.time.Clock;
import io.penstock.storage.time.Owner;

/**
 * What all partitions of one owner share: clock, limits, and the buffers that records pass through. One for each
 * owner, made at the broker's start; used on that owner alone.
 */
public final class DeliveryContext {

    private final Owner owner;
    private final Clock clock;
    private final DeliveryConfig config;
    private final boolean startedClean;
    private final long startNanos;

    /**
     * @param startedClean what {@code LogStore.startedClean} says: after an unclean start NON_PERSISTENT records that
     *     were in the logs before are discarded (at most once)
     */
    public DeliveryContext(Owner owner, Clock clock, DeliveryConfig config, boolean startedClean) {
        this.owner = owner;
        this.clock = clock;
        this.config = config;
        this.startedClean = startedClean;
        this.startNanos = clock.nanos();
    }

    Owner owner() {
        return owner;
    }

    Clock clock() {
        return clock;
    }

    DeliveryConfig config() {
        return config;
    }

    boolean startedClean() {
        return startedClean;
    }

    /** Nanoseconds that are left of the grace after the broker's start; 0 or less when it is over. */
    long graceNanosLeft() {
        return config.sessionGraceMillis() * 1_000_000L - (clock.nanos() - startNanos);
    }
}
