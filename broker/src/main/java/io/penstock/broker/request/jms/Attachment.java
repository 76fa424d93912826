package io.penstock.broker.request.jms;

import io.penstock.broker.delivery.GroupSpec;
import io.penstock.broker.delivery.PartitionDelivery;
import io.penstock.broker.delivery.SharePartition;
import io.penstock.broker.group.DurableSubscription;
import io.penstock.broker.metadata.TopicImage;
import io.penstock.protocol.message.AttachRequest;
import io.penstock.protocol.message.AttachResponse;
import io.penstock.protocol.message.AttachSource;
import io.penstock.protocol.message.PenstockApi;
import io.penstock.protocol.message.PenstockError;
import io.penstock.protocol.name.GroupId;
import io.penstock.protocol.name.TemporaryName;
import io.penstock.protocol.selector.Selector;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicReference;
import java.util.function.Consumer;

/**
 * One Attach on its way: claims the subscription, finds or makes the group on every partition, answers when all have
 * it durably, then attaches. Begins and ends on the connection's owner; each partition is touched on its own.
 */
final class Attachment {
    private final JmsCall call;
    private final JmsSession session;
    private final AttachRequest request;
    private final Selector selector;
    private final TopicImage topic;
    private final List<Integer> partitions;
    /** By their leaders. */
    private final Map<Integer, List<Integer>> elsewhere;

    private final Consumer<Throwable> failing;
    private final Deliveries deliveries;
    private final SubscriptionService subscriptions;
    private final ConsumerSlot[] slots;
    private final AtomicInteger left;
    private final AtomicReference<Throwable> failure = new AtomicReference<>();
    private JmsConsumer consumer;
    private boolean claimed;
    /** In a shared subscription that is not durable, else null. */
    private SharedConsumers.Place place;

    Attachment(
            JmsCall call,
            JmsSession session,
            AttachRequest request,
            Selector selector,
            TopicImage topic,
            List<Integer> partitions,
            Map<Integer, List<Integer>> elsewhere,
            Deliveries deliveries,
            SubscriptionService subscriptions,
            Consumer<Throwable> failing) {
        this.call = call;
        this.session = session;
        this.request = request;
        this.selector = selector;
        this.topic = topic;
        this.partitions = partitions;
        this.elsewhere = elsewhere;
        this.failing = failing;
        this.deliveries = deliveries;
        this.subscriptions = subscriptions;
        this.slots = new ConsumerSlot[partitions.size()];
        this.left = new AtomicInteger(slots.length + elsewhere.size());
    }

    void start() throws FrontException {
        // A subscription's selector is its group's; a queue's consumers have one each.
        String selects = selector == null ? null : selector.text();
        if (request.source() == AttachSource.SHARED) {
            place = subscriptions
                    .shared()
                    .join(session.connection().clientId(), request.groupId(), topic.id(), selects);
        }
        boolean ofQueue = request.source() == AttachSource.QUEUE;
        consumer = new JmsConsumer(
                session, request.consumerId(), source(), ofQueue ? selector : null, request.browse(), this::ended);
        if (place != null) {
            consumer.groupIsOverWhen(() -> subscriptions.shared().isOver(place));
        }
        try {
            session.add(consumer);
        } catch (FrontException full) {
            consumer.detach(Map.of());
            throw full;
        }
        boolean relayed = session.connection().isRelayed();
        boolean claimsHere = relayed
                ? request.partitions().contains(AttachHandler.CLAIM)
                : elsewhere.values().stream().noneMatch(theirs -> theirs.contains(AttachHandler.CLAIM));
        if (request.source() == AttachSource.SUBSCRIPTION && claimsHere) {
            subscriptions
                    .claim(request.groupId(), request.incarnation(), topic.id())
                    .thenCompose(subscription -> relayed
                            ? subscriptions.ensureGroups(subscription).thenApply(done -> subscription)
                            : CompletableFuture.completedFuture(subscription))
                    .whenComplete((subscription, failed) -> onConnection(() -> claimed(subscription, failed)));
        } else if (request.source() == AttachSource.SUBSCRIPTION) {
            // The broker that leads the subscriptions has made, or makes, the group on every partition.
            String excluded = request.noLocal() ? session.connection().clientId() : null;
            findGroups(
                    offset -> new GroupSpec(
                            request.groupId(),
                            request.incarnation(),
                            GroupSpec.Kind.DURABLE,
                            offset,
                            excluded,
                            selects),
                    request.selector(),
                    request.noLocal());
        } else if (request.source() == AttachSource.QUEUE) {
            // Nothing of a temporary queue outlives the broker: nothing is logged of it.
            GroupSpec.Kind kind =
                    TemporaryName.isTemporary(topic.id()) ? GroupSpec.Kind.NON_DURABLE : GroupSpec.Kind.QUEUE;
            findGroups(offset -> new GroupSpec(topic.name(), 0, kind, offset, null, null), request.selector(), false);
        } else {
            String excluded = request.noLocal() ? session.connection().sender() : null;
            findGroups(
                    offset -> new GroupSpec(
                            consumer.source().groupId(),
                            consumer.source().incarnation(),
                            GroupSpec.Kind.NON_DURABLE,
                            offset,
                            excluded,
                            selects),
                    request.selector(),
                    request.noLocal());
        }
    }

    private void claimed(DurableSubscription subscription, Throwable failed) {
        if (failed != null) {
            session.remove(consumer);
            call.fail(failed);
            return;
        }
        if (!consumer.active()) {
            subscriptions.release(request.incarnation());
            call.fail(PenstockError.UNKNOWN_SESSION, "the session was closed meanwhile");
            return;
        }
        claimed = true;
        findGroups(
                offset -> new GroupSpec(
                        subscription.groupId(),
                        subscription.incarnation(),
                        GroupSpec.Kind.DURABLE,
                        offset,
                        subscription.noLocal() ? subscription.clientId() : null,
                        subscription.selector()),
                subscription.selector(),
                subscription.noLocal());
    }

    private JmsConsumer.Source source() {
        return switch (request.source()) {
            case QUEUE -> new JmsConsumer.Source(topic.id(), topic.name(), 0, false);
            case SUBSCRIPTION -> new JmsConsumer.Source(topic.id(), request.groupId(), request.incarnation(), false);
            case SHARED -> new JmsConsumer.Source(topic.id(), place.groupId(), place.incarnation(), false);
            case NON_DURABLE ->
                new JmsConsumer.Source(
                        topic.id(),
                        GroupId.ofConsumer(Long.toString(session.connection().number()), request.consumerId()),
                        0,
                        true);
        };
    }

    /** A group's start offset on a partition. */
    private interface SpecAt {
        GroupSpec at(long startOffset);
    }

    /** @param selects and {@code noLocal}: what the other brokers must know of the group */
    private void findGroups(SpecAt spec, String selects, boolean noLocal) {
        RemoteSlots remote = new RemoteSlots(consumer);
        if (!elsewhere.isEmpty()) {
            consumer.remote(remote);
        }
        elsewhere.forEach((broker, theirs) -> attachElsewhere(remote, broker, theirs, selects, noLocal));
        for (int i = 0; i < slots.length; i++) {
            int index = i;
            deliveries.with(
                    topic.id(), partitions.get(i), delivery -> findGroup(index, delivery, spec), this::partitionFailed);
        }
    }

    private void attachElsewhere(
            RemoteSlots remote, int broker, List<Integer> theirs, String selects, boolean noLocal) {
        Relay relay = session.connection().relays().to(broker);
        remote.add(relay, theirs);
        AttachRequest there = new AttachRequest(
                request.sessionId(),
                request.consumerId(),
                request.topicId(),
                theirs,
                request.source(),
                request.groupId(),
                request.incarnation(),
                selects,
                noLocal,
                request.browse(),
                0,
                0);
        relay.ask(
                PenstockApi.ATTACH,
                there,
                body -> {
                    AttachResponse.read(body, (short) 0);
                    one();
                },
                this::partitionFailed);
    }

    private void one() {
        if (left.decrementAndGet() == 0) {
            onConnection(this::finish);
        }
    }

    private void findGroup(int index, PartitionDelivery delivery, SpecAt spec) {
        SharePartition present = delivery.group(consumer.source().groupId()).orElse(null);
        if (present != null && present.spec().incarnation() == consumer.source().incarnation()) {
            found(index, delivery, present);
            return;
        }
        // A queue starts with what has been sent before anybody listened, a non-durable subscription now; a durable
        // one was made by Subscribe, except on partitions that the topic got later, of which it gets everything.
        long startOffset =
                switch (request.source()) {
                    case QUEUE -> delivery.partition().log().startOffset();
                    case SUBSCRIPTION -> 0;
                    case NON_DURABLE, SHARED -> delivery.partition().highWatermark();
                };
        SharePartition[] made = new SharePartition[1];
        Throwable[] early = new Throwable[1];
        boolean[] calledEarly = new boolean[1];
        try {
            made[0] = delivery.createGroup(spec.at(startOffset), failed -> {
                if (made[0] == null) {
                    calledEarly[0] = true;
                    early[0] = failed;
                } else if (failed != null) {
                    partitionFailed(failed);
                } else {
                    found(index, delivery, made[0]);
                }
            });
        } catch (IllegalStateException newerIncarnation) {
            partitionFailed(newerIncarnation);
            return;
        }
        if (calledEarly[0]) {
            if (early[0] != null) {
                partitionFailed(early[0]);
            } else {
                found(index, delivery, made[0]);
            }
        }
    }

    private void found(int index, PartitionDelivery delivery, SharePartition group) {
        slots[index] = new ConsumerSlot(consumer, delivery, group, deliveries);
        one();
    }

    private void partitionFailed(Throwable failed) {
        failure.compareAndSet(null, failed);
        one();
    }

    private void finish() {
        Throwable failed = failure.get();
        if (failed == null && !consumer.active()) {
            failed = new FrontException(PenstockError.UNKNOWN_SESSION, "the session was closed meanwhile");
        }
        List<ConsumerSlot> found =
                Arrays.stream(slots).filter(slot -> slot != null).toList();
        if (failed != null) {
            consumer.abandon(found);
            session.remove(consumer);
            if (consumer.source().groupEndsWithConsumer()) {
                found.forEach(ConsumerSlot::deleteGroup);
            }
            failing.accept(failed);
            return;
        }
        for (ConsumerSlot slot : found) {
            session.uses(topic.id(), slot.partition());
        }
        List<Integer> served = new ArrayList<>(partitions);
        elsewhere.values().forEach(served::addAll);
        served.remove((Integer) AttachHandler.CLAIM);
        call.reply(new MessageFrame(new AttachResponse(served)));
        consumer.credit().add(request.creditMessages(), request.creditBytes());
        consumer.start(found);
    }

    /** The consumer has ended: gives back the subscription, or ends the group with it. */
    private void ended() {
        if (claimed) {
            subscriptions.release(request.incarnation());
        } else if (place != null && consumer.wasReplaced()) {
            subscriptions.shared().leaveForReturn(place);
        } else if (request.source() == AttachSource.NON_DURABLE
                || (place != null && subscriptions.shared().leave(place))) {
            for (ConsumerSlot slot : consumer.slots()) {
                slot.deleteGroup();
            }
        }
    }

    private void onConnection(Runnable task) {
        session.connection().owner().run(task);
    }
}
