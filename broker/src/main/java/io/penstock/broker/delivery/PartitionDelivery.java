package io.penstock.broker.delivery;

import io.penstock.broker.partition.Partition;
import java.io.IOException;
import java.util.Collection;
import java.util.Optional;
import java.util.concurrent.CompletionStage;
import java.util.function.Consumer;

/**
 * All groups of one partition, and the ledger that tells their story. Opened when the first consumer or subscription
 * asks for the partition, closed when the partition moves or the broker stops. Owner thread only.
 *
 * <p>Each time the high watermark moves, records are pushed to consumers in the same pass. Ledger entries that come
 * together in one turn of the owner go into one append.
 */
public final class PartitionDelivery {

    private PartitionDelivery() {}

    /**
     * Opens the ledger and replays it; completes on the owner's thread. Fails with an {@link IOException} when the
     * ledger cannot be read.
     */
    public static CompletionStage<PartitionDelivery> open(
            Partition partition, DeliveryContext context, SettledRetention retention) {
        throw new UnsupportedOperationException();
    }

    public Partition partition() {
        throw new UnsupportedOperationException();
    }

    public Optional<SharePartition> group(String groupId) {
        throw new UnsupportedOperationException();
    }

    public Collection<SharePartition> groups() {
        throw new UnsupportedOperationException();
    }

    /**
     * The group, made when there is none of that id. One of an older incarnation is deleted first; one of the same
     * incarnation is returned as it is; a newer one is kept, and {@code done} gets an {@link IllegalStateException} as
     * cause of the failure.
     *
     * @param done null when the group is durable, else why not; may be called at once
     */
    public SharePartition createGroup(GroupSpec spec, Consumer<IOException> done) {
        throw new UnsupportedOperationException();
    }

    /**
     * Ends a group with all that is known of it; its consumers are told. No such group or another incarnation: nothing
     * happens.
     *
     * @param done null when the end is durable, else why not; may be called at once
     */
    public void deleteGroup(String groupId, long incarnation, Consumer<IOException> done) {
        throw new UnsupportedOperationException();
    }

    /** A session that held records before a restart has come back: what it holds stays with it beyond the grace. */
    public void sessionResumed(SessionKey session) {
        throw new UnsupportedOperationException();
    }

    /**
     * The session is over, by its end or its lease's: in all groups what it holds goes back, counted where marked.
     * What is in doubt stays so until its commit is decided.
     */
    public void sessionEnded(SessionKey session) {
        throw new UnsupportedOperationException();
    }

    /** The least offset that a group still needs, for retention by time; {@link Long#MAX_VALUE} without groups. */
    public long keepFrom() {
        throw new UnsupportedOperationException();
    }

    /** Why the delivery stopped, empty while it works. After a failure it must be closed and opened again. */
    public Optional<IOException> failure() {
        throw new UnsupportedOperationException();
    }

    /** Writes what is pending, tells consumers that they ended, and forgets everything. */
    public void close() {
        throw new UnsupportedOperationException();
    }
}
