package io.penstock.broker.delivery;

/**
 * Looks after a group that has records and a consumer who wants them, and pushes nothing: says in the log what it waits
 * for, when that takes long, and tries again. Has a timer only while a group stands still. Owner thread only.
 */
final class StandstillWatch {

    /** Longer than a disk under load takes for a force. */
    static final long MILLIS = 10_000;

    private final SharePartition group;
    private final PartitionDelivery delivery;
    private boolean watching;
    private long pushedBefore;
    private long standingMillis;

    StandstillWatch(SharePartition group, PartitionDelivery delivery) {
        this.group = group;
        this.delivery = delivery;
    }

    /** A pass has ended with records and takers left. */
    void standing(long pushedTotal) {
        if (pushedTotal != pushedBefore) {
            pushedBefore = pushedTotal;
            standingMillis = 0;
        }
        if (!watching) {
            watching = true;
            delivery.partition().owner().schedule(() -> delivery.run(this::look), MILLIS * 1_000_000L);
        }
    }

    private void look() {
        watching = false;
        String reason = group.standstill();
        if (reason == null) {
            return;
        }
        if (group.pushedTotal() == pushedBefore) {
            standingMillis += MILLIS;
            delivery.context()
                    .log()
                    .warn("{} has pushed nothing for {} s: {}", group.describe(), standingMillis / 1000, reason);
        }
        group.pump();
    }
}
