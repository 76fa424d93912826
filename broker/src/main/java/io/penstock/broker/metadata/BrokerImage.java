package io.penstock.broker.metadata;

/**
 * A live broker.
 *
 * @param epoch of its registration; grows with each registration, also with those of one process
 * @param startEpoch epoch of the first registration of the process that it is now
 * @param uncleanEpoch epoch of the last registration, of this life or of an earlier one, before which unsynced data may
 *     have been lost; -1 when there was none
 * @param leaving it is about to stop, and wants neither leaderships nor new replicas
 */
public record BrokerImage(
        int id, long epoch, String host, int port, String rack, long startEpoch, long uncleanEpoch, boolean leaving) {

    /** Begun cleanly. */
    public BrokerImage(int id, long epoch, String host, int port, String rack) {
        this(id, epoch, host, port, rack, true);
    }

    /** @param clean nothing that this broker ever acknowledged can have been lost when this life of it began */
    public BrokerImage(int id, long epoch, String host, int port, String rack, boolean clean) {
        this(id, epoch, host, port, rack, epoch, clean ? -1 : epoch, false);
    }

    /** Whether this life began after a clean shutdown, or after a death that the page cache survived. */
    public boolean clean() {
        return uncleanEpoch < startEpoch;
    }

    /**
     * The registration that follows.
     *
     * @param first whether it is the first one of a process
     */
    public BrokerImage registered(long newEpoch, boolean first, long start, long lastUncleanEpoch) {
        long began = first ? newEpoch : start;
        long unclean = first && !clean() ? newEpoch : lastUncleanEpoch;
        return new BrokerImage(id, newEpoch, host, port, rack, began, unclean, leaving);
    }

    public BrokerImage withLeaving(boolean now) {
        return new BrokerImage(id, epoch, host, port, rack, startEpoch, uncleanEpoch, now);
    }
}
