package io.penstock.broker.delivery;

import io.penstock.protocol.selector.Selector;

/**
 * The port to a consumer of one group on one partition; implemented by the front. All methods are called on the
 * partition's owner and must not block. Where a consumer's connection lives on another thread, the implementation
 * keeps this partition's share of the credit and copies what it is given.
 */
public interface DeliveryConsumer {

    SessionKey session();

    int consumerId();

    /** Which records of a queue it takes, or shows; null for all. */
    default Selector selector() {
        return null;
    }

    /** Messages that may be pushed now; 0 or less pauses. {@link #deliver} takes from it. */
    int creditMessages();

    /** Bytes that may be pushed now; a message is begun while this is above 0, and pushed whole. */
    int creditBytes();

    /** False while the connection has more queued than it takes; call {@link SharePartition#wake} when it is over. */
    boolean writable();

    /**
     * Takes acquired records: writes them out and lowers its credit by {@link Delivery#messages} and
     * {@link Delivery#sizeBytes}. Must not call back into the group.
     *
     * @param delivery valid until this returns
     */
    void deliver(Delivery delivery);

    /** Everything that was available for a drain, up to the credit, has been pushed. */
    void drained(int drainId);

    /** The consumer is detached because its group or partition is gone; nothing more is pushed. */
    void ended(EndReason reason, String message);

    /** Why a consumer was ended from here. */
    enum EndReason {
        GROUP_DELETED,
        /** The ledger or the log failed; the partition has to be recovered. */
        FAILED,
        /** The partition is closed: it moved or the broker stops. */
        CLOSED
    }
}
