package io.penstock.broker.request.jms;

import io.penstock.broker.group.DurableSubscription;
import io.penstock.broker.group.SubscriptionGroups;
import io.penstock.broker.group.Subscriptions;
import io.penstock.broker.metadata.TopicImage;
import io.penstock.broker.partition.InternalLog;
import io.penstock.protocol.message.PenstockError;
import java.io.IOException;
import java.util.List;
import java.util.UUID;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;

/**
 * The durable subscriptions behind their topic, which is made when the first subscription is, and read when the broker
 * starts. Any thread may call.
 */
final class SubscriptionService {
    private final InternalTopics topics;
    private final SubscriptionGroups groups;
    private final SharedConsumers shared = new SharedConsumers();
    private CompletableFuture<Subscriptions> opened;

    SubscriptionService(InternalTopics topics, SubscriptionGroups groups) {
        this.topics = topics;
        this.groups = groups;
    }

    /** Those that are not durable, and need no log. */
    SharedConsumers shared() {
        return shared;
    }

    /** Reads what there is; done at once when there never was a subscription, or another broker leads them. */
    CompletionStage<Void> start() {
        return topics.leads(InternalTopics.SUBSCRIPTIONS)
                ? subscriptions().thenApply(ignored -> null)
                : CompletableFuture.completedFuture(null);
    }

    CompletionStage<DurableSubscription> subscribe(
            String groupId,
            String clientId,
            String name,
            TopicImage topic,
            boolean noLocal,
            String selector,
            boolean shared) {
        return subscriptions()
                .thenCompose(all -> all.subscribe(
                        groupId,
                        clientId,
                        name,
                        topic.id(),
                        topic.name(),
                        topic.partitions().size(),
                        noLocal,
                        selector,
                        shared));
    }

    CompletionStage<Void> unsubscribe(String groupId, String shownName) {
        if (!topics.exists(InternalTopics.SUBSCRIPTIONS)) {
            return CompletableFuture.failedFuture(new FrontException(
                    PenstockError.UNKNOWN_SUBSCRIPTION, "there is no durable subscription " + shownName));
        }
        return subscriptions().thenCompose(all -> all.unsubscribe(groupId, shownName));
    }

    CompletionStage<DurableSubscription> claim(String groupId, long incarnation, UUID topicId) {
        return subscriptions()
                .thenCompose(all -> all.claim(groupId, incarnation).thenCompose(claimed -> {
                    if (claimed.topicId().equals(topicId)) {
                        return CompletableFuture.completedFuture(claimed);
                    }
                    all.release(incarnation);
                    return CompletableFuture.failedFuture(FrontException.invalid(
                            "subscription " + groupId + " is one of topic " + claimed.topicName()));
                }));
    }

    /** Makes the topic of the subscriptions where it is missing. */
    CompletionStage<Void> ensure() {
        return topics.ensure(InternalTopics.SUBSCRIPTIONS);
    }

    /** Completes when every partition's leader has the group. */
    CompletionStage<Void> ensureGroups(DurableSubscription subscription) {
        return groups.create(subscription);
    }

    void release(long incarnation) {
        subscriptions().thenAccept(all -> all.release(incarnation));
    }

    CompletionStage<List<DurableSubscription>> list() {
        return topics.exists(InternalTopics.SUBSCRIPTIONS)
                ? subscriptions().thenCompose(Subscriptions::list)
                : CompletableFuture.completedFuture(List.of());
    }

    /** On the log's owner, whichever thread has found the log. */
    private CompletionStage<Subscriptions> start(InternalLog log) {
        CompletableFuture<Subscriptions> started = new CompletableFuture<>();
        log.owner().run(() -> {
            Subscriptions all = new Subscriptions(log, groups);
            try {
                all.start();
                started.complete(all);
            } catch (IOException | RuntimeException e) {
                started.completeExceptionally(e);
            }
        });
        return started;
    }

    private synchronized void lost() {
        opened = null;
    }

    /** Opened once for each leadership; a failure is tried again by the next who asks. */
    private synchronized CompletableFuture<Subscriptions> subscriptions() {
        if (opened == null || opened.isCompletedExceptionally()) {
            opened = topics.open(InternalTopics.SUBSCRIPTIONS, this::lost)
                    .thenCompose(this::start)
                    .toCompletableFuture();
        }
        return opened;
    }
}
