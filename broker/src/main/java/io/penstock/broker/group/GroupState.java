package io.penstock.broker.group;

/**
 * Where a classic group stands.
 *
 * <pre>
 *            first join                 all joined, or time is up            leader's assignment is committed
 *   EMPTY ---------------> PREPARING ---------------------------> COMPLETING --------------------------------> STABLE
 *     ^                     ^  |  ^                                   |                                           |
 *     |  nobody is left     |  |  +-----------------------------------+-------------------------------------------+
 *     +---------------------|--+      join, leave, expired session, failed append, changed subscription
 *                           |
 *   any --- deleted, unloaded ---> DEAD
 * </pre>
 */
public enum GroupState {
    EMPTY("Empty"),
    PREPARING_REBALANCE("PreparingRebalance"),
    COMPLETING_REBALANCE("CompletingRebalance"),
    STABLE("Stable"),
    DEAD("Dead");

    private final String displayName;

    GroupState(String displayName) {
        this.displayName = displayName;
    }

    /** The name that Kafka's tools show. */
    public String displayName() {
        return displayName;
    }

    boolean mayBecome(GroupState next) {
        return switch (next) {
            case EMPTY -> this == PREPARING_REBALANCE;
            case PREPARING_REBALANCE -> this == EMPTY || this == COMPLETING_REBALANCE || this == STABLE;
            case COMPLETING_REBALANCE -> this == PREPARING_REBALANCE;
            case STABLE -> this == COMPLETING_REBALANCE;
            case DEAD -> true;
        };
    }
}
