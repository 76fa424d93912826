package io.penstock.broker.group;

import io.penstock.broker.metadata.MetadataException;
import io.penstock.broker.metadata.MetadataStore;
import io.penstock.broker.metadata.MetadataStore.NewTopic;
import io.penstock.broker.metadata.TopicImage;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.CompletionStage;

/** The internal topic of groups and offsets: made when it is first needed. Any thread. */
final class OffsetsTopic {
    static final String NAME = "__consumer_offsets";
    /** The topic keeps what is live for ever; the coordinator itself gives up what is not. */
    private static final Map<String, String> SETTINGS = Map.of(
            "cleanup.policy", "compact",
            "retention.ms", "-1",
            "retention.bytes", "-1",
            "segment.bytes", Integer.toString(16 * 1024 * 1024),
            "max.message.bytes", Integer.toString(12 * 1024 * 1024));

    private final MetadataStore metadata;
    private final GroupConfig config;
    private CompletableFuture<TopicImage> creation;

    OffsetsTopic(MetadataStore metadata, GroupConfig config) {
        this.metadata = metadata;
        this.config = config;
    }

    Optional<TopicImage> present() {
        return metadata.image().topic(NAME);
    }

    /** The topic, made if need be; all who ask meanwhile share one creation. */
    synchronized CompletableFuture<TopicImage> ensure() {
        Optional<TopicImage> present = present();
        if (present.isPresent()) {
            return CompletableFuture.completedFuture(present.get());
        }
        if (creation == null) {
            NewTopic topic = new NewTopic(
                    NAME, config.offsetsTopicPartitions(), config.offsetsTopicReplication(), null, SETTINGS);
            CompletableFuture<TopicImage> made = metadata.createTopic(topic)
                    .handle(this::made)
                    .thenCompose(stage -> stage)
                    .toCompletableFuture();
            if (!made.isDone()) {
                creation = made;
            }
            return made;
        }
        return creation;
    }

    private CompletionStage<TopicImage> made(TopicImage topic, Throwable failure) {
        synchronized (this) {
            creation = null;
        }
        if (failure == null) {
            return CompletableFuture.completedFuture(topic);
        }
        Throwable cause = failure instanceof CompletionException ? failure.getCause() : failure;
        // Another broker was quicker.
        if (cause instanceof MetadataException refused
                && refused.reason() == MetadataException.Reason.TOPIC_EXISTS
                && present().isPresent()) {
            return CompletableFuture.completedFuture(present().get());
        }
        return CompletableFuture.failedFuture(cause);
    }

    /** Which partition holds the group; the same as at Kafka, so that tools find it. */
    static int partitionOf(String groupId, TopicImage topic) {
        return (groupId.hashCode() & Integer.MAX_VALUE) % topic.partitions().size();
    }
}
