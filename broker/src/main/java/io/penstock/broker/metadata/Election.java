package io.penstock.broker.metadata;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.function.IntPredicate;

/**
 * The controller's decisions about one partition while just the image's brokers live: pure functions.
 *
 * <p>A broker that registered after it may have lost unsynced data is <em>tainted</em> for every partition whose state
 * stamped it before: it is taken out of the ISR and of the eligible replicas, and comes back by catching up (invariant
 * 5). Who is in the state and does not live stays there while nobody better is left, since it may come back with
 * everything. Only when the last replica standing has come back tainted, and no eligible one is left that could be
 * waited for, does it lead all the same: nobody can have more. That, and an unclean election, is {@link
 * #possibleLoss}.
 */
public final class Election {
    private final ClusterImage image;
    private final PartitionImage now;
    private final int minIsr;

    private Election(ClusterImage image, PartitionImage now, int minIsr) {
        this.image = image;
        this.now = now;
        this.minIsr = minIsr;
    }

    /**
     * The state that the partition should have; the same object when it has it.
     *
     * @param minIsr {@code min.insync.replicas} of the topic: with fewer in sync nothing is committed, so that who
     *     leaves the ISR stays eligible
     * @param unclean whether any live replica may lead when nobody else can ({@code unclean.leader.election.enable})
     */
    public static PartitionImage settle(ClusterImage image, PartitionImage partition, int minIsr, boolean unclean) {
        if (!partition.replicated()) {
            return single(image, partition);
        }
        return new Election(image, partition, minIsr).settle(unclean);
    }

    /** The partition led by its first replica, if that one lives, is in sync and does not lead already. */
    public static Optional<PartitionImage> prefer(ClusterImage image, PartitionImage partition, int minIsr) {
        int preferred =
                partition.replicas().isEmpty() ? -1 : partition.replicas().get(0);
        Election election = new Election(image, partition, minIsr);
        if (!partition.replicated()
                || partition.leader() == preferred
                || partition.leader() < 0
                || !partition.isr().contains(preferred)
                || !election.good(preferred)) {
            return Optional.empty();
        }
        return Optional.of(
                election.next(preferred, partition.leaderEpoch() + 1, partition.isr(), partition.eligible()));
    }

    /** True when {@code after} has a leader that need not hold everything that was committed. */
    public static boolean possibleLoss(ClusterImage image, PartitionImage before, PartitionImage after) {
        if (after.leader() < 0 || after.leader() == before.leader() && after.leaderEpoch() == before.leaderEpoch()) {
            return false;
        }
        Election election = new Election(image, before, 1);
        return before.leaderEpoch() >= 0
                && before.replicated()
                && (election.tainted(after.leader())
                        || !before.isr().contains(after.leader())
                                && !before.eligible().contains(after.leader()));
    }

    /** There is nobody to move the leadership to, and nobody who could have more. */
    private static PartitionImage single(ClusterImage image, PartitionImage partition) {
        if (partition.replicas().isEmpty()) {
            return partition;
        }
        int only = partition.replicas().get(0);
        if (partition.leader() == only || image.broker(only).isEmpty()) {
            return partition;
        }
        return new PartitionImage(
                partition.index(),
                only,
                partition.leaderEpoch() + 1,
                partition.replicas(),
                partition.replicas(),
                List.of(),
                partition.version(),
                Map.of());
    }

    /**
     * The leader that somebody asks for by hand.
     *
     * @param unclean whether any live replica may lead where there is no leader; else the first replica is wanted
     * @throws MetadataException with ELECTION_NOT_NEEDED, PREFERRED_LEADER_NOT_AVAILABLE or
     *     ELIGIBLE_LEADERS_NOT_AVAILABLE
     */
    public static PartitionImage elect(ClusterImage image, PartitionImage partition, int minIsr, boolean unclean) {
        boolean led =
                partition.leader() >= 0 && image.broker(partition.leader()).isPresent();
        if (led && (unclean || partition.leader() == partition.replicas().get(0))) {
            throw new MetadataException(
                    MetadataException.Reason.ELECTION_NOT_NEEDED, "Leader election not needed for topic partition.");
        }
        if (unclean) {
            PartitionImage after = settle(image, partition, minIsr, true);
            if (after.leader() < 0 || after == partition) {
                throw new MetadataException(
                        MetadataException.Reason.ELIGIBLE_LEADERS_NOT_AVAILABLE,
                        "Eligible topic partition leaders are not available.");
            }
            return after;
        }
        return prefer(image, partition, minIsr)
                .orElseThrow(() -> new MetadataException(
                        MetadataException.Reason.PREFERRED_LEADER_NOT_AVAILABLE,
                        "The preferred leader was not available."));
    }

    /** Who is best as a leader with these in sync: the first of the replicas that lives, has everything and stays. */
    static int best(ClusterImage image, PartitionImage partition, List<Integer> inSync) {
        Election election = new Election(image, partition, 1);
        List<Integer> ordered =
                partition.replicas().stream().filter(inSync::contains).toList();
        return first(ordered, election::good, first(ordered, election::holdsAll, -1));
    }

    private PartitionImage settle(boolean unclean) {
        boolean led = now.leader() >= 0 && inThisLife(now.leader()) && !tainted(now.leader());
        if (led) {
            int leader = leaving(now.leader()) ? first(ordered(now.isr()), this::good, now.leader()) : now.leader();
            List<Integer> isr = keep(now.isr(), id -> id == leader || good(id));
            int epoch = leader == now.leader() ? now.leaderEpoch() : now.leaderEpoch() + 1;
            return isr.equals(now.isr()) && leader == now.leader() && noneTainted(now.eligible())
                    ? now
                    : next(leader, epoch, isr, others(isr));
        }
        int chosen = first(ordered(now.isr()), this::good, -1);
        if (chosen < 0) {
            chosen = first(ordered(now.isr()), this::holdsAll, -1);
        }
        if (chosen >= 0) {
            int leader = chosen;
            List<Integer> isr = keep(now.isr(), id -> id == leader || good(id));
            return next(leader, now.leaderEpoch() + 1, isr, others(isr));
        }
        chosen = first(now.eligible(), this::good, first(now.eligible(), this::holdsAll, -1));
        if (chosen < 0) {
            chosen = lastStanding();
        }
        if (chosen < 0 && unclean) {
            chosen = first(now.replicas(), this::liveAndStaying, first(now.replicas(), this::live, -1));
        }
        if (chosen >= 0) {
            List<Integer> alone = List.of(chosen);
            return next(chosen, now.leaderEpoch() + 1, alone, others(alone));
        }
        return nobody();
    }

    /** The one that was in sync last, back with a loss, when nobody is left who could have lost less. */
    private int lastStanding() {
        boolean allBack = now.isr().stream().allMatch(this::live);
        boolean noneToWaitFor = now.eligible().stream().allMatch(this::tainted);
        if (!allBack || !noneToWaitFor) {
            return -1;
        }
        return now.isr().contains(now.leader()) ? now.leader() : first(now.isr(), this::live, -1);
    }

    private PartitionImage nobody() {
        List<Integer> isr = keep(now.isr(), id -> !tainted(id));
        if (isr.isEmpty()) {
            isr = now.isr();
        }
        boolean same = isr.equals(now.isr()) && noneTainted(now.eligible());
        if (now.leader() < 0 && same) {
            return now;
        }
        // Also without a leader in the image: the state may name one, whom its broker hides from itself.
        return next(-1, now.leaderEpoch() + 1, isr, keep(now.eligible(), id -> !tainted(id)));
    }

    /** Who stays eligible beside {@code isr}: nobody once so many are in sync that something may be committed. */
    private List<Integer> others(List<Integer> isr) {
        if (isr.size() >= minIsr) {
            return List.of();
        }
        Set<Integer> all = new HashSet<>(now.isr());
        all.addAll(now.eligible());
        isr.forEach(all::remove);
        all.removeIf(this::tainted);
        return IsrPlan.ordered(now, all);
    }

    private PartitionImage next(int leader, int epoch, List<Integer> isr, List<Integer> eligible) {
        Map<Integer, Long> stamps = new HashMap<>(now.stamps());
        stamps.keySet().removeIf(id -> !isr.contains(id) && !eligible.contains(id));
        List<Integer> members = new ArrayList<>(isr);
        members.addAll(eligible);
        for (int id : members) {
            Optional<BrokerImage> broker = image.broker(id);
            if (broker.isPresent() && (id == leader || now.leaderEpoch() < 0)) {
                stamps.put(id, broker.get().epoch());
            }
        }
        return now.with(leader, epoch, isr, eligible, now.version(), stamps);
    }

    /** Leaders are looked for in the order of the replicas: while these change, first among those that stay. */
    private List<Integer> ordered(List<Integer> ids) {
        return now.replicas().stream().filter(ids::contains).toList();
    }

    private static int first(List<Integer> ids, IntPredicate wanted, int otherwise) {
        for (int id : ids) {
            if (wanted.test(id)) {
                return id;
            }
        }
        return otherwise;
    }

    private static List<Integer> keep(List<Integer> ids, IntPredicate wanted) {
        return ids.stream().filter(wanted::test).toList();
    }

    private boolean noneTainted(List<Integer> ids) {
        return ids.stream().noneMatch(this::tainted);
    }

    private boolean live(int id) {
        return image.broker(id).isPresent();
    }

    private boolean leaving(int id) {
        return image.broker(id).map(BrokerImage::leaving).orElse(false);
    }

    private boolean liveAndStaying(int id) {
        return live(id) && !leaving(id);
    }

    private boolean holdsAll(int id) {
        return live(id) && !tainted(id);
    }

    private boolean good(int id) {
        return holdsAll(id) && !leaving(id);
    }

    private boolean tainted(int id) {
        return image.broker(id)
                .map(broker -> now.stamp(id) < broker.uncleanEpoch())
                .orElse(false);
    }

    /** Elected in the present life of its process, so that it knows what it promised. */
    private boolean inThisLife(int id) {
        return image.broker(id)
                .map(broker -> now.stamp(id) >= broker.startEpoch())
                .orElse(false);
    }
}
