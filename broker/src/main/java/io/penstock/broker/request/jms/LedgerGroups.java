package io.penstock.broker.request.jms;

import io.penstock.broker.delivery.GroupSpec;
import io.penstock.broker.delivery.PartitionDelivery;
import io.penstock.broker.delivery.SharePartition;
import io.penstock.broker.group.DurableSubscription;
import io.penstock.broker.group.SubscriptionGroups;
import io.penstock.broker.metadata.MetadataStore;
import io.penstock.broker.metadata.TopicImage;
import io.penstock.broker.partition.PartitionUnavailableException;
import io.penstock.broker.replication.PeerChannel;
import io.penstock.broker.replication.PeerException;
import io.penstock.broker.request.PeerHandler;
import io.penstock.broker.request.PeerRight;
import io.penstock.protocol.message.MalformedMessageException;
import io.penstock.protocol.message.PenstockApi;
import io.penstock.protocol.message.PenstockError;
import io.penstock.protocol.message.SubscriptionGroupRequest;
import io.penstock.protocol.message.SubscriptionGroupRequest.Action;
import io.penstock.protocol.message.SubscriptionGroupResponse;
import io.penstock.storage.time.Clock;
import io.penstock.storage.time.Owner;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;

/**
 * Groups of durable subscriptions in the ledgers of their topic's partitions, of which other brokers lead some. Any thread
 * may call.
 */
final class LedgerGroups implements SubscriptionGroups {
    private static final long ANSWER_NANOS = TimeUnit.SECONDS.toNanos(10);
    private static final long PATIENCE_NANOS = TimeUnit.SECONDS.toNanos(15);
    private static final long PAUSE_NANOS = TimeUnit.MILLISECONDS.toNanos(100);

    private final MetadataStore metadata;
    private final Deliveries deliveries;
    private final CommitRoutes routes;
    private final PeerChannel peers;
    private final Owner owner;
    private final Clock clock;

    /** @param owner on which answers of other brokers are taken */
    LedgerGroups(
            MetadataStore metadata,
            Deliveries deliveries,
            CommitRoutes routes,
            PeerChannel peers,
            Owner owner,
            Clock clock) {
        this.metadata = metadata;
        this.deliveries = deliveries;
        this.routes = routes;
        this.peers = peers;
        this.owner = owner;
        this.clock = clock;
    }

    @Override
    public CompletionStage<Void> create(DurableSubscription subscription) {
        return onEach(subscription, Action.CREATE).thenApply(nothing -> null);
    }

    @Override
    public CompletionStage<Void> delete(DurableSubscription subscription) {
        return onEach(subscription, Action.DELETE).thenApply(nothing -> null);
    }

    @Override
    public CompletionStage<Long> acquired(DurableSubscription subscription) {
        return onEach(subscription, Action.COUNT_HELD);
    }

    private CompletionStage<Long> onEach(DurableSubscription subscription, Action action) {
        Optional<TopicImage> topic = metadata.image().topic(subscription.topicId());
        if (topic.isEmpty()) {
            return CompletableFuture.completedFuture(0L); // the ledgers went with the topic
        }
        AtomicLong held = new AtomicLong();
        long deadline = clock.nanos() + PATIENCE_NANOS;
        return CompletableFuture.allOf(topic.get().partitions().stream()
                        .map(partition -> new SubscriptionGroupRequest(
                                action,
                                subscription.topicId(),
                                partition.index(),
                                subscription.groupId(),
                                subscription.incarnation(),
                                subscription.partitions(),
                                subscription.noLocal() ? subscription.clientId() : null,
                                subscription.selector()))
                        .map(request -> {
                            CompletableFuture<Long> done = new CompletableFuture<>();
                            route(request, deadline, done);
                            return done.thenAccept(held::addAndGet);
                        })
                        .toArray(CompletableFuture[]::new))
                .thenApply(nothing -> held.get());
    }

    /** To the partition's leader, whoever that is when it is one. */
    private void route(SubscriptionGroupRequest request, long deadline, CompletableFuture<Long> done) {
        int leader = routes.leader(request.topicId(), request.partition());
        CompletableFuture<Long> answer = new CompletableFuture<>();
        if (leader == routes.self() || !routes.isKnown(request.topicId(), request.partition())) {
            apply(request, answer);
        } else if (leader == CommitRoutes.NOBODY) {
            answer.completeExceptionally(new PartitionUnavailableException(
                    PartitionUnavailableException.Reason.NOT_LEADER, "the partition has no leader now"));
        } else {
            ask(leader, request, answer);
        }
        answer.whenComplete((held, failure) -> {
            if (failure == null) {
                done.complete(held);
            } else if (!routes.alone() && isPassing(FrontErrors.error(failure)) && clock.nanos() - deadline < 0) {
                owner.schedule(() -> route(request, deadline, done), PAUSE_NANOS);
            } else {
                done.completeExceptionally(failure);
            }
        });
    }

    private static boolean isPassing(PenstockError error) {
        return error == PenstockError.NOT_LEADER || error == PenstockError.TIMED_OUT;
    }

    private void ask(int leader, SubscriptionGroupRequest request, CompletableFuture<Long> answer) {
        peers.send(
                leader, PenstockApi.SUBSCRIPTION_GROUP, request, owner, ANSWER_NANOS, new PeerChannel.PeerCallback() {
                    @Override
                    public void replied(PeerChannel.PeerReply reply) {
                        try {
                            answer.complete(SubscriptionGroupResponse.read(reply.body(), (short) 0)
                                    .held());
                        } catch (MalformedMessageException e) {
                            answer.completeExceptionally(e);
                        }
                    }

                    @Override
                    public void failed(PeerException failure) {
                        answer.completeExceptionally(failure);
                    }
                });
    }

    /** Of a partition that this broker leads. */
    void apply(SubscriptionGroupRequest request, CompletableFuture<Long> done) {
        deliveries.with(
                request.topicId(),
                request.partition(),
                delivery -> {
                    try {
                        switch (request.action()) {
                            case CREATE -> create(delivery, request, done);
                            case DELETE ->
                                delivery.deleteGroup(
                                        request.groupId(),
                                        request.incarnation(),
                                        failure -> complete(done, 0, failure));
                            case COUNT_HELD -> countHeld(delivery, request, done);
                        }
                    } catch (RuntimeException e) {
                        done.completeExceptionally(e);
                    }
                },
                failure -> {
                    boolean gone = FrontErrors.unwrap(failure) instanceof PartitionUnavailableException unavailable
                            && unavailable.reason() == PartitionUnavailableException.Reason.UNKNOWN;
                    if (gone) {
                        done.complete(0L);
                    } else {
                        done.completeExceptionally(failure);
                    }
                });
    }

    private static void create(
            PartitionDelivery delivery, SubscriptionGroupRequest request, CompletableFuture<Long> done) {
        boolean later = request.partition() >= request.partitions();
        delivery.createGroup(
                new GroupSpec(
                        request.groupId(),
                        request.incarnation(),
                        GroupSpec.Kind.DURABLE,
                        later ? 0 : delivery.partition().highWatermark(),
                        request.excludedSender(),
                        request.selector()),
                failure -> complete(done, 0, failure));
    }

    private static void countHeld(
            PartitionDelivery delivery, SubscriptionGroupRequest request, CompletableFuture<Long> done) {
        Optional<SharePartition> group = delivery.group(request.groupId());
        if (group.isEmpty()) {
            done.complete(0L);
            return;
        }
        // What is being settled is not held any more when it is durable.
        delivery.awaitAll(failure -> complete(
                done,
                group.get().anythingHeld()
                        ? Math.max(1, group.get().statistics().acquired())
                        : 0,
                failure));
    }

    private static void complete(CompletableFuture<Long> done, long held, IOException failure) {
        if (failure == null) {
            done.complete(held);
        } else {
            done.completeExceptionally(failure);
        }
    }

    /** SubscriptionGroup. Rule: act as a broker. */
    static final class Handler extends PeerHandler {
        private final LedgerGroups groups;

        Handler(PeerRight right, LedgerGroups groups) {
            super(PenstockApi.SUBSCRIPTION_GROUP, right);
            this.groups = groups;
        }

        @Override
        protected void serve(Call call, ByteBuffer body) {
            CompletableFuture<Long> done = new CompletableFuture<>();
            done.whenComplete((held, failure) -> {
                if (failure == null) {
                    call.reply(new MessageFrame(new SubscriptionGroupResponse(held)));
                } else {
                    call.fail(FrontErrors.error(failure), FrontErrors.message(failure));
                }
            });
            groups.apply(SubscriptionGroupRequest.read(body, call.version()), done);
        }
    }
}
