package io.penstock.broker.shard;

import io.penstock.broker.metadata.MetadataException;
import io.penstock.broker.metadata.MetadataStore;
import io.penstock.broker.metadata.MetadataStore.NewTopic;
import io.penstock.broker.metadata.TopicImage;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.CompletionStage;

/** The internal topic of a coordinator: made when it is first needed. Any thread. */
public final class ShardTopic {
    private final MetadataStore metadata;
    private final NewTopic wanted;
    private CompletableFuture<TopicImage> creation;

    /** @param wanted how the topic is made; what is live in it must stay for ever, the coordinator gives up what is not */
    public ShardTopic(MetadataStore metadata, NewTopic wanted) {
        this.metadata = metadata;
        this.wanted = wanted;
    }

    public String name() {
        return wanted.name();
    }

    public Optional<TopicImage> present() {
        return metadata.image().topic(wanted.name());
    }

    /** The topic, made if need be; all who ask meanwhile share one creation. */
    public synchronized CompletableFuture<TopicImage> ensure() {
        Optional<TopicImage> present = present();
        if (present.isPresent()) {
            return CompletableFuture.completedFuture(present.get());
        }
        if (creation == null) {
            CompletableFuture<TopicImage> made = metadata.createTopic(asLargeAsPossible())
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

    /** With as many replicas as are wanted, or as brokers live. */
    private NewTopic asLargeAsPossible() {
        int live = Math.max(1, metadata.image().brokers().size());
        return new NewTopic(
                wanted.name(),
                wanted.partitions(),
                (short) Math.min(wanted.replicationFactor(), live),
                wanted.assignments(),
                wanted.config());
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

    /** Which partition holds a key; the same as at Kafka, so that tools find it. */
    public static int partitionOf(String key, TopicImage topic) {
        return (key.hashCode() & Integer.MAX_VALUE) % topic.partitions().size();
    }
}
