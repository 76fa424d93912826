package io.penstock.broker.delivery;

import io.penstock.broker.config.DestinationSettings;
import io.penstock.storage.time.Clock;
import io.penstock.storage.time.Owner;
import java.nio.ByteBuffer;
import java.util.ArrayDeque;
import java.util.function.Function;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * What all partitions of one owner share: clock, limits, and the buffers that records pass through. One for each
 * owner, made at the broker's start; used on that owner alone.
 */
public final class DeliveryContext {

    private static final Logger LOG = LoggerFactory.getLogger("io.penstock.broker.delivery");
    private static final int ENTRY_BYTES = 1024;
    private static final int ENTRY_BYTES_KEPT = 64 << 10;
    private static final int ENTRY_BUFFERS_KEPT = 64;

    private final Owner owner;
    private final Clock clock;
    private final DeliveryConfig config;
    private final boolean startedClean;
    private final long startNanos;
    private final Acquirer acquirer;
    private int dueTimesMax = DueTimes.NEAR_MAX;
    private final LedgerBatch ledgerBatch;
    private final Function<String, DestinationSettings> settings;
    private final ArrayDeque<EntryBuffer> entryBuffers = new ArrayDeque<>();
    private Moves moves = Moves.NONE;

    /**
     * @param startedClean what {@code LogStore.startedClean} says: after an unclean start NON_PERSISTENT records that
     *     were in the logs before are discarded (at most once)
     */
    public DeliveryContext(Owner owner, Clock clock, DeliveryConfig config, boolean startedClean) {
        this(owner, clock, config, startedClean, destination -> DestinationSettings.UNLIMITED);
    }

    /** @param settings in force for a destination at the moment */
    public DeliveryContext(
            Owner owner,
            Clock clock,
            DeliveryConfig config,
            boolean startedClean,
            Function<String, DestinationSettings> settings) {
        this.settings = settings;
        this.owner = owner;
        this.clock = clock;
        this.config = config;
        this.startedClean = startedClean;
        this.startNanos = clock.nanos();
        this.acquirer = new Acquirer(config.readBytes());
        this.ledgerBatch = new LedgerBatch(clock);
    }

    /** Who carries records to other destinations; without it they stay, and nobody gets them. */
    public void moveBy(Moves mover) {
        moves = mover;
    }

    Moves moves() {
        return moves;
    }

    DestinationSettings settings(String destination) {
        return settings.apply(destination);
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

    long graceNanos() {
        return config.sessionGraceMillis() * 1_000_000L;
    }

    /** Nanoseconds that are left of the grace after the broker's start; 0 or less when it is over. */
    long graceNanosLeft() {
        return graceNanos() - (clock.nanos() - startNanos);
    }

    /** Due times that a partition holds in memory. */
    int dueTimesMax() {
        return dueTimesMax;
    }

    /** For tests. */
    DeliveryContext withDueTimes(int max) {
        dueTimesMax = max;
        return this;
    }

    Acquirer acquirer() {
        return acquirer;
    }

    Logger log() {
        return LOG;
    }

    /** A buffer for entries of one turn; at most as many are out as partitions have something pending. */
    EntryBuffer borrowEntries() {
        EntryBuffer buffer = entryBuffers.poll();
        return buffer == null ? new EntryBuffer(ENTRY_BYTES) : buffer;
    }

    void giveBack(EntryBuffer buffer) {
        if (entryBuffers.size() < ENTRY_BUFFERS_KEPT && buffer.capacity() <= ENTRY_BYTES_KEPT) {
            buffer.clear();
            entryBuffers.push(buffer);
        }
    }

    /** A batch of one record with this value; valid until the next call. */
    ByteBuffer ledgerBatch(ByteBuffer value) {
        return ledgerBatch.of(value);
    }
}
