package io.penstock.broker.request.jms;

import io.penstock.broker.delivery.GroupSpec;
import io.penstock.broker.delivery.PartitionDelivery;
import io.penstock.broker.delivery.SharePartition;
import io.penstock.broker.group.DurableSubscription;
import io.penstock.broker.group.SubscriptionGroups;
import io.penstock.broker.metadata.MetadataStore;
import io.penstock.broker.metadata.PartitionImage;
import io.penstock.broker.metadata.TopicImage;
import io.penstock.broker.partition.PartitionUnavailableException;
import java.io.IOException;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.BiConsumer;

/** Groups of durable subscriptions in the ledgers of their topic's partitions. Any thread may call. */
final class LedgerGroups implements SubscriptionGroups {
    private final MetadataStore metadata;
    private final Deliveries deliveries;

    LedgerGroups(MetadataStore metadata, Deliveries deliveries) {
        this.metadata = metadata;
        this.deliveries = deliveries;
    }

    @Override
    public CompletionStage<Void> create(DurableSubscription subscription) {
        return onEach(subscription, (delivery, done) -> {
            boolean later = delivery.partition().index() >= subscription.partitions();
            delivery.createGroup(
                    new GroupSpec(
                            subscription.groupId(),
                            subscription.incarnation(),
                            GroupSpec.Kind.DURABLE,
                            later ? 0 : delivery.partition().highWatermark(),
                            subscription.noLocal() ? subscription.clientId() : null,
                            subscription.selector()),
                    failure -> complete(done, failure));
        });
    }

    @Override
    public CompletionStage<Void> delete(DurableSubscription subscription) {
        return onEach(
                subscription,
                (delivery, done) -> delivery.deleteGroup(
                        subscription.groupId(), subscription.incarnation(), failure -> complete(done, failure)));
    }

    @Override
    public CompletionStage<Long> acquired(DurableSubscription subscription) {
        AtomicLong acquired = new AtomicLong();
        return onEach(subscription, (delivery, done) -> {
                    Optional<SharePartition> group = delivery.group(subscription.groupId());
                    if (group.isEmpty()) {
                        done.complete(null);
                        return;
                    }
                    // What is being settled is not held any more when it is durable.
                    delivery.awaitAll(failure -> {
                        if (group.get().anythingHeld()) {
                            acquired.addAndGet(
                                    Math.max(1, group.get().statistics().acquired()));
                        }
                        complete(done, failure);
                    });
                })
                .thenApply(nothing -> acquired.get());
    }

    private CompletionStage<Void> onEach(
            DurableSubscription subscription, BiConsumer<PartitionDelivery, CompletableFuture<Void>> step) {
        Optional<TopicImage> topic = metadata.image().topic(subscription.topicId());
        if (topic.isEmpty()) {
            return CompletableFuture.completedFuture(null); // the ledgers went with the topic
        }
        return CompletableFuture.allOf(topic.get().partitions().stream()
                .map(PartitionImage::index)
                .map(index -> onPartition(subscription, index, step))
                .toArray(CompletableFuture[]::new));
    }

    private CompletableFuture<Void> onPartition(
            DurableSubscription subscription, int index, BiConsumer<PartitionDelivery, CompletableFuture<Void>> step) {
        CompletableFuture<Void> done = new CompletableFuture<>();
        deliveries.with(
                subscription.topicId(),
                index,
                delivery -> {
                    try {
                        step.accept(delivery, done);
                    } catch (RuntimeException e) {
                        done.completeExceptionally(e);
                    }
                },
                failure -> {
                    boolean gone = FrontErrors.unwrap(failure) instanceof PartitionUnavailableException unavailable
                            && unavailable.reason() == PartitionUnavailableException.Reason.UNKNOWN;
                    if (gone) {
                        done.complete(null);
                    } else {
                        done.completeExceptionally(failure);
                    }
                });
        return done;
    }

    private static void complete(CompletableFuture<Void> done, IOException failure) {
        if (failure == null) {
            done.complete(null);
        } else {
            done.completeExceptionally(failure);
        }
    }
}
