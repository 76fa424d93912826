package io.penstock.broker.metadata;

import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;

/**
 * One partition as ZooKeeper's state znode tells it.
 *
 * <p>While {@code eligible} is not empty nothing is committed: whoever leads moves the high watermark only after a
 * change of the ISR that empties it, and makes that change once the ISR has {@code min.insync.replicas} (invariant 3).
 * That is what keeps those replicas eligible, whatever each broker believes the minimum to be.
 *
 * @param leader broker id, -1 while there is none. A broker never sees itself as the leader of a replicated partition
 *     by the word of an earlier life of its process: it waits until the controller has elected again
 * @param replicas while they change: those that are wanted, then those that are to go
 * @param eligible replicas that hold everything committed though they are not in the ISR (KIP-966)
 * @param version of the state znode, for compare-and-set; -1 while it is unknown
 * @param stamps for members of the ISR and of {@code eligible}: the broker epoch in which each was last known to hold
 *     everything committed; who has lost unsynced data since is neither in sync nor eligible (invariant 5). Empty
 *     where there never was more than one replica; who is missing counts as stamped now
 * @param adding replicas that were not among them before the change under way
 * @param removing replicas that will not be among them after it
 */
public record PartitionImage(
        int index,
        int leader,
        int leaderEpoch,
        List<Integer> replicas,
        List<Integer> isr,
        List<Integer> eligible,
        int version,
        Map<Integer, Long> stamps,
        List<Integer> adding,
        List<Integer> removing) {

    public PartitionImage {
        replicas = List.copyOf(replicas);
        isr = List.copyOf(isr);
        eligible = List.copyOf(eligible);
        stamps = Map.copyOf(stamps);
        adding = List.copyOf(adding);
        removing = List.copyOf(removing);
    }

    /** Whose replicas do not change. */
    public PartitionImage(
            int index,
            int leader,
            int leaderEpoch,
            List<Integer> replicas,
            List<Integer> isr,
            List<Integer> eligible,
            int version,
            Map<Integer, Long> stamps) {
        this(index, leader, leaderEpoch, replicas, isr, eligible, version, stamps, List.of(), List.of());
    }

    /** Without eligible replicas, of unknown version. */
    public PartitionImage(int index, int leader, int leaderEpoch, List<Integer> replicas, List<Integer> isr) {
        this(index, leader, leaderEpoch, replicas, isr, List.of(), -1, Map.of());
    }

    /** True when other brokers hold copies, so that leadership can move, or did so once. */
    public boolean replicated() {
        return replicas.size() > 1 || !stamps.isEmpty();
    }

    /** True while replicas are added or removed. */
    public boolean reassigning() {
        return !adding.isEmpty() || !removing.isEmpty();
    }

    /** The replicas when the change under way is done. */
    public List<Integer> target() {
        return without(removing);
    }

    /** The replicas before the change under way. */
    public List<Integer> original() {
        return without(adding);
    }

    private List<Integer> without(List<Integer> some) {
        if (some.isEmpty()) {
            return replicas;
        }
        Set<Integer> out = new HashSet<>(some);
        return replicas.stream().filter(id -> !out.contains(id)).toList();
    }

    public PartitionImage withVersion(int newVersion) {
        return with(leader, leaderEpoch, isr, eligible, newVersion, stamps);
    }

    /** As one sees it who must not lead by this state. */
    public PartitionImage withoutLeader() {
        return with(-1, leaderEpoch, isr, eligible, version, stamps);
    }

    /** With the same replicas. */
    PartitionImage with(
            int newLeader,
            int newEpoch,
            List<Integer> newIsr,
            List<Integer> newEligible,
            int newVersion,
            Map<Integer, Long> newStamps) {
        return new PartitionImage(
                index, newLeader, newEpoch, replicas, newIsr, newEligible, newVersion, newStamps, adding, removing);
    }

    long stamp(int broker) {
        return stamps.getOrDefault(broker, Long.MAX_VALUE);
    }
}
