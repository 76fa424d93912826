package io.penstock.broker.zookeeper;

import io.penstock.broker.metadata.ClusterImage;
import io.penstock.broker.metadata.Election;
import io.penstock.broker.metadata.IsrChange;
import io.penstock.broker.metadata.IsrPlan;
import io.penstock.broker.metadata.MetadataException;
import io.penstock.broker.metadata.MetadataException.Reason;
import io.penstock.broker.metadata.PartitionImage;
import io.penstock.broker.metadata.PersistentClusterImage;
import io.penstock.broker.metadata.Reassignment;
import io.penstock.broker.metadata.TopicImage;
import java.util.List;
import java.util.Set;
import java.util.UUID;

/** A change of one partition's state, by compare-and-set; any broker writes it. */
abstract sealed class StateChange extends Change<PartitionImage> {
    private final UUID id;
    private final int index;
    private final Lives lives;
    private PartitionImage planned;
    private String name;

    private StateChange(UUID id, int index, Lives lives, long deadlineNanos) {
        super(deadlineNanos);
        this.id = id;
        this.index = index;
        this.lives = lives;
    }

    /** What a change of a state is checked against. */
    interface Lives {
        /** Version of the node that proves a broker's life; -1 when that life is over. */
        int version(int broker, long epoch);

        /** Of the controller in office, for the state's text. */
        int controllerEpoch();
    }

    /**
     * The state as it shall be, of any version.
     *
     * @throws MetadataException when it is refused
     */
    abstract PartitionImage decide(ClusterImage image, TopicImage topic, PartitionImage now);

    /** The answer was lost: whether {@code now} is what would be there. */
    abstract boolean happened(PartitionImage now);

    /** What else must hold when the state is written. */
    void check(Writes writes, Lives known) {}

    @Override
    Writes plan(ClusterImage image, int controllerEpoch, Set<String> wishes, NodeVersions versions) {
        TopicImage topic = existing(image, id);
        if (index < 0 || index >= topic.partitions().size()) {
            throw new MetadataException(
                    Reason.INVALID_PARTITIONS, "Topic '" + topic.name() + "' has no partition " + index);
        }
        name = topic.name();
        PartitionImage now = topic.partitions().get(index);
        if (now.leaderEpoch() == ClusterLoader.NO_EPOCH) {
            throw new MetadataException(Reason.UNAVAILABLE, name + "-" + index + " has not been made yet");
        }
        if (uncertain && happened(now)) {
            planned = now;
            return Writes.none();
        }
        planned = decide(image, topic, now).withVersion(now.version() + 1);
        Writes writes = new Writes();
        writes.check(ZNodes.identity(name, id), -1);
        check(writes, lives);
        writes.set(ZNodes.state(name, index), ZNodeJson.state(planned, lives.controllerEpoch()), now.version());
        return writes;
    }

    StateUpdate update(long zxid) {
        return new StateUpdate(new PartitionKey(name, id, index), planned, zxid);
    }

    @Override
    PersistentClusterImage apply(PersistentClusterImage image) {
        TopicImage topic = image.topic(id).orElse(null);
        boolean older = topic != null
                && index < topic.partitions().size()
                && topic.partitions().get(index).version() < planned.version();
        return older ? image.withTopic(topic.withPartition(planned)) : image;
    }

    @Override
    boolean shown(ClusterImage image) {
        return true;
    }

    @Override
    PartitionImage result(ClusterImage image) {
        return planned;
    }

    @Override
    String topicName() {
        return name;
    }

    /** A leader's ISR (invariant 4). */
    static final class ChangeIsr extends StateChange {
        private final IsrChange change;

        ChangeIsr(UUID id, int index, IsrChange change, Lives lives, long deadlineNanos) {
            super(id, index, lives, deadlineNanos);
            this.change = change;
        }

        @Override
        PartitionImage decide(ClusterImage image, TopicImage topic, PartitionImage now) {
            return IsrPlan.change(image, now, change);
        }

        @Override
        void check(Writes writes, Lives known) {
            for (int added : change.addedBrokerEpochs().keySet()) {
                int version = known.version(added, change.addedBrokerEpochs().get(added));
                if (version < 0) {
                    throw new MetadataException(Reason.STALE, "Broker " + added + " is in another life by now");
                }
                writes.check(ZNodes.brokerEpoch(added), version);
            }
        }

        @Override
        boolean happened(PartitionImage now) {
            return now.version() == change.version() + 1
                    && now.leaderEpoch() == change.leaderEpoch()
                    && now.isr().equals(change.isr())
                    && now.eligible().equals(change.eligible());
        }
    }

    /** A leader by hand. */
    static final class ElectLeader extends StateChange {
        private final boolean unclean;
        private final ControllerRules rules;
        private int decidedLeader = -1;

        ElectLeader(UUID id, int index, boolean unclean, ControllerRules rules, Lives lives, long deadlineNanos) {
            super(id, index, lives, deadlineNanos);
            this.unclean = unclean;
            this.rules = rules;
        }

        @Override
        PartitionImage decide(ClusterImage image, TopicImage topic, PartitionImage now) {
            PartitionImage after = Election.elect(image, now, rules.minIsr(topic), unclean);
            decidedLeader = after.leader();
            return after;
        }

        @Override
        boolean happened(PartitionImage now) {
            return now.leader() == decidedLeader;
        }
    }

    /** Other replicas. */
    static final class Reassign extends StateChange {
        /** Null to go back. */
        private final List<Integer> replicas;

        Reassign(UUID id, int index, List<Integer> replicas, Lives lives, long deadlineNanos) {
            super(id, index, lives, deadlineNanos);
            this.replicas = replicas == null ? null : List.copyOf(replicas);
        }

        @Override
        PartitionImage decide(ClusterImage image, TopicImage topic, PartitionImage now) {
            return replicas == null ? Reassignment.cancel(image, now) : Reassignment.begin(image, now, replicas);
        }

        @Override
        boolean happened(PartitionImage now) {
            return replicas == null ? !now.reassigning() : now.target().equals(replicas);
        }
    }
}
