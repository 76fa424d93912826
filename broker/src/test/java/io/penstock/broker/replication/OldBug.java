package io.penstock.broker.replication;

import io.penstock.storage.log.PartitionLog;
import java.util.Collection;
import java.util.HashSet;
import java.util.Set;

/** Bugs that others had, by the number of the invariant that they break: simulations put them back and must find them. */
public enum OldBug {
    NONE,
    CUTS_AT_HIGH_WATERMARK_1,
    OLD_EPOCHS_COUNT_2,
    ONE_ISR_COUNTS_3,
    /** Put back in the authority. */
    NO_BROKER_EPOCHS_4,
    /** Put back in what a broker says of its life. */
    UNCLEAN_LEADS_5,
    /** Put back in what the gate of transactions is told: nobody verifies that a Produce is of an ongoing one. */
    LATE_PRODUCE_15;

    /** Those of production, but for the bug. New ones for each simulation: some remember. */
    public ReplicaRules rules() {
        return switch (this) {
            case CUTS_AT_HIGH_WATERMARK_1 ->
                new ReplicaRules() {
                    @Override
                    long keptAtNewEpoch(PartitionLog own, long highWatermark) {
                        return highWatermark;
                    }

                    @Override
                    PartitionLog.EpochEnd diverging(PartitionLog leader, long offset, int lastEpoch) {
                        return null;
                    }
                };
            case OLD_EPOCHS_COUNT_2 ->
                new ReplicaRules() {
                    private boolean old;

                    @Override
                    boolean counts(int fetchEpoch, int leaderEpoch) {
                        old = fetchEpoch < leaderEpoch;
                        return true;
                    }

                    @Override
                    PartitionLog.EpochEnd diverging(PartitionLog leader, long offset, int lastEpoch) {
                        return old ? null : super.diverging(leader, offset, lastEpoch);
                    }

                    @Override
                    boolean mayJoin(long followerEnd, long highWatermark, long epochStart) {
                        return followerEnd >= 0;
                    }

                    @Override
                    boolean holdsCommitted(long followerEnd, long highWatermark) {
                        return true;
                    }
                };
            case ONE_ISR_COUNTS_3 ->
                new ReplicaRules() {
                    @Override
                    Set<Integer> counted(Collection<Integer> isr, Collection<Integer> proposed) {
                        return new HashSet<>(proposed.isEmpty() ? isr : proposed);
                    }

                    @Override
                    boolean mayCommit(int inSync, int eligible, int minInSync) {
                        return true;
                    }
                };
            default -> ReplicaRules.STANDARD;
        };
    }
}
