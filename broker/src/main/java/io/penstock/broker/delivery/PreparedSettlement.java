package io.penstock.broker.delivery;

/**
 * Records of one group that {@link SharePartition#prepareSettle} has put in doubt for a commit over several logs:
 * nobody else gets them until it is applied or undone, exactly once.
 */
public final class PreparedSettlement {

    private final SessionKey session;
    private final OffsetRanges ranges;
    private boolean open = true;

    PreparedSettlement(SessionKey session, OffsetRanges ranges) {
        this.session = session;
        this.ranges = ranges;
    }

    public SessionKey session() {
        return session;
    }

    public OffsetRanges ranges() {
        return ranges;
    }

    void finish() {
        if (!open) {
            throw new IllegalStateException("settlement of " + ranges + " was applied or undone before");
        }
        open = false;
    }
}
