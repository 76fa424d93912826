package io.penstock.broker.request.jms;

import io.penstock.broker.delivery.Delivery;
import io.penstock.broker.delivery.DeliveryConsumer;
import io.penstock.broker.delivery.OffsetRanges;
import io.penstock.broker.delivery.PartitionDelivery;
import io.penstock.broker.delivery.SessionKey;
import io.penstock.broker.delivery.SharePartition;
import io.penstock.broker.request.ClientConnection;
import io.penstock.protocol.message.PenstockError;
import io.penstock.protocol.selector.Selector;
import io.penstock.storage.time.Owner;
import java.util.Optional;
import java.util.function.Consumer;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * A JMS consumer on one partition: encodes what delivery gives it straight into a push. The partition's owner calls
 * it; made by {@link Attachment}, detached by its {@link JmsConsumer}.
 */
final class ConsumerSlot implements DeliveryConsumer {
    private static final Logger LOG = LoggerFactory.getLogger(ConsumerSlot.class);

    private final JmsConsumer consumer;
    private final PartitionDelivery delivery;
    private final SharePartition group;
    private final Deliveries deliveries;
    private boolean attached;

    ConsumerSlot(JmsConsumer consumer, PartitionDelivery delivery, SharePartition group, Deliveries deliveries) {
        this.deliveries = deliveries;
        this.consumer = consumer;
        this.delivery = delivery;
        this.group = group;
    }

    int partition() {
        return delivery.partition().index();
    }

    Owner owner() {
        return delivery.partition().owner();
    }

    /** False once the delivery has failed: what it knew is with the one that is opened next. Owner only. */
    private boolean usable() {
        return delivery.failure().isEmpty();
    }

    /** Runs {@code task} on the owner with the group, found anew when the delivery had to be opened again. */
    void withGroup(Consumer<SharePartition> task, Consumer<Throwable> failed) {
        Owner owner = owner();
        if (owner.isCurrent()) {
            onOwner(task, failed);
        } else {
            owner.execute(() -> onOwner(task, failed));
        }
    }

    private void onOwner(Consumer<SharePartition> task, Consumer<Throwable> failed) {
        if (usable()) {
            try {
                delivery.run(() -> task.accept(group));
            } catch (RuntimeException | Error e) {
                failed.accept(e);
            }
            return;
        }
        deliveries.with(
                delivery.partition().topicId(),
                partition(),
                reopened -> {
                    Optional<SharePartition> found =
                            reopened.group(consumer.source().groupId());
                    if (found.isEmpty()) {
                        failed.accept(new FrontException(
                                PenstockError.ACQUISITION_LOST,
                                "group " + consumer.source().groupId() + " is gone"));
                        return;
                    }
                    reopened.sessionResumed(session());
                    task.accept(found.get());
                },
                failed);
    }

    /** Owner only. */
    void attach() {
        attached = true;
        if (consumer.browsing()) {
            delivery.run(() -> group.browse(this));
        } else {
            delivery.run(() -> group.attach(this));
        }
    }

    /** Owner only. */
    void detach(OffsetRanges neverHandedOut) {
        if (attached) {
            attached = false;
            if (usable() && consumer.browsing()) {
                delivery.run(() -> group.stopBrowsing(this));
            } else if (usable()) {
                delivery.run(() -> group.detach(this, neverHandedOut));
            }
        }
    }

    /** Ends a group that lives with its consumer alone. Any thread. */
    void deleteGroup() {
        owner().run(() -> {
            if (usable()) {
                delivery.deleteGroup(
                        consumer.source().groupId(), consumer.source().incarnation(), failure -> {
                            if (failure != null) {
                                LOG.debug(
                                        "Group {} was not removed",
                                        consumer.source().groupId(),
                                        failure);
                            }
                        });
            }
        });
    }

    /** Owner only. */
    void wake() {
        if (attached && usable()) {
            delivery.run(() -> group.wake(this));
        }
    }

    /** Owner only. */
    void drain(int drainId) {
        if (attached && usable()) {
            delivery.run(() -> group.drain(this, drainId));
        } else {
            drained(drainId);
        }
    }

    @Override
    public SessionKey session() {
        return consumer.session().key();
    }

    @Override
    public int consumerId() {
        return consumer.id();
    }

    @Override
    public Selector selector() {
        return consumer.selector();
    }

    @Override
    public int creditMessages() {
        return consumer.credit().messages();
    }

    @Override
    public int creditBytes() {
        return consumer.credit().bytes();
    }

    @Override
    public boolean writable() {
        ClientConnection socket = consumer.liveSocket();
        return socket != null && socket.writable();
    }

    @Override
    public void deliver(Delivery records) {
        consumer.credit().take(records.messages(), records.sizeBytes());
        ClientConnection socket = consumer.liveSocket();
        if (socket == null) {
            return; // stays acquired by the session; the client settles or gives back what it did not get
        }
        DeliverFrame frame = new DeliverFrame(consumer.id(), partition(), records);
        socket.send(socket.loop().isCurrent() ? frame : frame.copy());
    }

    @Override
    public void drained(int drainId) {
        consumer.slotDrained(drainId);
    }

    @Override
    public void ended(EndReason reason, String message) {
        attached = false;
        consumer.ended(reason, message);
    }
}
