package io.penstock.broker.metadata;

import io.penstock.broker.metadata.MetadataException.Reason;
import io.penstock.broker.metadata.MetadataStore.NewTopic;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.UUID;

/**
 * The controller's decisions about topics as pure functions of the image: what a new topic looks like, how it grows.
 * {@link Election} says who leads. Every refusal is a {@link MetadataException}.
 */
public final class TopicPlan {
    /** A guard against slips of the finger; Kafka's own admission is a cluster-wide quota. */
    public static final int PARTITIONS_MAX = 10_000;

    /** So many fit into one change of the authority. */
    public static final int PARTITIONS_AT_ONCE_MAX = 1_000;

    private TopicPlan() {}

    /** The topic as it will be; nothing is changed. */
    public static TopicImage create(ClusterImage image, NewTopic topic, UUID id) {
        TopicNames.check(topic.name());
        if (image.topic(topic.name()).isPresent()) {
            throw new MetadataException(Reason.TOPIC_EXISTS, "Topic '" + topic.name() + "' already exists.");
        }
        image.colliding(topic.name()).ifPresent(other -> {
            throw new MetadataException(
                    Reason.NAME_COLLISION,
                    "Topic '" + topic.name() + "' collides with existing topic '" + other.name()
                            + "': they differ only in '.' and '_'");
        });
        List<List<Integer>> assignments = topic.assignments() == null
                ? place(image, topic.name(), 0, topic.partitions(), topic.replicationFactor())
                : checkAssignments(image, topic.assignments(), 0, -1);
        return new TopicImage(topic.name(), id, partitions(image, assignments, 0), Map.copyOf(topic.config()));
    }

    /** The topic with more partitions. */
    public static TopicImage grow(ClusterImage image, TopicImage topic, int total, List<List<Integer>> assignments) {
        int present = topic.partitions().size();
        if (total <= present) {
            throw new MetadataException(
                    Reason.INVALID_PARTITIONS,
                    "Topic '" + topic.name() + "' has " + present + " partitions; " + total
                            + (total == present ? " is what it has" : " would be fewer, which is not possible"));
        }
        int replicas = present == 0 ? 1 : topic.partitions().get(0).target().size();
        List<List<Integer>> added;
        if (assignments == null) {
            added = place(image, topic.name(), present, total - present, (short) replicas);
        } else {
            if (assignments.size() != total - present) {
                throw new MetadataException(
                        Reason.INVALID_ASSIGNMENT,
                        assignments.size() + " assignments were given for " + (total - present) + " new partitions");
            }
            added = checkAssignments(image, assignments, present, replicas);
        }
        List<PartitionImage> all = new ArrayList<>(topic.partitions());
        all.addAll(partitions(image, added, present));
        return new TopicImage(topic.name(), topic.id(), List.copyOf(all), topic.config());
    }

    /** The topic with some settings changed (value) or removed (null). */
    public static TopicImage configure(TopicImage topic, Map<String, String> changes) {
        return new TopicImage(
                topic.name(), topic.id(), topic.partitions(), Map.copyOf(changed(topic.config(), changes)));
    }

    /** Settings with changes made: a null value removes. */
    public static Map<String, String> changed(Map<String, String> config, Map<String, String> changes) {
        Map<String, String> result = new HashMap<>(config);
        changes.forEach((key, value) -> {
            if (value == null) {
                result.remove(key);
            } else {
                result.put(key, value);
            }
        });
        return result;
    }

    private static List<PartitionImage> partitions(ClusterImage image, List<List<Integer>> assignments, int first) {
        List<PartitionImage> partitions = new ArrayList<>(assignments.size());
        for (int i = 0; i < assignments.size(); i++) {
            List<Integer> replicas = assignments.get(i);
            List<Integer> live =
                    replicas.stream().filter(id -> image.broker(id).isPresent()).toList();
            Map<Integer, Long> stamps = new HashMap<>();
            if (replicas.size() > 1) {
                live.forEach(id -> stamps.put(id, image.broker(id).orElseThrow().epoch()));
            }
            partitions.add(new PartitionImage(
                    first + i,
                    live.isEmpty() ? -1 : live.get(0),
                    0,
                    replicas,
                    live.isEmpty() ? replicas : live,
                    List.of(),
                    0,
                    stamps));
        }
        return List.copyOf(partitions);
    }

    private static List<List<Integer>> place(ClusterImage image, String name, int first, int count, int factor) {
        if (count <= 0) {
            throw new MetadataException(Reason.INVALID_PARTITIONS, "Number of partitions must be larger than 0.");
        }
        checkCount(first, count);
        return Placement.place(image, name, first, count, factor);
    }

    private static void checkCount(int first, int count) {
        if (count > PARTITIONS_AT_ONCE_MAX) {
            throw new MetadataException(
                    Reason.INVALID_PARTITIONS,
                    count + " partitions are more than the " + PARTITIONS_AT_ONCE_MAX + " that can be made at once");
        }
        if (first + count > PARTITIONS_MAX) {
            throw new MetadataException(
                    Reason.INVALID_PARTITIONS,
                    first + count + " partitions are more than the " + PARTITIONS_MAX + " that a topic can have");
        }
    }

    private static List<List<Integer>> checkAssignments(
            ClusterImage image, List<List<Integer>> given, int first, int factor) {
        if (given.isEmpty()) {
            throw new MetadataException(Reason.INVALID_ASSIGNMENT, "The assignment names no partitions");
        }
        checkCount(first, given.size());
        int expected = factor > 0 ? factor : given.get(0).size();
        List<List<Integer>> result = new ArrayList<>(given.size());
        for (List<Integer> replicas : given) {
            if (replicas.isEmpty() || replicas.size() != expected) {
                throw new MetadataException(
                        Reason.INVALID_ASSIGNMENT,
                        "Every partition needs " + Math.max(expected, 1) + " replicas; one has " + replicas.size());
            }
            if (new HashSet<>(replicas).size() != replicas.size()) {
                throw new MetadataException(
                        Reason.INVALID_ASSIGNMENT, "A broker is named twice in the replicas " + replicas);
            }
            for (int id : replicas) {
                if (image.broker(id).isEmpty()) {
                    throw new MetadataException(
                            Reason.INVALID_ASSIGNMENT, "The replicas " + replicas + " name unknown broker " + id);
                }
            }
            result.add(List.copyOf(replicas));
        }
        return result;
    }
}
