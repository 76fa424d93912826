package io.penstock.broker.zookeeper;

import io.penstock.broker.metadata.BrokerImage;
import io.penstock.broker.metadata.PersistentClusterImage;
import io.penstock.broker.metadata.TopicImage;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.UUID;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import org.apache.zookeeper.KeeperException;
import org.apache.zookeeper.WatchedEvent;
import org.apache.zookeeper.Watcher.Event.EventType;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Keeps the image as new as ZooKeeper: notes what changed, reads it, one reading at a time; what changes meanwhile is
 * read in the next. On the store's thread.
 */
final class Refresh {
    private static final Logger LOG = LoggerFactory.getLogger(Refresh.class);
    private static final long RETRY_MILLIS = 1_000;
    /** So long a change of a state waits for the controller's call, or our own write's answer, that tells of it. */
    private static final long GATHER_MILLIS = 40;

    private static final int KNOWN_WRITES_MAX = 50_000;

    private final ZooKeeperMetadataStore store;
    private final int brokerId;
    private final CompletableFuture<Void> firstLoad = new CompletableFuture<>();

    private Members members;
    private Map<String, UUID> wishes = Map.of();
    private final Set<String> wishesTakenUp = new HashSet<>();

    private final NodeVersions versions = new NodeVersions();
    private Stale stale = new Stale();
    private boolean running;
    private boolean loaded;
    private final Set<String> wroteMeanwhile = new HashSet<>();
    /** States that changed, with the zxid of the change; they are read when nobody tells of them. */
    private final Map<String, Long> changedStates = new HashMap<>();

    private boolean gathering;
    /** Writes of states that the image shows. To forget one costs a reading. */
    private final Map<String, Long> knownWrites = new LinkedHashMap<>() {
        private static final long serialVersionUID = 1L;

        @Override
        protected boolean removeEldestEntry(Map.Entry<String, Long> eldest) {
            return size() > KNOWN_WRITES_MAX;
        }
    };

    /** What is to be read. */
    private static final class Stale {
        boolean everything;
        boolean members;
        boolean configs;
        boolean wishes;
        final Set<String> topics = new HashSet<>();
        final Set<PartitionKey> states = new LinkedHashSet<>();
        final List<Runnable> waiters = new ArrayList<>();

        boolean isEmpty() {
            return !everything && !members && !configs && !wishes && topics.isEmpty() && states.isEmpty();
        }

        void add(Stale other) {
            everything |= other.everything;
            members |= other.members;
            configs |= other.configs;
            wishes |= other.wishes;
            topics.addAll(other.topics);
            states.addAll(other.states);
            waiters.addAll(other.waiters);
        }
    }

    Refresh(ZooKeeperMetadataStore store, int brokerId) {
        this.store = store;
        this.brokerId = brokerId;
    }

    /** Done after everything was read once. */
    CompletableFuture<Void> firstLoad() {
        return firstLoad;
    }

    /** False from a new connection on until everything was read again. */
    boolean loaded() {
        return loaded;
    }

    /** Null before the first reading. */
    Members members() {
        return members;
    }

    NodeVersions versions() {
        return versions;
    }

    Map<String, UUID> wishes() {
        return wishes;
    }

    /** True for the first who takes up a wish. */
    boolean takeUp(String topic) {
        return wishesTakenUp.add(topic);
    }

    void wroteHere(String topic) {
        if (running) {
            if (topic == null) {
                stale.configs = true;
            } else {
                wroteMeanwhile.add(topic);
            }
        }
    }

    void everything() {
        loaded = false;
        stale.everything = true;
        start();
    }

    void topic(String name) {
        stale.topics.add(name);
        start();
    }

    /** Reads states again, and then, whether it could or not, runs the task. */
    void states(Collection<PartitionKey> keys, Runnable afterwards) {
        stale.states.addAll(keys);
        stale.waiters.add(afterwards);
        start();
    }

    /** The image shows this write: its event tells nothing new. */
    void wroteState(String path, long zxid) {
        if (zxid > 0) {
            knownWrites.merge(path, zxid, Math::max);
            Long changed = changedStates.get(path);
            if (changed != null && changed <= zxid) {
                changedStates.remove(path);
            }
        }
    }

    /** A znode was made, deleted or written. */
    void changed(WatchedEvent event) {
        int partition = event.getType() == EventType.NodeDataChanged ? ZNodes.partitionOfState(event.getPath()) : -1;
        if (partition < 0) {
            changed(event.getPath());
            return;
        }
        Long known = knownWrites.get(event.getPath());
        if (event.getZxid() > 0 && known != null && known >= event.getZxid()) {
            return;
        }
        changedStates.merge(event.getPath(), event.getZxid(), Math::max);
        if (!gathering) {
            gathering = true;
            store.after(GATHER_MILLIS, () -> {
                gathering = false;
                changedStates.keySet().forEach(this::stateChanged);
                changedStates.clear();
                start();
            });
        }
    }

    private void stateChanged(String path) {
        String name = ZNodes.childBelow(ZNodes.TOPICS, path);
        TopicImage topic = store.image().topic(name).orElse(null);
        int partition = ZNodes.partitionOfState(path);
        if (topic != null
                && partition < topic.partitions().size()
                && topic.partitions().get(partition).replicated()) {
            stale.states.add(new PartitionKey(name, topic.id(), partition));
        } else {
            stale.topics.add(name);
        }
    }

    void changed(String path) {
        String topic = ZNodes.childBelow(ZNodes.TOPICS, path);
        if (topic == null) {
            topic = ZNodes.childBelow(ZNodes.CONFIG_TOPICS, path);
        }
        if (topic != null) {
            stale.topics.add(topic);
        } else if (path.startsWith(ZNodes.DELETE_TOPICS)) {
            stale.wishes = true;
        } else if (ZNodes.isClusterConfig(path) || path.equals(ZNodes.CONFIG_BROKERS)) {
            stale.configs = true;
        } else if (path.startsWith(ZNodes.CONTROLLER)
                || path.startsWith(ZNodes.BROKER_IDS)
                || path.startsWith(ZNodes.BROKER_EPOCHS)) {
            stale.members = true;
        } else {
            return;
        }
        start();
    }

    private void start() {
        if (running || stale.isEmpty() || !store.connected()) {
            return;
        }
        running = true;
        Stale reading = stale;
        stale = new Stale();
        wroteMeanwhile.clear();
        ZooKeeperSession session = store.session();
        boolean all = reading.everything;
        NodeVersions read = new NodeVersions();
        CompletableFuture<Members> readMembers =
                all || reading.members ? ClusterLoader.members(session, brokerId) : done(null);
        CompletableFuture<Map<String, TopicImage>> readTopics = all
                ? ClusterLoader.allTopics(session, read)
                : reading.topics.isEmpty() ? done(Map.of()) : ClusterLoader.topics(session, reading.topics, read);
        CompletableFuture<Map<Integer, Map<String, String>>> readConfigs =
                all || reading.configs ? ClusterLoader.configs(session, read) : done(null);
        CompletableFuture<Map<String, UUID>> readWishes = all || reading.wishes ? readWishes(session) : done(null);
        CompletableFuture<Map<PartitionKey, StateUpdate>> readStates = all || reading.states.isEmpty()
                ? done(Map.of())
                : ClusterLoader.states(session, reading.states, store.image());
        CompletableFuture.allOf(readMembers, readTopics, readConfigs, readWishes, readStates)
                .thenRun(() -> {
                    apply(reading, read, readMembers.join(), readTopics.join(), readConfigs.join(), readWishes.join());
                    applyStates(reading, readStates.join());
                })
                .whenComplete((done, failure) -> finished(reading, session, failure));
    }

    private void apply(
            Stale reading,
            NodeVersions read,
            Members newMembers,
            Map<String, TopicImage> topics,
            Map<Integer, Map<String, String>> configs,
            Map<String, UUID> newWishes) {
        PersistentClusterImage image = store.image();
        if (newMembers != null) {
            members = newMembers;
            image = image.withBrokers(alive(newMembers, image)).withController(newMembers.controllerId());
        }
        List<String> gone = new ArrayList<>();
        if (reading.everything) {
            image.topics().forEach(topic -> gone.add(topic.name()));
        } else {
            gone.addAll(reading.topics);
        }
        gone.removeAll(topics.keySet());
        gone.removeAll(wroteMeanwhile);
        PersistentClusterImage before = image;
        List<TopicImage> present = topics.values().stream()
                .filter(topic -> !wroteMeanwhile.contains(topic.name()))
                .map(topic -> store.newest(before, topic))
                .toList();
        stale.topics.addAll(wroteMeanwhile);
        image = image.withTopics(present, gone);
        present.forEach(topic -> versions.addTopic(topic.name(), read));
        gone.forEach(topic -> versions.addTopic(topic, read));
        if (configs != null) {
            versions.replaceConfigs(read);
            for (Map.Entry<Integer, Map<String, String>> config : configs.entrySet()) {
                if (!image.brokerConfig(config.getKey()).equals(config.getValue())) {
                    image = image.withBrokerConfig(config.getKey(), config.getValue());
                }
            }
            for (int id : image.configuredBrokers()) {
                if (!configs.containsKey(id)) {
                    image = image.withBrokerConfig(id, Map.of());
                }
            }
        }
        if (newWishes != null) {
            wishes = newWishes;
            wishesTakenUp.retainAll(newWishes.keySet());
        }
        if (reading.everything) {
            loaded = true;
        }
        store.publish(image);
    }

    private void applyStates(Stale reading, Map<PartitionKey, StateUpdate> states) {
        if (!reading.everything && !reading.states.isEmpty()) {
            for (PartitionKey key : reading.states) {
                if (!states.containsKey(key)) {
                    // Another incarnation of the topic, or none.
                    stale.topics.add(key.topic());
                }
            }
            store.apply(states.values());
        }
    }

    /** This broker lives, also while it registers again after its session has expired. */
    private Collection<BrokerImage> alive(Members read, PersistentClusterImage before) {
        List<BrokerImage> brokers = new ArrayList<>(read.images());
        if (!read.brokers().containsKey(brokerId)) {
            before.broker(brokerId).ifPresent(brokers::add);
        }
        return brokers;
    }

    private void finished(Stale reading, ZooKeeperSession session, Throwable failure) {
        running = false;
        if (failure == null || reading.states.isEmpty()) {
            reading.waiters.forEach(Runnable::run);
            reading.waiters.clear();
        }
        if (failure == null) {
            firstLoad.complete(null);
            try {
                store.refreshed();
            } catch (RuntimeException e) {
                LOG.error("what a new image asks for could not be done", e);
            }
            start();
            return;
        }
        Throwable cause =
                failure instanceof CompletionException && failure.getCause() != null ? failure.getCause() : failure;
        stale.add(reading);
        if (cutShort(cause) || !session.alive() || !store.connected()) {
            // The next connection reads everything.
            LOG.debug("reading the cluster was cut short: {}", cause.getMessage());
            stale.everything = true;
            loaded = false;
        } else {
            if (!firstLoad.isDone() && cause instanceof MalformedZNodeException) {
                firstLoad.completeExceptionally(cause);
            }
            LOG.error("the cluster could not be read from ZooKeeper; trying again", cause);
            store.after(RETRY_MILLIS, this::start);
        }
    }

    private static boolean cutShort(Throwable cause) {
        return cause instanceof KeeperException.ConnectionLossException
                || cause instanceof KeeperException.SessionExpiredException
                || cause instanceof KeeperException.SessionMovedException;
    }

    private static CompletableFuture<Map<String, UUID>> readWishes(ZooKeeperSession session) {
        return session.children(ZNodes.DELETE_TOPICS).thenCompose(topics -> {
            List<String> paths = topics.stream().map(ZNodes::deletion).toList();
            return ClusterLoader.read(session, paths).thenApply(found -> {
                Map<String, UUID> read = new HashMap<>();
                found.forEach((path, node) -> read.put(
                        ZNodes.childBelow(ZNodes.DELETE_TOPICS, path),
                        UUID.fromString(ZNodeJson.text(path, "id", node.getData()))));
                return read;
            });
        });
    }

    private static <T> CompletableFuture<T> done(T value) {
        return CompletableFuture.completedFuture(value);
    }
}
