package io.penstock.broker.request.jms;

import io.penstock.broker.metadata.MetadataException;
import io.penstock.broker.metadata.MetadataStore;
import io.penstock.broker.metadata.TopicImage;
import io.penstock.broker.partition.InternalLog;
import io.penstock.broker.partition.PartitionInternalLog;
import io.penstock.broker.partition.Partitions;
import io.penstock.storage.time.Clock;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;

/**
 * The topics in which the broker keeps what JMS needs: one partition each, forced before the reply whatever the
 * broker's policy is, never trimmed by time. Made when they are first needed. Any thread may call.
 */
final class InternalTopics {
    static final String SUBSCRIPTIONS = "__penstock_subscriptions";
    static final String TRANSACTIONS = "__penstock_transactions";

    /** A commit holds what one frame brought, and a little more. */
    private static final int BATCH_BYTES_MAX = 256 * 1024 * 1024;

    private static final Map<String, String> CONFIG = Map.of(
            "flush.policy", "before-reply",
            "retention.ms", "-1",
            "retention.bytes", "-1",
            "max.message.bytes", Integer.toString(BATCH_BYTES_MAX));

    private final MetadataStore metadata;
    private final Partitions partitions;
    private final Clock clock;

    InternalTopics(MetadataStore metadata, Partitions partitions, Clock clock) {
        this.clock = clock;
        this.metadata = metadata;
        this.partitions = partitions;
    }

    boolean exists(String name) {
        return metadata.image().topic(name).isPresent();
    }

    /** Completes on the owner of the topic's partition. */
    CompletionStage<InternalLog> open(String name) {
        return topic(name)
                .thenCompose(topic -> partitions.partition(topic.id(), 0))
                .thenApply(partition -> new PartitionInternalLog(partitions, partition, clock));
    }

    private CompletionStage<TopicImage> topic(String name) {
        return metadata.image()
                .topic(name)
                .<CompletionStage<TopicImage>>map(CompletableFuture::completedFuture)
                .orElseGet(() -> metadata.createTopic(new MetadataStore.NewTopic(name, 1, (short) 1, null, CONFIG))
                        .exceptionallyCompose(failure -> madeByAnother(name, failure)));
    }

    private CompletionStage<TopicImage> madeByAnother(String name, Throwable failure) {
        if (FrontErrors.unwrap(failure) instanceof MetadataException refused
                && refused.reason() == MetadataException.Reason.TOPIC_EXISTS) {
            return metadata.image()
                    .topic(name)
                    .<CompletionStage<TopicImage>>map(CompletableFuture::completedFuture)
                    .orElseGet(() -> CompletableFuture.failedFuture(failure));
        }
        return CompletableFuture.failedFuture(failure);
    }
}
