package io.penstock.broker.metadata;

import java.util.List;
import java.util.Map;

/**
 * One partition as ZooKeeper's state znode tells it.
 *
 * <p>While {@code eligible} is not empty nothing is committed: whoever leads moves the high watermark only after a
 * change of the ISR that empties it, and makes that change once the ISR has {@code min.insync.replicas} (invariant 3).
 * That is what keeps those replicas eligible, whatever each broker believes the minimum to be.
 *
 * @param leader broker id, -1 while there is none. A broker never sees itself as the leader of a replicated partition
 *     by the word of an earlier life of its process: it waits until the controller has elected again
 * @param eligible replicas that hold everything committed though they are not in the ISR (KIP-966)
 * @param version of the state znode, for compare-and-set; -1 while it is unknown
 * @param stamps for members of the ISR and of {@code eligible}: the broker epoch in which each was last known to hold
 *     everything committed; who has lost unsynced data since is neither in sync nor eligible (invariant 5). Empty with
 *     one replica; who is missing counts as stamped now
 */
public record PartitionImage(
        int index,
        int leader,
        int leaderEpoch,
        List<Integer> replicas,
        List<Integer> isr,
        List<Integer> eligible,
        int version,
        Map<Integer, Long> stamps) {

    public PartitionImage {
        replicas = List.copyOf(replicas);
        isr = List.copyOf(isr);
        eligible = List.copyOf(eligible);
        stamps = Map.copyOf(stamps);
    }

    /** Without eligible replicas, of unknown version. */
    public PartitionImage(int index, int leader, int leaderEpoch, List<Integer> replicas, List<Integer> isr) {
        this(index, leader, leaderEpoch, replicas, isr, List.of(), -1, Map.of());
    }

    /** True when other brokers hold copies, so that leadership can move. */
    public boolean replicated() {
        return replicas.size() > 1;
    }

    public PartitionImage withVersion(int newVersion) {
        return new PartitionImage(index, leader, leaderEpoch, replicas, isr, eligible, newVersion, stamps);
    }

    /** As one sees it who must not lead by this state. */
    public PartitionImage withoutLeader() {
        return new PartitionImage(index, -1, leaderEpoch, replicas, isr, eligible, version, stamps);
    }

    long stamp(int broker) {
        return stamps.getOrDefault(broker, Long.MAX_VALUE);
    }
}
