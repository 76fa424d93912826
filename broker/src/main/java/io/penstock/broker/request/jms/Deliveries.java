package io.penstock.broker.request.jms;

import io.penstock.broker.delivery.DeliveryContext;
import io.penstock.broker.delivery.Moves;
import io.penstock.broker.delivery.PartitionDelivery;
import io.penstock.broker.delivery.SettledRetention;
import io.penstock.broker.metadata.ClusterImage;
import io.penstock.broker.partition.Partition;
import io.penstock.broker.partition.Partitions;
import io.penstock.protocol.name.TemporaryName;
import io.penstock.storage.time.Owner;
import java.io.IOException;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.Map;
import java.util.UUID;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.BiFunction;
import java.util.function.Consumer;
import java.util.function.Function;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The deliveries of the partitions that JMS clients use on this broker: opened at first use, opened anew after a
 * failure, closed when their topic goes or the broker stops. Any thread may call; a delivery is handed out on its
 * partition's owner.
 */
final class Deliveries {
    private static final Logger LOG = LoggerFactory.getLogger(Deliveries.class);
    private static final int WAITING_MAX = 10_000;

    private final Partitions partitions;
    private final Function<Owner, DeliveryContext> contexts;
    private final BiFunction<UUID, Integer, SettledRetention> retention;
    private final Map<Key, Entry> entries = new ConcurrentHashMap<>();
    private Consumer<PartitionDelivery> onOpened = delivery -> {};
    private volatile boolean closed;
    private volatile Moves moves = Moves.NONE;

    private record Key(UUID topicId, int partition) {}

    /** Of one partition; the fields belong to its owner. */
    private static final class Entry {
        private volatile PartitionDelivery delivery;
        private Deque<Waiting> opening;
        /** It was open before, and failed. */
        private boolean again;
    }

    private record Waiting(Consumer<PartitionDelivery> task, Consumer<Throwable> failed) {}

    /**
     * @param contexts the delivery context of an owner, made once for each
     * @param retention of a topic's partition
     */
    Deliveries(
            Partitions partitions,
            Function<Owner, DeliveryContext> contexts,
            BiFunction<UUID, Integer, SettledRetention> retention) {
        this.partitions = partitions;
        this.contexts = contexts;
        this.retention = retention;
    }

    /** Who is told, on its owner, of each delivery that was opened; before the first is. */
    void onOpened(Consumer<PartitionDelivery> listener) {
        onOpened = listener;
    }

    /**
     * Runs {@code task} on the partition's owner with its delivery, at once when that is open and the caller is the
     * owner.
     *
     * @param failed gets the reason, on any thread
     */
    void with(UUID topicId, int partition, Consumer<PartitionDelivery> task, Consumer<Throwable> failed) {
        partitions.with(topicId, partition, opened -> onOwner(opened, task, failed), failed);
    }

    /** Whether the group is being delivered; on the partition's owner. */
    boolean isOpen(Partition partition, String groupId) {
        Entry entry = entries.get(new Key(partition.topicId(), partition.index()));
        PartitionDelivery open = entry == null ? null : entry.delivery;
        return open != null
                && open.partition() == partition
                && open.failure().isEmpty()
                && open.group(groupId).isPresent();
    }

    CompletionStage<PartitionDelivery> get(UUID topicId, int partition) {
        CompletableFuture<PartitionDelivery> future = new CompletableFuture<>();
        with(topicId, partition, future::complete, future::completeExceptionally);
        return future;
    }

    private void onOwner(Partition partition, Consumer<PartitionDelivery> task, Consumer<Throwable> failed) {
        if (closed) {
            failed.accept(new IOException("the broker is stopping"));
            return;
        }
        Key key = new Key(partition.topicId(), partition.index());
        Entry entry = entries.computeIfAbsent(key, made -> new Entry());
        PartitionDelivery open = entry.delivery;
        if (open != null) {
            if (open.partition() == partition && open.failure().isEmpty()) {
                use(open, task, failed);
                return;
            }
            LOG.warn(
                    "Delivery of {}-{} is opened again after: {}",
                    partition.topicName(),
                    partition.index(),
                    open.failure().map(Throwable::toString).orElse("the partition was reopened"));
            entry.delivery = null;
            entry.again = true;
            open.close();
        }
        if (entry.opening != null) {
            if (entry.opening.size() >= WAITING_MAX) {
                failed.accept(new IOException("too many requests wait for the ledger of " + partition.topicName()));
            } else {
                entry.opening.add(new Waiting(task, failed));
            }
            return;
        }
        entry.opening = new ArrayDeque<>();
        entry.opening.add(new Waiting(task, failed));
        try {
            PartitionDelivery.open(
                            partition,
                            context(partition.owner()),
                            retention.apply(partition.topicId(), partition.index()),
                            entry.again)
                    .whenComplete(
                            (delivery, failure) -> partition.owner().run(() -> opened(key, entry, delivery, failure)));
        } catch (RuntimeException e) {
            opened(key, entry, null, e);
        }
    }

    /** Whom deliveries ask to move records; before the first is opened. */
    void moveBy(Moves mover) {
        moves = mover;
    }

    private DeliveryContext context(Owner owner) {
        DeliveryContext context = contexts.apply(owner);
        context.moveBy(moves);
        return context;
    }

    /** Settings of destinations have changed. */
    void settingsChanged() {
        for (Entry entry : entries.values()) {
            PartitionDelivery delivery = entry.delivery;
            if (delivery != null) {
                delivery.partition().owner().run(() -> delivery.run(delivery::settingsChanged));
            }
        }
    }

    /** One task that fails ends the delivery, and must not keep the next from being told. */
    private static void use(PartitionDelivery delivery, Consumer<PartitionDelivery> task, Consumer<Throwable> failed) {
        try {
            delivery.run(() -> task.accept(delivery));
        } catch (RuntimeException | Error e) {
            failed.accept(e);
        }
    }

    private void opened(Key key, Entry entry, PartitionDelivery delivery, Throwable failure) {
        Deque<Waiting> waiting = entry.opening;
        entry.opening = null;
        entry.delivery = delivery;
        if (failure != null) {
            entries.remove(key, entry);
            waiting.forEach(each -> each.failed().accept(failure));
        } else {
            onOpened.accept(delivery);
            waiting.forEach(each -> use(delivery, each.task(), each.failed()));
        }
    }

    /** Closes what belongs to topics that are gone. On the metadata store's thread. */
    void metadataChanged(ClusterImage image) {
        for (Map.Entry<Key, Entry> each : entries.entrySet()) {
            UUID topicId = each.getKey().topicId();
            if (!TemporaryName.isTemporary(topicId) && image.topic(topicId).isEmpty()) {
                close(each.getKey(), each.getValue());
            }
        }
    }

    /** Closes that of a temporary destination that is over. */
    void temporaryEnded(UUID topicId) {
        Key key = new Key(topicId, 0);
        Entry entry = entries.get(key);
        if (entry != null) {
            close(key, entry);
        }
    }

    /** Writes what is pending everywhere and ends all consumers; done when every owner has done so. */
    CompletionStage<Void> closeAll() {
        closed = true;
        return CompletableFuture.allOf(entries.entrySet().stream()
                .map(each -> close(each.getKey(), each.getValue()))
                .toArray(CompletableFuture[]::new));
    }

    private CompletableFuture<Void> close(Key key, Entry entry) {
        PartitionDelivery delivery = entry.delivery;
        if (delivery == null) {
            return CompletableFuture.completedFuture(null);
        }
        CompletableFuture<Void> done = new CompletableFuture<>();
        delivery.partition().owner().run(() -> {
            if (entry.delivery == delivery) {
                entry.delivery = null;
                entries.remove(key, entry);
                delivery.close();
            }
            done.complete(null);
        });
        return done;
    }
}
