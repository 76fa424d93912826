package io.penstock.broker.delivery;

/**
 * What one request of a session says about records of one group on one partition; all of it goes into one ledger
 * entry, under one sequence. The three must not overlap.
 *
 * @param accepted are done with and never come back (disposition 1)
 * @param released go back to available; counted as delivered only when they were marked (disposition 2)
 * @param releasedCounted go back to available, counted as delivered (disposition 3)
 */
public record Settlements(OffsetRanges accepted, OffsetRanges released, OffsetRanges releasedCounted) {

    public static Settlements accept(OffsetRanges ranges) {
        return new Settlements(ranges, new OffsetRanges(), new OffsetRanges());
    }

    public static Settlements release(OffsetRanges ranges) {
        return new Settlements(new OffsetRanges(), ranges, new OffsetRanges());
    }

    public static Settlements releaseCounted(OffsetRanges ranges) {
        return new Settlements(new OffsetRanges(), new OffsetRanges(), ranges);
    }

    Settlements without(OffsetRanges others) {
        return others.isEmpty()
                ? this
                : new Settlements(accepted.without(others), released.without(others), releasedCounted.without(others));
    }

    /** A client that contradicts itself: what is accepted wins, then what is released uncounted. */
    Settlements disjoint() {
        return new Settlements(
                accepted,
                released.without(accepted),
                releasedCounted.without(accepted).without(released));
    }
}
