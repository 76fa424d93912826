package io.penstock.broker.metadata;

import java.util.ArrayList;
import java.util.Collection;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.UUID;
import org.pcollections.ConsPStack;
import org.pcollections.HashTreePMap;
import org.pcollections.PMap;
import org.pcollections.PStack;

/**
 * An image made of persistent maps: a changed topic makes a new image that shares all else with the old one, so that
 * an update costs the same with ten and with ten thousand topics. Any thread may read; made by a store's thread.
 */
public final class PersistentClusterImage implements ClusterImage {
    private final String clusterId;
    private final int controllerId;
    private final PMap<Integer, BrokerImage> brokers;
    private final PMap<String, TopicImage> topicsByName;
    private final PMap<UUID, TopicImage> topicsById;
    /** Names that contain '.' or '_', with '.' replaced by '_', and the real name. */
    private final PMap<String, String> collisionNames;

    private final PMap<Integer, Map<String, String>> brokerConfigs;
    private final long generation;
    private final Changes changes;

    private PersistentClusterImage(
            String clusterId,
            int controllerId,
            PMap<Integer, BrokerImage> brokers,
            Topics topics,
            PMap<Integer, Map<String, String>> brokerConfigs,
            long generation,
            Changes changes) {
        this.clusterId = clusterId;
        this.controllerId = controllerId;
        this.brokers = brokers;
        this.topicsByName = topics.byName;
        this.topicsById = topics.byId;
        this.collisionNames = topics.collisionNames;
        this.brokerConfigs = brokerConfigs;
        this.generation = generation;
        this.changes = changes;
    }

    /** A cluster without brokers and topics. */
    public static PersistentClusterImage empty(String clusterId) {
        return new PersistentClusterImage(
                clusterId,
                -1,
                HashTreePMap.empty(),
                new Topics(HashTreePMap.empty(), HashTreePMap.empty(), HashTreePMap.empty()),
                HashTreePMap.empty(),
                0,
                Changes.since(0));
    }

    @Override
    public String clusterId() {
        return clusterId;
    }

    @Override
    public int controllerId() {
        return controllerId;
    }

    @Override
    public Collection<BrokerImage> brokers() {
        return brokers.values();
    }

    @Override
    public Collection<TopicImage> topics() {
        return topicsByName.values();
    }

    @Override
    public Optional<TopicImage> topic(String name) {
        return Optional.ofNullable(topicsByName.get(name));
    }

    @Override
    public Optional<TopicImage> topic(UUID id) {
        return Optional.ofNullable(topicsById.get(id));
    }

    @Override
    public Optional<BrokerImage> broker(int id) {
        return Optional.ofNullable(brokers.get(id));
    }

    @Override
    public Optional<TopicImage> colliding(String name) {
        String other = TopicNames.canCollide(name) ? collisionNames.get(TopicNames.collisionKey(name)) : null;
        return other == null || other.equals(name) ? Optional.empty() : topic(other);
    }

    @Override
    public Map<String, String> brokerConfig(int brokerId) {
        return brokerConfigs.getOrDefault(brokerId, Map.of());
    }

    /** Brokers with settings made at run time, -1 for the default of all. */
    public Set<Integer> configuredBrokers() {
        return brokerConfigs.keySet();
    }

    @Override
    public TopicChanges changesSince(ClusterImage before) {
        if (before == this) {
            return new TopicChanges(List.of(), List.of());
        }
        if (before instanceof PersistentClusterImage other && other.topicsById == topicsById) {
            return new TopicChanges(List.of(), List.of());
        }
        if (before instanceof PersistentClusterImage other && other.generation == changes.base) {
            return changes.toTopicChanges();
        }
        return TopicChanges.compare(before, this);
    }

    public PersistentClusterImage withController(int id) {
        return next(id, brokers, topics(topicsByName), brokerConfigs, List.of(), List.of());
    }

    /** Replaces the live brokers. */
    public PersistentClusterImage withBrokers(Collection<BrokerImage> live) {
        Map<Integer, BrokerImage> byId = new HashMap<>();
        live.forEach(broker -> byId.put(broker.id(), broker));
        return next(controllerId, HashTreePMap.from(byId), topics(topicsByName), brokerConfigs, List.of(), List.of());
    }

    /** Adds a topic or puts it in the place of the one with the same name. */
    public PersistentClusterImage withTopic(TopicImage topic) {
        return withTopics(List.of(topic), List.of());
    }

    /** Adds and replaces some topics and removes others (by name), in one step. */
    public PersistentClusterImage withTopics(Collection<TopicImage> put, Collection<String> removedNames) {
        PMap<String, TopicImage> byName = topicsByName;
        PMap<UUID, TopicImage> byId = topicsById;
        PMap<String, String> collisions = collisionNames;
        List<TopicImage> changed = new ArrayList<>();
        List<TopicImage> removed = new ArrayList<>();
        for (String name : removedNames) {
            TopicImage old = byName.get(name);
            if (old != null) {
                byName = byName.minus(name);
                byId = byId.minus(old.id());
                if (TopicNames.canCollide(name)) {
                    collisions = collisions.minus(TopicNames.collisionKey(name));
                }
                removed.add(old);
            }
        }
        for (TopicImage topic : put) {
            TopicImage old = byName.get(topic.name());
            if (topic.equals(old)) {
                continue;
            }
            if (old != null && !old.id().equals(topic.id())) {
                byId = byId.minus(old.id());
                removed.add(old);
            }
            byName = byName.plus(topic.name(), topic);
            byId = byId.plus(topic.id(), topic);
            if (TopicNames.canCollide(topic.name())) {
                collisions = collisions.plus(TopicNames.collisionKey(topic.name()), topic.name());
            }
            changed.add(topic);
        }
        if (changed.isEmpty() && removed.isEmpty()) {
            return this;
        }
        return next(controllerId, brokers, new Topics(byName, byId, collisions), brokerConfigs, changed, removed);
    }

    /** Replaces the settings of one broker (-1: of all). */
    public PersistentClusterImage withBrokerConfig(int brokerId, Map<String, String> config) {
        PMap<Integer, Map<String, String>> configs =
                config.isEmpty() ? brokerConfigs.minus(brokerId) : brokerConfigs.plus(brokerId, Map.copyOf(config));
        return next(controllerId, brokers, topics(topicsByName), configs, List.of(), List.of());
    }

    private Topics topics(PMap<String, TopicImage> byName) {
        return new Topics(byName, topicsById, collisionNames);
    }

    private PersistentClusterImage next(
            int controller,
            PMap<Integer, BrokerImage> live,
            Topics topics,
            PMap<Integer, Map<String, String>> configs,
            List<TopicImage> changed,
            List<TopicImage> removed) {
        Changes merged = changes.complete ? Changes.since(generation) : changes;
        return new PersistentClusterImage(
                clusterId, controller, live, topics, configs, generation + 1, merged.and(changed, removed));
    }

    /**
     * The same image, shown to others: images made from it tell their changes since this one, whatever number of
     * steps there are between.
     */
    public PersistentClusterImage published() {
        return new PersistentClusterImage(
                clusterId,
                controllerId,
                brokers,
                topics(topicsByName),
                brokerConfigs,
                generation,
                new Changes(changes.base, true, changes.changed, changes.removed));
    }

    private record Topics(
            PMap<String, TopicImage> byName, PMap<UUID, TopicImage> byId, PMap<String, String> collisionNames) {}

    /** What happened to topics since the image of generation {@code base} was published. */
    private record Changes(long base, boolean complete, PStack<TopicImage> changed, PStack<TopicImage> removed) {

        static Changes since(long base) {
            return new Changes(base, false, ConsPStack.empty(), ConsPStack.empty());
        }

        Changes and(Collection<TopicImage> moreChanged, Collection<TopicImage> moreRemoved) {
            return new Changes(base, complete, changed.plusAll(moreChanged), removed.plusAll(moreRemoved));
        }

        /** The newest state of each topic; one that came and went meanwhile is only removed. */
        TopicChanges toTopicChanges() {
            Map<UUID, TopicImage> last = new LinkedHashMap<>();
            changed.forEach(topic -> last.putIfAbsent(topic.id(), topic));
            removed.forEach(topic -> last.remove(topic.id()));
            return new TopicChanges(List.copyOf(last.values()), List.copyOf(removed));
        }
    }
}
