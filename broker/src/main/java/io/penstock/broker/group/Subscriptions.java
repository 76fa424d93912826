package io.penstock.broker.group;

import io.penstock.broker.partition.InternalLog;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.function.Supplier;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Durable subscriptions, shared and not (JMS-RULES 8 to 10, 14, 15): makes, changes, ends them, and knows which have a consumer.
 * A change is first logged, then done in the ledgers of the topic's partitions; what a crash cut short is finished at
 * the next start (deletions) or by the next request for the subscription (creations, which had not been confirmed).
 *
 * <p>Any thread may call; the state belongs to the owner of the internal log's partition, and changes run one after
 * the other. {@link #start} comes first.
 */
public final class Subscriptions {
    private static final Logger LOG = LoggerFactory.getLogger(Subscriptions.class);
    private static final int SUBSCRIPTIONS_MAX = 100_000;
    private static final int CHANGES_WAITING_MAX = 10_000;
    private static final int ENTRIES_BEFORE_REWRITE = 1_000;

    private final InternalLog log;
    private final SubscriptionGroups groups;
    private final SubscriptionCatalogue catalogue = new SubscriptionCatalogue();
    /** How many consumers each incarnation has. */
    private final Map<Long, Integer> active = new HashMap<>();

    private CompletableFuture<?> lastChange = CompletableFuture.completedFuture(null);
    private int changesWaiting;
    private long entriesInLog;

    public Subscriptions(InternalLog log, SubscriptionGroups groups) {
        this.log = log;
        this.groups = groups;
    }

    /** Owner only: replays the log and finishes deletions. */
    public void start() throws IOException {
        log.owner().requireCurrent();
        log.replay((offset, value) -> {
            catalogue.replay(value);
            entriesInLog++;
        });
        for (DurableSubscription subscription : catalogue.ending()) {
            finishDeletion(subscription);
        }
    }

    /**
     * Finds the subscription, makes it, or, when it means another topic, selector or noLocal than before, deletes it and makes it
     * anew.
     *
     * @return fails with {@link SubscriptionException} IN_USE while it has a consumer, which a shared one minds only
     *     when it is to change; CONFLICT when the identity is that of an unshared or shared one, unlike this
     */
    public CompletionStage<DurableSubscription> subscribe(
            String groupId,
            String clientId,
            String name,
            UUID topicId,
            String topicName,
            int partitions,
            boolean noLocal,
            String selector,
            boolean shared) {
        return change(() -> {
            DurableSubscription present = catalogue.find(groupId);
            if (present != null && present.shared() != shared) {
                return refused(
                        SubscriptionException.Reason.CONFLICT,
                        "there is " + (shared ? "an unshared" : "a shared") + " durable subscription "
                                + shown(clientId, name));
            }
            boolean joins = shared && present != null && present.matches(topicId, noLocal, selector);
            if (present != null && active.containsKey(present.incarnation()) && !joins) {
                return refused(
                        SubscriptionException.Reason.IN_USE,
                        "durable subscription " + shown(clientId, name) + " has an active consumer"
                                + (shared ? " and another topic or selector" : ""));
            }
            if (present != null && present.matches(topicId, noLocal, selector)) {
                return groups.create(present).thenApply(nothing -> present).toCompletableFuture();
            }
            if (present == null && catalogue.all().size() >= SUBSCRIPTIONS_MAX) {
                return refused(
                        SubscriptionException.Reason.LIMIT_EXCEEDED,
                        "the broker has " + SUBSCRIPTIONS_MAX + " durable subscriptions, its limit");
            }
            DurableSubscription fresh = new DurableSubscription(
                    groupId,
                    catalogue.nextIncarnation(),
                    clientId,
                    name,
                    topicId,
                    topicName,
                    noLocal,
                    partitions,
                    false,
                    selector,
                    shared);
            List<ByteBuffer> entries = present == null
                    ? List.of(SubscriptionCodec.put(fresh))
                    : List.of(SubscriptionCodec.put(present.asEnding()), SubscriptionCodec.put(fresh));
            return write(entries)
                    .thenCompose(nothing -> present == null
                            ? CompletableFuture.completedFuture(null)
                            : finishDeletion(present.asEnding()))
                    .thenCompose(nothing -> groups.create(fresh))
                    .thenApply(nothing -> fresh);
        });
    }

    /**
     * Ends a subscription.
     *
     * @return fails with UNKNOWN, and with IN_USE while it has a consumer or a message that is not acknowledged
     */
    public CompletionStage<Void> unsubscribe(String groupId, String shownName) {
        return change(() -> {
            DurableSubscription present = catalogue.find(groupId);
            if (present == null) {
                return refused(SubscriptionException.Reason.UNKNOWN, "there is no durable subscription " + shownName);
            }
            if (active.containsKey(present.incarnation())) {
                return refused(
                        SubscriptionException.Reason.IN_USE,
                        "durable subscription " + shownName + " has an active consumer: close it first");
            }
            return groups.acquired(present)
                    .toCompletableFuture()
                    .thenComposeAsync(
                            acquired -> {
                                if (acquired > 0) {
                                    return refused(
                                            SubscriptionException.Reason.IN_USE,
                                            acquired + " messages of durable subscription " + shownName
                                                    + " are not acknowledged yet");
                                }
                                return write(List.of(SubscriptionCodec.put(present.asEnding())))
                                        .thenCompose(nothing -> finishDeletion(present.asEnding()));
                            },
                            log.owner());
        });
    }

    /**
     * Takes the subscription for a consumer, to be given back by {@link #release}.
     *
     * @return fails with UNKNOWN when there is no such incarnation (any more), IN_USE when it is unshared and has a
     *     consumer
     */
    public CompletionStage<DurableSubscription> claim(String groupId, long incarnation) {
        return change(() -> {
            DurableSubscription present = catalogue.find(groupId);
            if (present == null || present.incarnation() != incarnation) {
                return refused(SubscriptionException.Reason.UNKNOWN, "durable subscription " + groupId + " was ended");
            }
            if (!present.shared() && active.containsKey(incarnation)) {
                return refused(
                        SubscriptionException.Reason.IN_USE,
                        "durable subscription " + shown(present.clientId(), present.name())
                                + " has an active consumer");
            }
            active.merge(incarnation, 1, Integer::sum);
            return CompletableFuture.completedFuture(present);
        });
    }

    public void release(long incarnation) {
        log.owner().run(() -> active.computeIfPresent(incarnation, (key, count) -> count == 1 ? null : count - 1));
    }

    private static String shown(String clientId, String name) {
        return clientId == null ? name : name + " of client id " + clientId;
    }

    /** Every subscription, for description. */
    public CompletionStage<List<DurableSubscription>> list() {
        return CompletableFuture.supplyAsync(() -> List.copyOf(catalogue.all()), log.owner());
    }

    /** Runs {@code step} on the owner after all changes before it. */
    private <T> CompletableFuture<T> change(Supplier<CompletableFuture<T>> step) {
        CompletableFuture<T> result = new CompletableFuture<>();
        log.owner().run(() -> {
            if (changesWaiting >= CHANGES_WAITING_MAX) {
                result.completeExceptionally(new SubscriptionException(
                        SubscriptionException.Reason.LIMIT_EXCEEDED, "too many subscriptions are being changed"));
                return;
            }
            changesWaiting++;
            lastChange = lastChange
                    .handle((value, failure) -> null)
                    .thenComposeAsync(nothing -> step.get(), run -> log.owner().run(run));
            CompletableFuture<?> mine = lastChange;
            mine.whenComplete((value, failure) -> log.owner().run(() -> {
                changesWaiting--;
                complete(result, value, failure);
            }));
        });
        return result;
    }

    @SuppressWarnings("unchecked") // the chain is untyped, each link completes the future of its own type
    private static <T> void complete(CompletableFuture<T> result, Object value, Throwable failure) {
        if (failure != null) {
            result.completeExceptionally(failure);
        } else {
            result.complete((T) value);
        }
    }

    private CompletableFuture<Void> finishDeletion(DurableSubscription subscription) {
        return groups.delete(subscription)
                .toCompletableFuture()
                .thenComposeAsync(
                        nothing -> write(
                                List.of(SubscriptionCodec.remove(subscription.groupId(), subscription.incarnation()))),
                        log.owner())
                .exceptionally(failure -> {
                    // The decision is logged: the subscription is gone for clients, the rest is done at the next start.
                    LOG.warn(
                            "Groups of the ended subscription {} are not all removed", subscription.groupId(), failure);
                    return null;
                });
    }

    private CompletableFuture<Void> write(List<ByteBuffer> entries) {
        CompletableFuture<Void> written = new CompletableFuture<>();
        log.append(entries, true, (offset, failure) -> {
            if (failure != null) {
                written.completeExceptionally(failure);
                return;
            }
            entries.forEach(catalogue::replay);
            entriesInLog += entries.size();
            rewriteWhenLong();
            written.complete(null);
        });
        return written;
    }

    /** Compaction: the whole state once more at the end, then everything before it is given up. */
    private void rewriteWhenLong() {
        List<ByteBuffer> snapshot;
        if (entriesInLog < ENTRIES_BEFORE_REWRITE || entriesInLog < 4L * catalogue.entriesOfSnapshot()) {
            return;
        }
        snapshot = catalogue.snapshot();
        entriesInLog = snapshot.size();
        log.append(snapshot, true, (offset, failure) -> {
            if (failure != null) {
                LOG.warn("The subscriptions' log was not rewritten; it stays long", failure);
                return;
            }
            try {
                log.forgetBelow(offset);
            } catch (IOException e) {
                LOG.warn("The old part of the subscriptions' log was not removed", e);
            }
        });
    }

    private static <T> CompletableFuture<T> refused(SubscriptionException.Reason reason, String message) {
        return CompletableFuture.failedFuture(new SubscriptionException(reason, message));
    }
}
