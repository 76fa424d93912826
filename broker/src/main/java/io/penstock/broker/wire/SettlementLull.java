package io.penstock.broker.wire;

/**
 * Decides when a connection is left unread for a moment because what comes on it is a stream of acknowledgements that nobody
 * waits for: read one by one as they arrive, each costs its sender the waking of this loop, and the broker a read and a
 * ledger entry; read together they cost that once. A request that somebody waits for ends it. Loop only.
 *
 * <pre>
 *              64 unhurried frames more              the pause is over
 *   reading -----------------------------> unread ---------------------> reading
 *      ^                                                                    |
 *      +--- fewer than 16 frames came in it: that many once more -----------+
 * </pre>
 */
final class SettlementLull {
    /** At 300,000 acknowledgements a second sixty of them; the most that it adds to the latency of another request. */
    static final long PAUSE_NANOS = 200_000;

    static final int BEGINS_AT = 64;
    static final int WORTH_IT = 16;
    /** A consumer's credit comes once for some hundred acknowledgements; other requests come more often. */
    private static final int HURRIED_WEIGHT = 32;

    private static final int STREAK_MAX = 2 * BEGINS_AT;

    private int streak;
    private int framesSincePause = WORTH_IT;
    private boolean unread;

    /** A frame has come; {@code unhurried} if nobody waits for what it asks. */
    void frame(boolean unhurried) {
        framesSincePause++;
        streak = unhurried ? Math.min(STREAK_MAX, streak + 1) : Math.max(0, streak - HURRIED_WEIGHT);
    }

    /** Everything that has arrived was read: true when nothing more is to be read for {@link #PAUSE_NANOS}. */
    boolean begins() {
        if (unread) {
            return false;
        }
        if (framesSincePause < WORTH_IT) {
            streak = 0;
        }
        framesSincePause = WORTH_IT;
        unread = streak >= BEGINS_AT;
        return unread;
    }

    /** The pause is over. */
    void ends() {
        unread = false;
        framesSincePause = 0;
    }

    boolean isUnread() {
        return unread;
    }
}
