package io.penstock.broker.config;

/**
 * What is in force for one destination: how often and when its messages are delivered again, and where they go when that
 * is over, or their time. Immutable.
 *
 * @param maxDeliveryAttempts a message that was delivered so often is a dead letter; -1 never
 * @param redeliveryDelayMillis wait before the second delivery
 * @param redeliveryDelayMultiplier each further wait is so many times the one before
 * @param maxRedeliveryDelayMillis the longest wait
 * @param deadLetterAddress destination of dead letters; null: they are dropped
 * @param autoCreateDeadLetterResources make that destination, a queue, when there is none
 * @param expiryAddress destination of what has expired; null: that is dropped
 * @param exclusiveQueue one consumer of a queue at a time gets everything
 */
public record DestinationSettings(
        int maxDeliveryAttempts,
        long redeliveryDelayMillis,
        double redeliveryDelayMultiplier,
        long maxRedeliveryDelayMillis,
        String deadLetterAddress,
        boolean autoCreateDeadLetterResources,
        String expiryAddress,
        boolean exclusiveQueue) {

    public static final DestinationSettings DEFAULTS =
            SettingsTree.of(java.util.Map.of()).of("any");

    /** Attempts without an end, at once. */
    public static final DestinationSettings UNLIMITED = new DestinationSettings(-1, 0, 1, 0, null, false, null, false);

    /**
     * How often a client may hand a message out before it must give it back when that fails; negative when it must give it
     * back each time, since it has to wait.
     *
     * @param endless without the limit
     */
    public int attemptsInARow(boolean endless) {
        int most = endless || maxDeliveryAttempts < 0 ? Integer.MAX_VALUE : maxDeliveryAttempts;
        return redeliveryDelayMillis > 0 ? -most : most;
    }

    /** Milliseconds that a message waits which was delivered {@code count} times; 0 for not at all. */
    public long delayMillis(int count) {
        if (redeliveryDelayMillis <= 0 || count <= 0) {
            return 0;
        }
        double delay = redeliveryDelayMillis * Math.pow(redeliveryDelayMultiplier, count - 1.0);
        return (long) Math.min(delay, maxRedeliveryDelayMillis);
    }

    /** True for a message that was delivered as often as it may be. */
    public boolean exhausted(int count) {
        return maxDeliveryAttempts >= 0 && count >= maxDeliveryAttempts;
    }
}
