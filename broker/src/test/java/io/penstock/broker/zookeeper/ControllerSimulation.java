package io.penstock.broker.zookeeper;

import io.penstock.broker.config.BrokerSettings;
import io.penstock.broker.metadata.BrokerImage;
import io.penstock.broker.metadata.ClusterImage;
import io.penstock.broker.metadata.IsrChange;
import io.penstock.broker.metadata.MetadataStore.NewTopic;
import io.penstock.broker.metadata.PartitionImage;
import io.penstock.broker.metadata.TopicImage;
import io.penstock.broker.replication.PeerChannel;
import io.penstock.broker.replication.PeerException;
import io.penstock.protocol.message.PenstockApi;
import io.penstock.protocol.message.PrivateMessage;
import io.penstock.protocol.message.UpdatePartitionsRequest;
import io.penstock.storage.simulation.SimulatedTime;
import io.penstock.storage.time.Owner;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.UUID;

/**
 * Several brokers' metadata stores, with everything that they run in production, on one {@link ZooKeeperModel}, in one
 * thread, from a seed. Their partitions' data is a toy: a log is a list of numbers, a leader copies it to whoever knows
 * no newer epoch. It is enough to see whether what was committed by the rules of the ISR survives every election.
 *
 * <p>Checked after every write: no broker takes itself for alive when its session expires (invariant 8), the {@link StateInvariants} hold, and nobody is elected who lacks something committed while
 * another candidate, whose disk never lost anything, has it (invariants 4 and 5).
 */
final class ControllerSimulation {
    private static final long MILLI = 1_000_000;
    private static final int SESSION_TIMEOUT_MILLIS = 2_000;
    private static final long ROUND_NANOS = 15 * MILLI;

    final SimulatedTime time;
    final ZooKeeperModel zookeeper;
    final List<Node> nodes = new ArrayList<>();
    /** What is committed of each partition. */
    private final Map<PartitionKey, List<Long>> committed = new HashMap<>();

    private final Map<String, UUID> topicIds = new HashMap<>();
    private final int minIsr;
    private long nextRecord;
    private long nextId = 1;
    int elections;
    int losses;
    int commits;
    int moves;
    /** Where partitions were sent last. */
    private final Map<PartitionKey, List<Integer>> wanted = new HashMap<>();

    ControllerSimulation(long seed, int brokers, int minIsr) {
        this.minIsr = minIsr;
        time = new SimulatedTime(seed);
        zookeeper = new ZooKeeperModel(time, SESSION_TIMEOUT_MILLIS, 3 * MILLI);
        zookeeper.onWrite(this::check);
        StateInvariants.watch(zookeeper).onElection(this::elected);
        for (int id = 1; id <= brokers; id++) {
            nodes.add(new Node(id));
        }
        nodes.forEach(node -> node.start(true));
        time.after(ROUND_NANOS, this::round);
    }

    /** One broker, over all its lives. */
    final class Node {
        final int id;
        private final Map<PartitionKey, List<Long>> logs = new HashMap<>();
        private final Map<PartitionKey, Integer> syncedLengths = new HashMap<>();
        /** Newest epoch that it followed or led. */
        private final Map<PartitionKey, Integer> epochs = new HashMap<>();
        /** The power went, and the next life has not registered yet. */
        private boolean lostPower;

        private final Map<PartitionKey, IsrChange> proposed = new HashMap<>();
        private final Map<PartitionKey, Map<Integer, Integer>> missed = new HashMap<>();
        private PausableOwner owner;
        private ZooKeeperModel.Client client;
        ZooKeeperMetadataStore store;
        private Channel channel;
        boolean up;
        boolean paused;
        /** It lives, and takes no connections: the others are led to believe that it is dead. */
        boolean deaf;

        Node(int id) {
            this.id = id;
        }

        void start(boolean clean) {
            owner = new PausableOwner(time);
            client = zookeeper.client("broker-" + id);
            channel = new Channel(this, owner);
            up = true;
            paused = false;
            proposed.clear();
            missed.clear();
            store = new ZooKeeperMetadataStore(
                    new ZooKeeperMetadataStore.Settings(
                            "model",
                            SESSION_TIMEOUT_MILLIS,
                            10_000,
                            id,
                            List.of(),
                            BrokerSettings.of(id, Map.of("min.insync.replicas", Integer.toString(minIsr)))),
                    time,
                    owner,
                    client,
                    "instance-" + id,
                    () -> new UUID(0, nextId++));
            store.use(channel);
            store.begin("model");
            store.firstLoad().thenRun(() -> store.register(new BrokerImage(id, 0, "host", 9000 + id, null, clean)));
        }

        /** SIGKILL: what was written stays. */
        void kill() {
            up = false;
            owner.kill();
            client.kill();
        }

        void cutPower() {
            kill();
            lostPower = true;
            logs.forEach((key, log) -> {
                int synced = Math.min(syncedLengths.getOrDefault(key, 0), log.size());
                int left = synced + time.random().nextInt(log.size() - synced + 1);
                log.subList(left, log.size()).clear();
                if (replicas(key).size() == 1) {
                    // Nobody else has it, and nobody was told that it would survive.
                    keepCommon(key, log);
                }
            });
        }

        void pause() {
            paused = true;
            owner.pause();
            client.pause();
        }

        void resume() {
            paused = false;
            owner.resume();
            client.resume();
        }

        void cutOff() {
            client.cut();
        }

        void heal() {
            client.heal();
        }

        void slow(long nanos) {
            client.slow(nanos);
        }

        void hiccup() {
            client.hiccup();
        }

        boolean acts() {
            return up && !paused;
        }

        private List<Long> log(PartitionKey key) {
            return logs.computeIfAbsent(key, missing -> new ArrayList<>());
        }

        /** What a broker does with the data of partitions that went to others. */
        private void deleteGivenAway() {
            for (PartitionKey key : List.copyOf(logs.keySet())) {
                boolean gone = store.image()
                        .topic(key.topicId())
                        .map(topic -> topic.partitions().get(key.index()))
                        .map(now -> now.replicated() && !now.replicas().contains(id))
                        .orElse(false);
                if (gone) {
                    logs.remove(key);
                    syncedLengths.remove(key);
                }
            }
        }

        private long brokerEpoch() {
            return store.image().broker(id).map(BrokerImage::epoch).orElse(-1L);
        }

        private boolean hasAll(PartitionKey key) {
            List<Long> all = committed.getOrDefault(key, List.of());
            List<Long> log = log(key);
            return log.size() >= all.size() && log.subList(0, all.size()).equals(all);
        }
    }

    // The toy of a data plane.

    private void round() {
        for (Node node : nodes) {
            if (node.acts()) {
                for (TopicImage topic : node.store.image().topics()) {
                    for (PartitionImage partition : topic.partitions()) {
                        if (partition.leader() == node.id && node.store.aliveAt(time.nanos())) {
                            lead(node, new PartitionKey(topic.name(), topic.id(), partition.index()), partition);
                        }
                    }
                }
                node.deleteGivenAway();
                if (time.random().nextInt(4) == 0) {
                    node.logs.forEach((key, log) -> node.syncedLengths.put(key, log.size()));
                }
            }
            node.channel.look();
        }
        time.after(ROUND_NANOS, this::round);
    }

    private void lead(Node leader, PartitionKey key, PartitionImage state) {
        if (leader.epochs.getOrDefault(key, -1) > state.leaderEpoch()) {
            return;
        }
        leader.epochs.put(key, state.leaderEpoch());
        leader.log(key).add(nextRecord++);
        Map<Integer, Long> caughtUp = new HashMap<>();
        for (int id : state.replicas()) {
            Node follower = node(id);
            if (id != leader.id && follower.acts() && follows(follower, key, state)) {
                follower.logs.put(key, new ArrayList<>(leader.log(key)));
                follower.syncedLengths.merge(key, leader.log(key).size(), Math::min);
                follower.epochs.put(key, state.leaderEpoch());
                caughtUp.put(id, follower.brokerEpoch());
            }
        }
        IsrChange change = leader.proposed.get(key);
        Set<Integer> counted = new HashSet<>(state.isr());
        counted.remove(leader.id);
        boolean frozen = !state.eligible().isEmpty() || state.isr().size() < minIsr;
        if (change != null) {
            change.isr().stream().filter(id -> id != leader.id).forEach(counted::add);
        }
        if (!frozen && caughtUp.keySet().containsAll(counted)) {
            commit(leader, key, state);
        }
        if (change == null) {
            maintain(leader, key, state, caughtUp);
        }
    }

    /** A follower takes from whom it knows to lead, and from nobody with an older epoch than it has seen. */
    private static boolean follows(Node follower, PartitionKey key, PartitionImage leaders) {
        if (follower.epochs.getOrDefault(key, -1) > leaders.leaderEpoch() || follower.brokerEpoch() < 0) {
            return false;
        }
        Optional<PartitionImage> known = follower.store
                .image()
                .topic(key.topicId())
                .map(topic -> topic.partitions().get(key.index()));
        return known.isPresent()
                && known.get().leaderEpoch() == leaders.leaderEpoch()
                && known.get().leader() == leaders.leader();
    }

    private void commit(Node leader, PartitionKey key, PartitionImage state) {
        List<Long> all = committed.getOrDefault(key, List.of());
        if (!leader.hasAll(key)) {
            throw new AssertionError(key + ": broker " + leader.id + " leads by epoch " + state.leaderEpoch()
                    + " without all that is committed: " + all.size() + " records, it has " + leader.log(key));
        }
        commits++;
        committed.put(key, new ArrayList<>(leader.log(key)));
    }

    private void maintain(Node leader, PartitionKey key, PartitionImage state, Map<Integer, Long> caughtUp) {
        Map<Integer, Integer> missed = leader.missed.computeIfAbsent(key, missing -> new HashMap<>());
        List<Integer> isr = new ArrayList<>();
        Set<Integer> eligible = new HashSet<>(state.eligible());
        Map<Integer, Long> added = new HashMap<>();
        for (int id : state.replicas()) {
            boolean in = state.isr().contains(id);
            if (id == leader.id || caughtUp.containsKey(id)) {
                missed.remove(id);
            } else {
                missed.merge(id, 1, Integer::sum);
            }
            if (in && missed.getOrDefault(id, 0) < 4) {
                isr.add(id);
            } else if (in) {
                eligible.add(id);
            } else if (caughtUp.containsKey(id)) {
                isr.add(id);
                added.put(id, caughtUp.get(id));
            }
        }
        eligible.removeAll(isr);
        if (isr.size() >= minIsr) {
            eligible.clear();
        }
        List<Integer> ordered =
                state.replicas().stream().filter(eligible::contains).toList();
        if (state.version() < 0
                || isr.equals(state.isr()) && ordered.equals(state.eligible())
                || Set.copyOf(isr).equals(Set.copyOf(state.isr())) && ordered.equals(state.eligible())) {
            return;
        }
        IsrChange change = new IsrChange(state.leaderEpoch(), state.version(), isr, ordered, added);
        leader.proposed.put(key, change);
        ZooKeeperMetadataStore store = leader.store;
        store.changeIsr(key.topicId(), key.index(), change).whenComplete((done, failure) -> {
            if (leader.store == store) {
                leader.proposed.remove(key, change);
            }
        });
    }

    // The oracle.

    private void check(ZooKeeperModel.Write write) {
        String registered = ZNodes.childBelow(ZNodes.BROKER_EPOCHS, write.path());
        if (registered != null) {
            node(Integer.parseInt(registered)).lostPower = false;
        }
        String gone = write.after() == null ? ZNodes.childBelow(ZNodes.BROKER_IDS, write.path()) : null;
        if (gone != null && write.client().isEmpty()) {
            Node node = node(Integer.parseInt(gone));
            require(
                    !node.up || !node.store.aliveAt(time.nanos()),
                    "the session of broker " + gone + " has expired, and it takes itself for alive");
        }
    }

    private void elected(String topic, UUID topicId, PartitionImage before, PartitionImage after) {
        PartitionKey key = new PartitionKey(topic, topicId, after.index());
        elections++;
        if (node(after.leader()).hasAll(key)) {
            return;
        }
        List<Integer> candidates = new ArrayList<>(before.isr());
        candidates.addAll(before.eligible());
        for (int id : candidates) {
            require(
                    mayHaveLost(id, before) || !node(id).hasAll(key),
                    key + ": broker " + after.leader() + " is elected without all that is committed, and broker " + id
                            + " has it; before " + before + ", after " + after);
        }
        require(
                mayHaveLost(after.leader(), before),
                key + ": broker " + after.leader() + " lacks committed records without a power cut: " + before);
        losses++;
        keepCommon(key, node(after.leader()).log(key));
    }

    /** As far as anybody can know: it lost power after it was last known to have everything. */
    private boolean mayHaveLost(int id, PartitionImage before) {
        String path = ZNodes.brokerEpoch(id);
        long unclean = ZNodeJson.brokerEpoch(path, zookeeper.value(path)).uncleanEpoch();
        return node(id).lostPower || before.stamps().getOrDefault(id, Long.MAX_VALUE) < unclean;
    }

    private List<Integer> replicas(PartitionKey key) {
        String path = ZNodes.state(key.topic(), key.index());
        byte[] state = zookeeper.value(path);
        return state == null
                ? List.of()
                : ZNodeJson.state(path, key.index(), List.of(), state, 0).replicas();
    }

    private void keepCommon(PartitionKey key, List<Long> left) {
        committed.computeIfPresent(key, (same, all) -> {
            int common = 0;
            while (common < Math.min(all.size(), left.size()) && all.get(common).equals(left.get(common))) {
                common++;
            }
            return new ArrayList<>(all.subList(0, common));
        });
    }

    private static void require(boolean holds, String text) {
        if (!holds) {
            throw new AssertionError(text);
        }
    }

    // What the test does.

    Node node(int id) {
        return nodes.get(id - 1);
    }

    Optional<Node> someone() {
        List<Node> acting = nodes.stream().filter(Node::acts).toList();
        return acting.isEmpty()
                ? Optional.empty()
                : Optional.of(acting.get(time.random().nextInt(acting.size())));
    }

    Node controller() {
        int id = nodes.stream()
                .filter(Node::acts)
                .mapToInt(node -> node.store.image().controllerId())
                .findFirst()
                .orElseThrow();
        return node(id);
    }

    /** As the first broker sees it that acts. */
    boolean hasController() {
        return nodes.stream()
                .filter(Node::acts)
                .findFirst()
                .map(node -> node.store.image().controllerId() > 0
                        && node(node.store.image().controllerId()).up)
                .orElse(false);
    }

    void createTopic(String name, int partitions, int replicas) {
        someone().ifPresent(node -> node.store
                .createTopic(new NewTopic(name, partitions, (short) replicas, null, Map.of()))
                .thenAccept(topic -> topicIds.put(name, topic.id())));
    }

    /** A move of some partition to some brokers, or the end of a move. */
    void reassign(boolean cancel) {
        someone().ifPresent(node -> anyPartition(node).ifPresent(key -> {
            List<Integer> ids =
                    new ArrayList<>(nodes.stream().map(each -> each.id).toList());
            List<Integer> target = new ArrayList<>();
            for (int size = 1 + time.random().nextInt(3); target.size() < size; ) {
                target.add(ids.remove(time.random().nextInt(ids.size())));
            }
            reassign(node, key, cancel ? null : target);
        }));
    }

    void reassign(Node at, PartitionKey key, List<Integer> target) {
        moves++;
        at.store.reassign(key.topicId(), key.index(), target).whenComplete((done, failure) -> {
            if (failure == null) {
                wanted.put(key, done.target());
            } else {
                // Whether it was written is not always known.
                wanted.remove(key);
            }
        });
    }

    void elect() {
        someone().ifPresent(node -> anyPartition(node)
                .ifPresent(key -> node.store.electLeader(key.topicId(), key.index(), false)));
    }

    private Optional<PartitionKey> anyPartition(Node seenBy) {
        List<PartitionKey> all = seenBy.store.image().topics().stream()
                .flatMap(topic -> topic.partitions().stream()
                        .map(partition -> new PartitionKey(topic.name(), topic.id(), partition.index())))
                .toList();
        return all.isEmpty()
                ? Optional.empty()
                : Optional.of(all.get(time.random().nextInt(all.size())));
    }

    /** The replicas where moves were asked for, and that everybody in them has everything. */
    void checkMoves() {
        for (TopicImage topic : nodes.get(0).store.image().topics()) {
            for (PartitionImage partition : topic.partitions()) {
                PartitionKey key = new PartitionKey(topic.name(), topic.id(), partition.index());
                require(
                        wanted.getOrDefault(key, partition.replicas()).equals(partition.replicas()),
                        key + " was to go to " + wanted.get(key) + ": " + partition);
                for (Node node : nodes) {
                    if (partition.replicas().contains(node.id)) {
                        require(node.hasAll(key), "broker " + node.id + " lacks committed records of " + partition);
                    } else {
                        require(!node.logs.containsKey(key), "broker " + node.id + " still has " + partition);
                    }
                }
            }
        }
    }

    void deleteTopic(String name) {
        UUID id = topicIds.remove(name);
        if (id != null) {
            someone().ifPresent(node -> node.store.deleteTopic(id));
        }
    }

    /** Everybody is up, and every partition has a leader, all replicas in sync, on every broker's image. */
    boolean calm() {
        Map<String, TopicImage> seen = null;
        for (Node node : nodes) {
            ClusterImage image = node.store.image();
            if (!node.acts() || image.brokers().size() != nodes.size() || image.controllerId() < 0) {
                return false;
            }
            Map<String, TopicImage> topics = new LinkedHashMap<>();
            for (TopicImage topic : image.topics()) {
                topics.put(topic.name(), topic);
                for (PartitionImage partition : topic.partitions()) {
                    if (partition.leader() < 0
                            || partition.reassigning()
                            || !Set.copyOf(partition.isr()).equals(Set.copyOf(partition.replicas()))
                            || !partition.eligible().isEmpty()) {
                        return false;
                    }
                }
            }
            if (seen != null && !seen.equals(topics)) {
                return false;
            }
            seen = topics;
        }
        return true;
    }

    String describe() {
        StringBuilder text = new StringBuilder();
        for (Node node : nodes) {
            ClusterImage image = node.store.image();
            text.append("\nbroker ").append(node.id).append(node.acts() ? "" : " (does not act)");
            text.append(": controller ")
                    .append(image.controllerId())
                    .append(", brokers ")
                    .append(image.brokers());
            for (TopicImage topic : image.topics()) {
                text.append("\n    ").append(topic.name()).append(' ').append(topic.partitions());
            }
        }
        return text.toString();
    }

    /** Calls between the simulated brokers: delayed, sometimes lost. */
    private final class Channel implements PeerChannel {
        private final Node node;
        private final PausableOwner owner;
        private final Set<Integer> held = new HashSet<>();
        private final Map<Integer, BrokerImage> connected = new HashMap<>();
        private final List<PeerWatcher> watchers = new ArrayList<>();

        Channel(Node node, PausableOwner owner) {
            this.node = node;
            this.owner = owner;
        }

        @Override
        public void send(
                int brokerId,
                PenstockApi api,
                PrivateMessage body,
                Owner callbacks,
                long timeoutNanos,
                PeerCallback callback) {
            ByteBuffer bytes = ByteBuffer.allocate(body.sizeBytes());
            body.writeTo(bytes);
            UpdatePartitionsRequest request = UpdatePartitionsRequest.read(bytes.flip(), (short) 0);
            if (time.random().nextInt(10) == 0) {
                callbacks.execute(() -> callback.failed(new PeerException(PeerException.Reason.NO_ANSWER, "lost")));
                return;
            }
            time.after(time.random().nextLong(20 * MILLI), () -> {
                Node target = node(brokerId);
                if (target.up) {
                    target.store
                            .update(request)
                            .whenComplete((done, failure) -> callbacks.execute(() -> {
                                if (failure == null) {
                                    callback.replied(null);
                                } else {
                                    callback.failed(
                                            new PeerException(PeerException.Reason.REFUSED, failure.getMessage()));
                                }
                            }));
                }
            });
        }

        @Override
        public void hold(int brokerId, boolean hold) {
            if (hold) {
                held.add(brokerId);
            } else {
                held.remove(brokerId);
                connected.remove(brokerId);
            }
        }

        /** Connections come and go; whose process is dead refuses. */
        void look() {
            if (!node.acts() || node.channel != this) {
                return;
            }
            for (int id : List.copyOf(held)) {
                BrokerImage image = node.store.image().broker(id).orElse(null);
                if (image == null) {
                    continue;
                }
                BrokerImage before = connected.get(id);
                boolean listens = node(id).up && !node(id).deaf;
                if (listens && (before == null || before.epoch() != image.epoch())) {
                    connected.put(id, image);
                    watchers.forEach(watcher -> watcher.connected(image));
                } else if (!listens && before != null && before.epoch() == image.epoch()) {
                    watchers.forEach(watcher -> watcher.refused(image));
                }
            }
        }

        @Override
        public void watch(PeerWatcher watcher) {
            watchers.add(watcher);
        }

        @Override
        public void close() {
            // With its process.
        }
    }
}
