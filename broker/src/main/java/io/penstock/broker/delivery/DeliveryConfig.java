package io.penstock.broker.delivery;

/**
 * Limits and times of delivery, the same for all partitions of a broker.
 *
 * @param inFlightRecordsMax records between a group's oldest unsettled one and its newest acquired one that are not
 *     settled; at this many nothing new is acquired
 * @param readBytes size of an owner's read buffer, and the most that one push carries (a larger batch goes alone)
 * @param passBytes bytes pushed by one partition before its owner serves others
 * @param snapshotAfterBytes ledger bytes written since the last snapshot at which a new one is taken (at least; eight
 *     times the snapshot's size when that is more)
 * @param snapshotChunkBytes largest record of a snapshot
 * @param sessionGraceMillis how long after the broker's start what was acquired before stays with its sessions, so
 *     that they may come back and settle
 * @param reclaimMillis time between two looks at what has been settled
 * @param passWork how much one partition looks at records, for selectors, before its owner serves others; about
 *     nanoseconds
 * @param retryMillis wait after a failed read or ledger append before the next try
 */
public record DeliveryConfig(
        int inFlightRecordsMax,
        int readBytes,
        int passBytes,
        int snapshotAfterBytes,
        int snapshotChunkBytes,
        long sessionGraceMillis,
        long reclaimMillis,
        long retryMillis,
        long passWork) {

    private static final long PASS_WORK = 1_000_000;

    /** With the usual amount of work. */
    public DeliveryConfig(
            int inFlightRecordsMax,
            int readBytes,
            int passBytes,
            int snapshotAfterBytes,
            int snapshotChunkBytes,
            long sessionGraceMillis,
            long reclaimMillis,
            long retryMillis) {
        this(
                inFlightRecordsMax,
                readBytes,
                passBytes,
                snapshotAfterBytes,
                snapshotChunkBytes,
                sessionGraceMillis,
                reclaimMillis,
                retryMillis,
                PASS_WORK);
    }

    public static DeliveryConfig defaults() {
        return new DeliveryConfig(100_000, 256 << 10, 4 << 20, 1 << 20, 64 << 10, 1000, 1000, 500);
    }

    public DeliveryConfig withSessionGraceMillis(long millis) {
        return new DeliveryConfig(
                inFlightRecordsMax,
                readBytes,
                passBytes,
                snapshotAfterBytes,
                snapshotChunkBytes,
                millis,
                reclaimMillis,
                retryMillis,
                passWork);
    }
}
