package io.penstock.broker.replication;

import io.penstock.storage.log.PartitionLog;
import io.penstock.storage.log.PartitionLog.EpochEnd;
import java.util.Collection;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/**
 * The rules of replication as functions of plain values; numbers are those of the invariants. No state. The simulation
 * proves itself by putting old bugs back, each by overriding one of these.
 */
public class ReplicaRules {
    public static final ReplicaRules STANDARD = new ReplicaRules();

    ReplicaRules() {}

    /** 2: a fetch of another epoch than the leader's says nothing of what the follower has. */
    boolean counts(int fetchEpoch, int leaderEpoch) {
        return fetchEpoch == leaderEpoch;
    }

    /**
     * 1: where the logs part, by the epoch of the follower's last record (KIP-101, 279, 320).
     *
     * @return null when everything that the follower has is the leader's, else the leader's largest epoch that is not
     *     above {@code lastEpoch}, and its end
     */
    EpochEnd diverging(PartitionLog leader, long offset, int lastEpoch) {
        if (lastEpoch < 0) {
            return null;
        }
        return leader.endOfEpoch(lastEpoch)
                .filter(end -> end.epoch() < lastEpoch || end.endOffset() < offset)
                .orElse(null);
    }

    /**
     * 1: to where a follower cuts its log, after which it asks again.
     *
     * @param epoch the leader's largest epoch that is not above the follower's last
     * @param epochEnd where that ends at the leader
     */
    long cut(PartitionLog own, int epoch, long epochEnd) {
        Optional<EpochEnd> known = own.endOfEpoch(epoch);
        long end = own.endOffset();
        // What the follower has of later epochs is not the leader's; what it has of this one, up to where it ends
        // there.
        return Math.min(end, Math.min(epochEnd, known.map(EpochEnd::endOffset).orElse(end)));
    }

    /** 1: what a follower keeps when a leader's epoch begins: everything, until the leader has been asked. */
    long keptAtNewEpoch(PartitionLog own, long highWatermark) {
        return own.endOffset();
    }

    /** 3: whose ends the high watermark is the least of. */
    Set<Integer> counted(Collection<Integer> isr, Collection<Integer> proposed) {
        Set<Integer> union = new LinkedHashSet<>(isr);
        union.addAll(proposed);
        return union;
    }

    /** 3: nothing is committed by too few, nor while replicas out of the ISR are taken to hold everything committed. */
    boolean mayCommit(int inSync, int eligible, int minInSync) {
        return inSync >= minInSync && eligible == 0;
    }

    /** 2: a follower joins the ISR when it has what is committed, and everything from before the leader's epoch. */
    boolean mayJoin(long followerEnd, long highWatermark, long epochStart) {
        return followerEnd >= highWatermark && followerEnd >= epochStart;
    }

    /** 2: a member of the ISR that has less than is committed has lost it, and is none any more. */
    boolean holdsCommitted(long followerEnd, long highWatermark) {
        return followerEnd >= highWatermark;
    }

    /** Whether a follower has been behind for too long. */
    boolean lags(long nowNanos, long caughtUpNanos, long lagMaxNanos) {
        return nowNanos - caughtUpNanos > lagMaxNanos;
    }

    /** KIP-966: who holds everything committed though it leaves the ISR, since too few are left to commit anything. */
    List<Integer> eligible(
            List<Integer> isrBefore, List<Integer> eligibleBefore, List<Integer> isrAfter, int minInSync) {
        if (isrAfter.size() >= minInSync) {
            return List.of();
        }
        Set<Integer> all = new LinkedHashSet<>(isrBefore);
        all.addAll(eligibleBefore);
        isrAfter.forEach(all::remove);
        return List.copyOf(all);
    }

    /** 4: in which lives the replicas that join have caught up. */
    Map<Integer, Long> addedEpochs(Map<Integer, Long> caughtUpIn) {
        return caughtUpIn;
    }
}
