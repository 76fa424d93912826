package io.penstock.broker.delivery;

/**
 * A group on one partition, as it is made.
 *
 * @param groupId of the queue or subscription; at most 400 characters
 * @param incarnation distinguishes groups that had the same id one after the other
 * @param kind decides what is logged
 * @param startOffset first offset that the group gets
 * @param excludedSender records that this sender wrote are not delivered (noLocal): the value of their
 *     {@code penstock.sender} header; null delivers all
 * @param selector of a subscription: records that it does not match are settled unseen; null for a queue, whose
 *     consumers have selectors of their own, and for a subscription to everything
 */
public record GroupSpec(
        String groupId, long incarnation, Kind kind, long startOffset, String excludedSender, String selector) {

    /** What a group serves. */
    public enum Kind {
        /** The one group of a queue. */
        QUEUE,
        /** A durable subscription. */
        DURABLE,
        /** A non-durable subscription: lives in memory alone and ends with its last consumer or the broker. */
        NON_DURABLE;

        boolean logged() {
            return this != NON_DURABLE;
        }
    }

    public GroupSpec {
        if (groupId.isEmpty() || groupId.length() > 400) {
            throw new IllegalArgumentException("group id of " + groupId.length() + " characters");
        }
        if (startOffset < 0) {
            throw new IllegalArgumentException("start offset " + startOffset);
        }
    }

    /** A group that gets everything but what the sender wrote. */
    public GroupSpec(String groupId, long incarnation, Kind kind, long startOffset, String excludedSender) {
        this(groupId, incarnation, kind, startOffset, excludedSender, null);
    }

    public static GroupSpec queue(String name, long startOffset) {
        return new GroupSpec(name, 0, Kind.QUEUE, startOffset, null);
    }
}
