package io.penstock.broker.request.jms;

import io.penstock.broker.metadata.MetadataException;
import io.penstock.broker.metadata.MetadataStore;
import io.penstock.broker.metadata.TopicImage;
import io.penstock.broker.partition.InternalLog;
import io.penstock.broker.partition.Partition;
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

    private final int brokerId;
    private final short replication;
    private final MetadataStore metadata;
    private final Partitions partitions;
    private final Clock clock;

    /** @param replication replicas of the topics, at most as many as brokers live when they are made */
    InternalTopics(int brokerId, short replication, MetadataStore metadata, Partitions partitions, Clock clock) {
        this.brokerId = brokerId;
        this.replication = replication;
        this.clock = clock;
        this.metadata = metadata;
        this.partitions = partitions;
    }

    boolean exists(String name) {
        return metadata.image().topic(name).isPresent();
    }

    /** Whether this broker leads what there is of the topic. */
    boolean leads(String name) {
        return metadata.image()
                .topic(name)
                .map(topic -> topic.partitions().get(0).leader() == brokerId)
                .orElse(false);
    }

    /** Makes the topic where it is missing. */
    CompletionStage<Void> ensure(String name) {
        return topic(name).thenApply(topic -> null);
    }

    /**
     * Completes on the owner of the topic's partition, when all that is in its log is committed.
     *
     * @param lost runs once on that owner, when what was opened is of no use any more
     */
    CompletionStage<InternalLog> open(String name, Runnable lost) {
        return topic(name)
                .thenCompose(topic -> partitions.partition(topic.id(), 0))
                .thenCompose(partition -> settled(partition, lost));
    }

    /** On the partition's owner, whichever thread has found the partition. */
    private CompletionStage<InternalLog> settled(Partition partition, Runnable lost) {
        CompletableFuture<InternalLog> result = new CompletableFuture<>();
        partition.owner().run(() -> {
            partition.onClosed(reason -> {
                result.completeExceptionally(reason);
                lost.run();
            });
            Runnable look = () -> {
                if (partition.settled() && !result.isDone()) {
                    result.complete(new PartitionInternalLog(partitions, partition, clock));
                }
            };
            look.run();
            if (!result.isDone()) {
                Partition.Registration moving = partition.onHighWatermark(look);
                result.whenComplete((done, failure) -> partition.owner().execute(moving::cancel));
            }
        });
        return result;
    }

    private CompletionStage<TopicImage> topic(String name) {
        return metadata.image()
                .topic(name)
                .<CompletionStage<TopicImage>>map(CompletableFuture::completedFuture)
                .orElseGet(() -> metadata.createTopic(new MetadataStore.NewTopic(name, 1, replicas(), null, CONFIG))
                        .exceptionallyCompose(failure -> madeByAnother(name, failure)));
    }

    private short replicas() {
        return (short)
                Math.min(replication, Math.max(1, metadata.image().brokers().size()));
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
