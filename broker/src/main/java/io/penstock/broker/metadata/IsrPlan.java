package io.penstock.broker.metadata;

import io.penstock.broker.metadata.MetadataException.Reason;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;

/** What becomes of a partition's state by a leader's {@link IsrChange}: pure. */
public final class IsrPlan {
    private IsrPlan() {}

    /**
     * The state as it will be, with the next version.
     *
     * @throws MetadataException with STALE when the image differs from what the change rests on, INVALID_ASSIGNMENT
     *     when it makes no sense
     */
    public static PartitionImage change(ClusterImage image, PartitionImage now, IsrChange change) {
        if (now.version() < 0 || now.version() != change.version() || now.leaderEpoch() != change.leaderEpoch()) {
            throw new MetadataException(
                    Reason.STALE,
                    "The state of partition " + now.index() + " has version " + now.version() + " and leader epoch "
                            + now.leaderEpoch() + ", the change rests on " + change.version() + " and "
                            + change.leaderEpoch());
        }
        check(now, change);
        Map<Integer, Long> stamps = new HashMap<>();
        if (now.replicated()) {
            for (int id : change.isr()) {
                stamps.put(id, now.isr().contains(id) ? now.stamps().get(id) : added(image, change, id));
            }
            for (int id : change.eligible()) {
                stamps.put(id, now.stamps().get(id));
            }
            stamps.values().removeIf(stamp -> stamp == null);
        }
        return now.with(now.leader(), now.leaderEpoch(), change.isr(), change.eligible(), now.version() + 1, stamps);
    }

    private static long added(ClusterImage image, IsrChange change, int id) {
        Long named = change.addedBrokerEpochs().get(id);
        if (named == null) {
            throw invalid("broker " + id + " is added without its epoch");
        }
        long present = image.broker(id).map(BrokerImage::epoch).orElse(-1L);
        if (present != named) {
            throw new MetadataException(
                    Reason.STALE, "Broker " + id + " has epoch " + present + " now, no longer " + named);
        }
        return named;
    }

    private static void check(PartitionImage now, IsrChange change) {
        Set<Integer> all = new HashSet<>(change.isr());
        all.addAll(change.eligible());
        if (change.isr().isEmpty() || now.leader() >= 0 && !change.isr().contains(now.leader())) {
            throw invalid("the ISR " + change.isr() + " lacks the leader " + now.leader());
        }
        if (all.size() != change.isr().size() + change.eligible().size()) {
            throw invalid("a replica is named twice in " + change.isr() + " and " + change.eligible());
        }
        if (!now.replicas().containsAll(all)) {
            throw invalid(all + " are not all among the replicas " + now.replicas());
        }
        for (int id : change.eligible()) {
            if (!now.isr().contains(id) && !now.eligible().contains(id)) {
                throw invalid("broker " + id + " was neither in sync nor eligible before");
            }
        }
    }

    private static MetadataException invalid(String why) {
        return new MetadataException(Reason.INVALID_ASSIGNMENT, "A change of the ISR makes no sense: " + why);
    }

    /** In the order of the replicas. */
    static List<Integer> ordered(PartitionImage partition, Set<Integer> ids) {
        return partition.replicas().stream().filter(ids::contains).toList();
    }
}
