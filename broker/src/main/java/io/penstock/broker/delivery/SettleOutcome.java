package io.penstock.broker.delivery;

/**
 * What became of a settlement.
 *
 * @param lost offsets that the session did not hold any more (released at the end of a lease, purged, never pushed to
 *     it): nothing was done about them. Never silent (invariant 18): the front answers ACQUISITION_LOST.
 */
public record SettleOutcome(OffsetRanges lost) {

    public static final SettleOutcome COMPLETE = new SettleOutcome(new OffsetRanges());

    public boolean complete() {
        return lost.isEmpty();
    }
}
