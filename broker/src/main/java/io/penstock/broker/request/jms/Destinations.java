package io.penstock.broker.request.jms;

import io.penstock.broker.metadata.MetadataException;
import io.penstock.broker.metadata.MetadataStore;
import io.penstock.broker.metadata.TopicImage;
import io.penstock.protocol.message.DestinationKind;
import io.penstock.protocol.message.PenstockError;
import io.penstock.protocol.name.DestinationName;
import io.penstock.protocol.name.InvalidNameException;
import java.util.HashMap;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;

/**
 * Finds and makes queues and topics. A name is one or the other for ever: what a JMS client makes gets its kind with
 * its creation, what a Kafka client has made gets it with its first use by JMS, and keeps its retention by time. Any
 * thread may call.
 */
final class Destinations {

    /** JMS messages may be larger than Kafka's default for a batch. */
    private static final String MAX_MESSAGE_BYTES = Integer.toString(64 * 1024 * 1024);

    private static final String RETENTION = "penstock.retention";
    private static final String SETTLED_MILLIS = "penstock.retention.settled.ms";

    private final MetadataStore metadata;
    private final FrontLimits limits;
    private CompletionStage<?> lastKindChange = CompletableFuture.completedFuture(null);

    Destinations(MetadataStore metadata, FrontLimits limits) {
        this.metadata = metadata;
        this.limits = limits;
    }

    /** Null for a topic that JMS has not used yet. */
    static DestinationKind kind(TopicImage topic) {
        String kind = topic.config().get(TopicImage.KIND);
        if (kind == null || kind.isBlank()) {
            return null;
        }
        return kind.trim().equals(word(DestinationKind.QUEUE)) ? DestinationKind.QUEUE : DestinationKind.TOPIC;
    }

    /** True when the topic's own configuration lets its records go by time and size, had by everybody or not. */
    static boolean byTimeAlone(TopicImage topic) {
        return topic.config().getOrDefault(RETENTION, "").trim().equals("time");
    }

    /** True when records go once they are settled. */
    static boolean consumed(TopicImage topic) {
        String retention = topic.config().get(RETENTION);
        return retention == null || retention.isBlank()
                ? kind(topic) != null
                : retention.trim().equals("consumed");
    }

    /** How long what is settled stays with {@link #consumed}. */
    static long settledMillis(TopicImage topic) {
        String millis = topic.config().get(SETTLED_MILLIS);
        try {
            return millis == null || millis.isBlank() ? 0 : Math.max(0, Long.parseLong(millis.trim()));
        } catch (NumberFormatException e) {
            return 0; // Written past the broker, which checks.
        }
    }

    static String word(DestinationKind kind) {
        return kind == DestinationKind.QUEUE ? "queue" : "topic";
    }

    Optional<TopicImage> find(String name) {
        return metadata.image().topic(name);
    }

    static void checkName(String name) throws FrontException {
        try {
            DestinationName.check(name);
        } catch (InvalidNameException e) {
            throw new FrontException(PenstockError.INVALID_DESTINATION, e.getMessage());
        }
    }

    /**
     * Finds the destination, or makes it.
     *
     * @param partitions of a new one; 0: one
     * @return fails with {@link FrontException} or {@link MetadataException}
     */
    CompletionStage<TopicImage> resolve(String name, DestinationKind kind, boolean create, int partitions) {
        Optional<TopicImage> present = find(name);
        if (present.isPresent()) {
            return used(present.get(), kind);
        }
        if (!create) {
            return CompletableFuture.failedFuture(
                    new FrontException(PenstockError.UNKNOWN_DESTINATION, "there is no " + word(kind) + " " + name));
        }
        if (partitions < 0 || partitions > limits.partitionsMax()) {
            return CompletableFuture.failedFuture(new FrontException(
                    PenstockError.INVALID_DESTINATION,
                    "a destination has 1 to " + limits.partitionsMax() + " partitions, not " + partitions));
        }
        Map<String, String> config = Map.of(
                TopicImage.KIND,
                word(kind),
                RETENTION,
                "consumed",
                "retention.ms",
                "-1",
                "max.message.bytes",
                MAX_MESSAGE_BYTES);
        return metadata.createTopic(new MetadataStore.NewTopic(name, Math.max(1, partitions), (short) -1, null, config))
                .exceptionallyCompose(failure -> {
                    Optional<TopicImage> made = find(name);
                    return made.isPresent() && isExists(failure)
                            ? used(made.get(), kind)
                            : CompletableFuture.failedFuture(failure);
                });
    }

    private CompletionStage<TopicImage> used(TopicImage topic, DestinationKind kind) {
        DestinationKind present = kind(topic);
        if (present == kind) {
            return CompletableFuture.completedFuture(topic);
        }
        if (present != null) {
            return CompletableFuture.failedFuture(new FrontException(
                    PenstockError.WRONG_KIND, topic.name() + " is a " + word(present) + ", not a " + word(kind)));
        }
        return setKind(topic, kind);
    }

    /** One after the other, so that two first users cannot both decide. */
    private synchronized CompletionStage<TopicImage> setKind(TopicImage topic, DestinationKind kind) {
        CompletionStage<TopicImage> decided = lastKindChange
                .handle((done, failure) -> null)
                .thenCompose(nothing -> {
                    Optional<TopicImage> now = metadata.image().topic(topic.id());
                    return now.isPresent() && kind(now.get()) != null ? used(now.get(), kind) : alterKind(topic, kind);
                });
        lastKindChange = decided;
        return decided;
    }

    private CompletionStage<TopicImage> alterKind(TopicImage topic, DestinationKind kind) {
        Map<String, String> changes = new HashMap<>();
        changes.put(TopicImage.KIND, word(kind));
        if (!topic.config().containsKey(RETENTION)) {
            changes.put(RETENTION, "time");
        }
        return metadata.alterTopicConfig(topic.id(), changes).thenCompose(nothing -> {
            Optional<TopicImage> changed = metadata.image().topic(topic.id());
            if (changed.isEmpty()) {
                return CompletableFuture.failedFuture(new FrontException(
                        PenstockError.UNKNOWN_DESTINATION, "topic " + topic.name() + " was deleted"));
            }
            if (kind(changed.get()) == null) {
                return CompletableFuture.failedFuture(new FrontException(
                        PenstockError.TIMED_OUT, "the kind of " + topic.name() + " is not known here yet"));
            }
            return used(changed.get(), kind);
        });
    }

    private static boolean isExists(Throwable failure) {
        return FrontErrors.unwrap(failure) instanceof MetadataException refused
                && refused.reason() == MetadataException.Reason.TOPIC_EXISTS;
    }
}
