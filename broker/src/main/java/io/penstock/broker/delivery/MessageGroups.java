package io.penstock.broker.delivery;

import java.io.IOException;

/**
 * What keeps records from consumers for the sake of order: owners of message groups, and the one consumer of an exclusive
 * queue. Costs nothing where there is neither. Owner thread only.
 */
final class MessageGroups {

    private final SharePartition group;
    private final PartitionDelivery delivery;
    private final ConsumerRing ring;
    private final SelectorCursors cursors;
    /** Null until there is a message group. */
    private GroupOwners owners;
    /** Null until the queue is exclusive. */
    private ExclusiveConsumer exclusive;

    private boolean separate;

    MessageGroups(SharePartition group, PartitionDelivery delivery, ConsumerRing ring, SelectorCursors cursors) {
        this.group = group;
        this.delivery = delivery;
        this.ring = ring;
        this.cursors = cursors;
    }

    /** At the beginning of a pass. */
    void refresh(Acquirer acquirer) throws IOException {
        if (group.exclusive()) {
            separate();
            if (exclusive == null) {
                exclusive = new ExclusiveConsumer(group.state(), ring);
            }
            exclusive.choose();
        } else if (exclusive != null) {
            exclusive.end();
            exclusive = null;
        }
        OrderIndex index = delivery.orderIndex();
        if (owners == null && index != null && index.keyedEnd() > group.state().startOffset()) {
            GroupOwners found = new GroupOwners(group.state(), ring);
            found.recover(acquirer, delivery, index.keyedFrom());
            owners = found;
            separate();
        }
        if (owners != null && owners.isWaiting()) {
            long from = owners.release();
            if (from != Long.MAX_VALUE) {
                cursors.opened(from);
            }
        }
    }

    private void separate() {
        if (!separate) {
            separate = true;
            cursors.separate();
            for (ConsumerRing.Attached each : ring.all()) {
                each.cursor = cursors.separated(each.cursor);
            }
        }
    }

    /** Who is asked which records of message groups this consumer gets; null where there are none. */
    GroupOwners claimFor(ConsumerRing.Attached attached) {
        return owners == null ? null : owners.claimFor(attached);
    }

    void left(ConsumerRing.Attached gone) {
        if (owners != null) {
            owners.left(gone);
        }
    }

    /** Whether something waits for what a session holds. */
    boolean isWaiting() {
        return exclusive != null || owners != null && owners.isWaiting();
    }
}
