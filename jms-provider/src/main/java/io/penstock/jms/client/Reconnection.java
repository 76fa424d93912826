package io.penstock.jms.client;

/**
 * How a connection that was lost is made again.
 *
 * @param attempts after each loss; 0 for none, -1 for as many as it takes
 * @param firstDelayMillis before the second attempt; the first is made at once
 * @param multiplier of the delay from attempt to attempt
 * @param maxDelayMillis where the delay stops growing
 */
public record Reconnection(int attempts, int firstDelayMillis, double multiplier, int maxDelayMillis) {
    public static final Reconnection NONE = new Reconnection(0, 1, 1, 1);

    /** The delay before an attempt; attempts count from 1. */
    public long delayMillis(int attempt) {
        if (attempt <= 1) {
            return 0;
        }
        return (long) Math.min(maxDelayMillis, firstDelayMillis * Math.pow(multiplier, Math.min(attempt - 2, 1000)));
    }
}
