package io.penstock.broker.metadata;

import io.penstock.broker.config.BrokerSettings;
import io.penstock.broker.config.TopicConfigs;
import io.penstock.broker.metadata.MetadataException.Reason;
import io.penstock.broker.metadata.MetadataStore.NewTopic;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.CompletionStage;

/**
 * Makes topics for clients: fills in the broker's defaults, checks names and settings, asks the authority. Stateless;
 * any thread. Internal topics are made by their owners through the {@link MetadataStore} itself.
 */
public final class TopicCreation {
    private static final UUID UNDECIDED = new UUID(0, 0);

    private final MetadataStore store;
    private final BrokerSettings file;

    /** @param file the broker's settings; what was set at run time is taken from the image */
    public TopicCreation(MetadataStore store, BrokerSettings file) {
        this.store = store;
        this.file = file;
    }

    /** The broker's settings in force now. */
    public BrokerSettings settings() {
        ClusterImage image = store.image();
        return file.withDynamic(image.brokerConfig(-1), image.brokerConfig(file.brokerId()));
    }

    /**
     * Checks what can be checked here and fills in defaults.
     *
     * @param partitions -1 for {@code num.partitions}
     * @param replicationFactor -1 for {@code default.replication.factor}
     * @param assignments replicas of each partition, or null
     * @throws MetadataException which says what is wrong
     */
    public NewTopic prepare(
            String name,
            int partitions,
            short replicationFactor,
            List<List<Integer>> assignments,
            Map<String, String> config) {
        TopicNames.check(name);
        if (TopicNames.internal(name)) {
            throw new MetadataException(
                    Reason.INVALID_NAME, "Topic '" + name + "' is internal; the broker makes it when it needs it");
        }
        BrokerSettings settings = settings();
        int count = partitions == -1 ? settings.intValue("num.partitions") : partitions;
        short factor =
                replicationFactor == -1 ? (short) settings.intValue("default.replication.factor") : replicationFactor;
        int replicas = assignments == null || assignments.isEmpty()
                ? factor
                : assignments.get(0).size();
        NewTopic topic = new NewTopic(name, count, factor, assignments, Map.copyOf(config));
        String fault = TopicConfigs.fault(topic.config(), Math.max(replicas, 1));
        if (fault != null) {
            throw new MetadataException(Reason.INVALID_CONFIG, fault);
        }
        return topic;
    }

    /** What would be made of it now; changes nothing. */
    public TopicImage validate(NewTopic topic) {
        return TopicPlan.create(store.image(), topic, UNDECIDED);
    }

    /** Makes a prepared topic. */
    public CompletionStage<TopicImage> create(NewTopic topic) {
        return store.createTopic(topic);
    }

    /** Makes a topic with the broker's defaults unless it is there, also when another made it meanwhile. */
    public CompletionStage<TopicImage> createIfMissing(String name) {
        return createIfMissing(name, Map.of());
    }

    /** As {@link #createIfMissing(String)}, with settings for the case that it is made. */
    public CompletionStage<TopicImage> createIfMissing(String name, Map<String, String> config) {
        TopicImage present = store.image().topic(name).orElse(null);
        if (present != null) {
            return CompletableFuture.completedFuture(present);
        }
        try {
            return create(prepare(name, -1, (short) -1, null, config)).exceptionally(e -> existing(name, e));
        } catch (MetadataException e) {
            return CompletableFuture.failedFuture(e);
        }
    }

    private TopicImage existing(String name, Throwable failure) {
        Throwable cause = failure instanceof CompletionException ? failure.getCause() : failure;
        TopicImage present = store.image().topic(name).orElse(null);
        if (cause instanceof MetadataException refused && refused.reason() == Reason.TOPIC_EXISTS && present != null) {
            return present;
        }
        throw failure instanceof CompletionException wrapped ? wrapped : new CompletionException(failure);
    }
}
