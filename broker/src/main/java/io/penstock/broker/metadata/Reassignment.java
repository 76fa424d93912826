package io.penstock.broker.metadata;

import io.penstock.broker.metadata.MetadataException.Reason;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/**
 * How a partition goes to other replicas while it is used, as in KIP-455: pure functions from state to state. All that
 * is known of a move stands in the partition's state, so that any controller goes on with it.
 *
 * <pre>
 * [1,2,3]  --begin [3,4,5]-->  [3,4,5,1,2] adding 4,5 removing 1,2  --all of 4,5 in sync-->  [3,4,5]
 *                                            '-- cancel --> [3,1,2]
 * </pre>
 *
 * Whoever is dropped, at the end or by a cancellation, is dropped with a new leader epoch: what it fetched before says
 * nothing of it when it is made a replica again.
 */
public final class Reassignment {
    private Reassignment() {}

    /**
     * The state with which a move begins, or which replaces a move under way.
     *
     * @throws MetadataException with INVALID_ASSIGNMENT
     */
    public static PartitionImage begin(ClusterImage image, PartitionImage now, List<Integer> target) {
        List<Integer> original = now.original();
        check(image, original, target);
        Set<Integer> all = new LinkedHashSet<>(target);
        all.addAll(original);
        return assign(image, now, List.copyOf(all), without(target, original), without(original, target));
    }

    private static void check(ClusterImage image, List<Integer> original, List<Integer> target) {
        if (target.isEmpty()) {
            throw invalid("The manual partition assignment includes an empty replica list.");
        }
        for (int id : target) {
            if (image.broker(id).isEmpty() && !original.contains(id)) {
                throw invalid("The manual partition assignment includes broker " + id
                        + ", but no such broker is registered.");
            }
        }
        if (new HashSet<>(target).size() != target.size()) {
            throw invalid("The manual partition assignment includes a broker more than once: " + target);
        }
    }

    /**
     * The state as it was before the move under way.
     *
     * @throws MetadataException with NO_REASSIGNMENT, or INVALID_ASSIGNMENT when none of the former replicas can lead
     */
    public static PartitionImage cancel(ClusterImage image, PartitionImage now) {
        if (!now.reassigning()) {
            throw new MetadataException(Reason.NO_REASSIGNMENT, "No partition reassignment is in progress.");
        }
        return assign(image, now, now.original(), List.of(), List.of());
    }

    /**
     * The state at the end of a move, when it can end: those that are added are in sync, and enough of those that stay
     * are so that records can go on being committed.
     */
    public static Optional<PartitionImage> complete(ClusterImage image, PartitionImage now, int minIsr) {
        if (!now.reassigning() || now.leader() < 0 || !now.isr().containsAll(now.adding())) {
            return Optional.empty();
        }
        List<Integer> target = now.target();
        List<Integer> isr = now.isr().stream().filter(target::contains).toList();
        boolean enough =
                isr.size() >= Math.min(minIsr, target.size()) && now.eligible().isEmpty();
        boolean ledByTarget = target.contains(now.leader()) || Election.best(image, now, isr) >= 0;
        return enough && ledByTarget ? Optional.of(assign(image, now, target, List.of(), List.of())) : Optional.empty();
    }

    /**
     * More replicas for a partition of the cluster's own that has fewer than it should, once there are brokers for them.
     *
     * @param factor how many it should have
     */
    public static Optional<PartitionImage> spread(ClusterImage image, String topic, PartitionImage now, int factor) {
        if (now.replicas().size() >= factor || !now.removing().isEmpty() || now.leader() < 0) {
            return Optional.empty();
        }
        List<Integer> more = Placement.more(image, topic, now.index(), now.replicas(), factor);
        if (more.isEmpty()) {
            return Optional.empty();
        }
        List<Integer> all = new ArrayList<>(now.replicas());
        all.addAll(more);
        List<Integer> adding = new ArrayList<>(now.adding());
        adding.addAll(more);
        return Optional.of(assign(image, now, all, adding, List.of()));
    }

    private static PartitionImage assign(
            ClusterImage image,
            PartitionImage now,
            List<Integer> replicas,
            List<Integer> adding,
            List<Integer> removing) {
        List<Integer> isr = now.isr().stream().filter(replicas::contains).toList();
        List<Integer> eligible =
                now.eligible().stream().filter(replicas::contains).toList();
        if (isr.isEmpty() && now.leaderEpoch() >= 0) {
            throw invalid("Unable to change the assignment of partition " + now.index()
                    + " because it would require an unclean leader election.");
        }
        // Who sees nobody lead may be hiding its own leadership of an earlier life from itself: the state names it.
        boolean fences = now.leader() < 0 || !replicas.containsAll(now.replicas());
        PartitionImage assigned = new PartitionImage(
                now.index(),
                now.leader(),
                now.leaderEpoch() + (fences ? 1 : 0),
                replicas,
                isr,
                eligible,
                now.version(),
                stamps(image, now, isr, eligible),
                adding,
                removing);
        if (now.leader() < 0 || replicas.contains(now.leader())) {
            return assigned;
        }
        int leader = Election.best(image, assigned, isr);
        if (leader < 0) {
            throw invalid("Unable to change the assignment of partition " + now.index() + " because none of " + isr
                    + ", which are in sync, can lead now.");
        }
        Map<Integer, Long> stamps = new HashMap<>(assigned.stamps());
        image.broker(leader).ifPresent(broker -> stamps.put(leader, broker.epoch()));
        return assigned.with(leader, assigned.leaderEpoch(), isr, eligible, now.version(), stamps);
    }

    /** A partition that had one replica has no stamps: from now on it is looked after as those with several are. */
    private static Map<Integer, Long> stamps(
            ClusterImage image, PartitionImage now, List<Integer> isr, List<Integer> eligible) {
        Map<Integer, Long> stamps = new HashMap<>(now.stamps());
        stamps.keySet().removeIf(id -> !isr.contains(id) && !eligible.contains(id));
        if (now.stamps().isEmpty()) {
            isr.forEach(id -> image.broker(id).ifPresent(broker -> stamps.put(id, broker.epoch())));
        }
        return stamps;
    }

    private static List<Integer> without(List<Integer> some, List<Integer> out) {
        return some.stream().filter(id -> !out.contains(id)).toList();
    }

    private static MetadataException invalid(String why) {
        return new MetadataException(Reason.INVALID_ASSIGNMENT, why);
    }
}
