package io.penstock.broker.zookeeper;

import io.penstock.broker.metadata.BrokerImage;
import io.penstock.broker.metadata.PersistentClusterImage;
import io.penstock.broker.metadata.TopicImage;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.UUID;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import org.apache.zookeeper.KeeperException;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Keeps the image as new as ZooKeeper: notes what changed, reads it, one reading at a time; what changes meanwhile is
 * read in the next. On the store's thread.
 */
final class Refresh {
    private static final Logger LOG = LoggerFactory.getLogger(Refresh.class);
    private static final long RETRY_MILLIS = 1_000;

    private final ZooKeeperMetadataStore store;
    private final int brokerId;
    private final CompletableFuture<Void> firstLoad = new CompletableFuture<>();

    private Members members;
    private Map<String, UUID> wishes = Map.of();
    private final Set<String> wishesTakenUp = new HashSet<>();

    private Stale stale = new Stale();
    private boolean running;
    private boolean loaded;
    private final Set<String> wroteMeanwhile = new HashSet<>();

    /** What is to be read. */
    private static final class Stale {
        boolean everything;
        boolean members;
        boolean configs;
        boolean wishes;
        final Set<String> topics = new HashSet<>();

        boolean isEmpty() {
            return !everything && !members && !configs && !wishes && topics.isEmpty();
        }

        void add(Stale other) {
            everything |= other.everything;
            members |= other.members;
            configs |= other.configs;
            wishes |= other.wishes;
            topics.addAll(other.topics);
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

    /** A znode was made, deleted or written. */
    void changed(String path) {
        String topic = ZNodes.childBelow(ZNodes.TOPICS, path);
        if (topic == null) {
            topic = ZNodes.childBelow(ZNodes.CONFIG_TOPICS, path);
        }
        if (topic != null) {
            stale.topics.add(topic);
        } else if (path.startsWith(ZNodes.DELETE_TOPICS)) {
            stale.wishes = true;
        } else if (path.startsWith(ZNodes.CONFIG_BROKERS)) {
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
        CompletableFuture<Members> readMembers =
                all || reading.members ? ClusterLoader.members(session, brokerId) : done(null);
        CompletableFuture<Map<String, TopicImage>> readTopics = all
                ? ClusterLoader.allTopics(session)
                : reading.topics.isEmpty() ? done(Map.of()) : ClusterLoader.topics(session, reading.topics);
        CompletableFuture<Map<Integer, Map<String, String>>> readConfigs =
                all || reading.configs ? ClusterLoader.brokerConfigs(session) : done(null);
        CompletableFuture<Map<String, UUID>> readWishes = all || reading.wishes ? readWishes(session) : done(null);
        CompletableFuture.allOf(readMembers, readTopics, readConfigs, readWishes)
                .thenRun(() -> {
                    apply(reading, readMembers.join(), readTopics.join(), readConfigs.join(), readWishes.join());
                })
                .whenComplete((done, failure) -> finished(reading, session, failure));
    }

    private void apply(
            Stale reading,
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
        if (configs != null) {
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
