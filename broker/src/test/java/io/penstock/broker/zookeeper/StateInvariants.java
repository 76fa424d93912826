package io.penstock.broker.zookeeper;

import io.penstock.broker.metadata.PartitionImage;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.UUID;
import org.apache.zookeeper.Op;
import org.apache.zookeeper.ZooDefs.OpCode;

/**
 * What must hold of everything that is written to ZooKeeper: no state is written by the word of an older controller
 * (invariant 7), epochs only grow, leaders come from the ISR or the eligible replicas (6), and who joins the ISR is in
 * the life in which it caught up (4). Throws from within the write.
 */
public final class StateInvariants {
    private final ZooKeeperModel zookeeper;
    private final List<Elections> listeners = new ArrayList<>();
    private final Map<UUID, Map<Integer, PartitionImage>> states = new HashMap<>();

    /** Is told a new leader of a partition, after the checks. */
    public interface Elections {
        void elected(String topic, UUID topicId, PartitionImage before, PartitionImage after);
    }

    private StateInvariants(ZooKeeperModel zookeeper) {
        this.zookeeper = zookeeper;
    }

    /** Checks from now on. */
    public static StateInvariants watch(ZooKeeperModel zookeeper) {
        StateInvariants invariants = new StateInvariants(zookeeper);
        zookeeper.onWrite(invariants::check);
        return invariants;
    }

    /** Whether an operation makes sure that a broker is still in the life that is known of it. */
    public static boolean namesBrokerEpoch(Op operation) {
        return operation.getType() == OpCode.check && operation.getPath().startsWith(ZNodes.BROKER_EPOCHS);
    }

    public void onElection(Elections listener) {
        listeners.add(listener);
    }

    /** What stands in ZooKeeper now, of all topics. */
    public List<PartitionImage> states() {
        List<PartitionImage> all = new ArrayList<>();
        states.values().forEach(topic -> all.addAll(topic.values()));
        return all;
    }

    /** What stands in ZooKeeper now, of one partition. */
    public Optional<PartitionImage> state(String topic, int index) {
        byte[] node = zookeeper.value(ZNodes.topic(topic));
        return node == null
                ? Optional.empty()
                : Optional.ofNullable(states.getOrDefault(
                                ZNodeJson.topic(ZNodes.topic(topic), node).id(), Map.of())
                        .get(index));
    }

    /** The newest epoch that a broker has registered with; -1 before the first. */
    public long brokerEpoch(int id) {
        byte[] value = zookeeper.value(ZNodes.brokerEpoch(id));
        return value == null ? -1 : ZNodeJson.number(ZNodes.brokerEpoch(id), "epoch", value);
    }

    private void check(ZooKeeperModel.Write write) {
        if (write.path().equals(ZNodes.CONTROLLER_EPOCH) && write.before() != null) {
            long before = ZNodeJson.number(write.path(), "epoch", write.before());
            long after = ZNodeJson.number(write.path(), "epoch", write.after());
            require(after == before + 1, "controller epoch " + before + " -> " + after);
        }
        int index = ZNodes.partitionOfState(write.path());
        if (index < 0) {
            return;
        }
        String topic = ZNodes.childBelow(ZNodes.TOPICS, write.path());
        byte[] topicNode = zookeeper.value(ZNodes.topic(topic));
        if (write.after() == null || topicNode == null) {
            return;
        }
        long epoch = ZNodeJson.number(write.path(), "controller_epoch", write.after());
        long inOffice = ZNodeJson.number(ZNodes.CONTROLLER_EPOCH, "epoch", zookeeper.value(ZNodes.CONTROLLER_EPOCH));
        require(
                epoch == inOffice,
                "7: " + write.client() + " wrote " + write.path() + " by controller epoch " + epoch + " while "
                        + inOffice + " is in office");
        ZNodeJson.TopicNode node = ZNodeJson.topic(ZNodes.topic(topic), topicNode);
        List<Integer> replicas = node.replicas().get(index);
        PartitionImage after = ZNodeJson.state(write.path(), index, replicas, write.after(), write.version());
        states.computeIfAbsent(node.id(), made -> new HashMap<>()).put(index, after);
        String text = topic + "-" + index + ": " + new String(write.after(), StandardCharsets.UTF_8);
        require(!after.isr().isEmpty() && after.replicas().containsAll(after.isr()), "ISR of " + text);
        require(after.leader() < 0 || after.isr().contains(after.leader()), "leader of " + text);
        if (write.before() != null) {
            PartitionImage before = ZNodeJson.state(write.path(), index, replicas, write.before(), write.version() - 1);
            check(topic, node.id(), before, after, text);
        }
    }

    private void check(String topic, UUID id, PartitionImage before, PartitionImage after, String text) {
        require(after.leaderEpoch() >= before.leaderEpoch(), "the leader epoch goes back, " + text);
        require(
                after.leader() == before.leader() || after.leaderEpoch() > before.leaderEpoch(),
                "another leader by the same epoch, " + text);
        if (after.leaderEpoch() > before.leaderEpoch() && after.leader() >= 0) {
            require(
                    before.isr().contains(after.leader()) || before.eligible().contains(after.leader()),
                    "6: the leader was neither in sync nor eligible, " + text + " after " + before);
            listeners.forEach(each -> each.elected(topic, id, before, after));
        }
        for (int each : after.isr()) {
            if (!before.isr().contains(each) && !before.eligible().contains(each)) {
                long life = brokerEpoch(each);
                require(
                        after.stamps().getOrDefault(each, -1L) == life,
                        "4: broker " + each + ", by now in life " + life + ", joins the ISR of " + text);
            }
        }
    }

    private static void require(boolean holds, String text) {
        if (!holds) {
            throw new AssertionError(text);
        }
    }
}
