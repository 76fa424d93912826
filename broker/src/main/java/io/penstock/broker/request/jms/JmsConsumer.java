package io.penstock.broker.request.jms;

import io.penstock.broker.delivery.DeliveryConsumer.EndReason;
import io.penstock.broker.delivery.OffsetRanges;
import io.penstock.broker.delivery.SharePartition;
import io.penstock.broker.request.ClientConnection;
import io.penstock.protocol.message.PenstockError;
import io.penstock.protocol.selector.Selector;
import java.util.List;
import java.util.Map;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.BooleanSupplier;
import java.util.function.Consumer;

/**
 * A consumer of a session: its credit and its slots on the partitions. Belongs to the connection's owner, but for what
 * slots call. After {@link #detach} it stays known to its session, whose marks and settlements still name it.
 */
final class JmsConsumer {

    /** What the consumer takes from, for settlements and for the end. */
    record Source(java.util.UUID topicId, String groupId, long incarnation, boolean groupEndsWithConsumer) {}

    private final JmsSession session;
    private final int id;
    private final Source source;
    private final Selector selector;
    private final boolean browsing;
    private final Runnable onEnd;
    private volatile BooleanSupplier groupIsOver = () -> false;
    private boolean replaced;
    private final SharedCredit credit = new SharedCredit();
    private final AtomicInteger slotsToDrain = new AtomicInteger();
    private final AtomicBoolean ended = new AtomicBoolean();
    private List<ConsumerSlot> slots = List.of();
    /** What other brokers lead; null for nothing. */
    private volatile RemoteSlots remote;

    private boolean oneOwner;
    private int firstToWake;
    private final ClientConnection socket;

    /**
     * @param selector of a queue's consumer, null for everything
     * @param browsing it only looks
     * @param onEnd gives back what the consumer has claimed; runs once
     */
    JmsConsumer(JmsSession session, int id, Source source, Selector selector, boolean browsing, Runnable onEnd) {
        this.session = session;
        this.id = id;
        this.source = source;
        this.selector = selector;
        this.browsing = browsing;
        this.onEnd = onEnd;
        this.socket = session.connection().socket();
    }

    /** The socket that it was attached through. */
    ClientConnection socket() {
        return socket;
    }

    /**
     * Where it pushes: the socket that it was attached through; null when the client has left that. What a client gets by
     * a later socket before it has attached again it would take for what was pushed after that, and Hold gives it to others.
     */
    ClientConnection liveSocket() {
        ClientConnection now = session.connection().socket();
        return now == socket ? now : null;
    }

    JmsSession session() {
        return session;
    }

    int id() {
        return id;
    }

    Source source() {
        return source;
    }

    Selector selector() {
        return selector;
    }

    boolean browsing() {
        return browsing;
    }

    SharedCredit credit() {
        return credit;
    }

    boolean active() {
        return !ended.get();
    }

    /** Null where the consumer has none. */
    ConsumerSlot slot(int partition) {
        for (ConsumerSlot slot : slots) {
            if (slot.partition() == partition) {
                return slot;
            }
        }
        return null;
    }

    List<ConsumerSlot> slots() {
        return slots;
    }

    RemoteSlots remote() {
        return remote;
    }

    /** Before it is started. */
    void remote(RemoteSlots slotsElsewhere) {
        remote = slotsElsewhere;
    }

    /** To the leader of a partition that is not led here; null for one that is. */
    Relay relay(int partition) {
        RemoteSlots elsewhere = remote;
        return elsewhere == null ? null : elsewhere.relay(partition);
    }

    /** True when the consumer has ended and its group too: nothing is left to settle. */
    boolean groupIsGone() {
        return !active() && (source.groupEndsWithConsumer() || groupIsOver.getAsBoolean());
    }

    /** The group is shared with consumers of other sessions, and ends with the last. */
    void groupIsOverWhen(BooleanSupplier over) {
        groupIsOver = over;
    }

    /** True when it has ended for a successor under the same id. */
    boolean wasReplaced() {
        return replaced;
    }

    /**
     * Runs {@code task} on the partition's owner with the consumer's group there, also after the consumer was detached.
     *
     * @param failed gets the reason, on any thread
     */
    void withGroup(int partition, Consumer<SharePartition> task, Consumer<Throwable> failed) {
        ConsumerSlot slot = slot(partition);
        if (slot == null) {
            failed.accept(FrontException.invalid("consumer " + id + " takes nothing from partition " + partition));
            return;
        }
        slot.withGroup(task, failed);
    }

    /** Attaches to the partitions; pushes may begin before this returns. */
    void start(List<ConsumerSlot> attached) {
        slots = attached;
        oneOwner = attached.stream()
                .allMatch(slot -> slot.owner() == session.connection().owner());
        for (ConsumerSlot slot : attached) {
            slot.owner().run(slot::attach);
        }
        if (remote != null) {
            remote.start();
        }
    }

    /** The client comes back under the same id: what ends with the consumer lives on with its successor. */
    void replaced() {
        if (ended.compareAndSet(false, true)) {
            for (ConsumerSlot slot : slots) {
                slot.owner().run(() -> slot.detach(new OffsetRanges()));
            }
            if (remote != null) {
                remote.replaced();
            }
            if (!source.groupEndsWithConsumer()) {
                replaced = true;
                onEnd.run();
            }
        }
    }

    /** Ends an attach that failed: gives back what it had got so far. */
    void abandon(List<ConsumerSlot> found) {
        slots = found;
        detach(Map.of());
    }

    /** The client can take more. */
    void credit(int messages, int bytes, int drainId) {
        credit.add(messages, bytes);
        if (remote != null && drainId == 0) {
            remote.credit();
        }
        if (drainId != 0) {
            drain(drainId);
        } else {
            wake();
        }
    }

    /** Lets partitions push, another one first each time. */
    void wake() {
        int count = slots.size();
        if (count == 1) {
            wake(slots.get(0));
            return;
        }
        for (int i = 0; i < count && credit.messages() > 0; i++) {
            wake(slots.get((firstToWake + i) % count));
        }
        firstToWake = count == 0 ? 0 : (firstToWake + 1) % count;
    }

    private static void wake(ConsumerSlot slot) {
        if (slot.owner().isCurrent()) {
            slot.wake();
        } else {
            slot.owner().execute(slot::wake);
        }
    }

    private void drain(int drainId) {
        slotsToDrain.set(slots.size() + (remote == null ? 0 : remote.count()));
        if (slotsToDrain.get() == 0) {
            sendDrained(drainId);
        }
        if (remote != null) {
            remote.drain(drainId);
        }
        for (ConsumerSlot slot : slots) {
            slot.owner().run(() -> slot.drain(drainId));
        }
    }

    /** A partition has pushed what it had; called by its owner. */
    void slotDrained(int drainId) {
        if (slotsToDrain.decrementAndGet() == 0) {
            sendDrained(drainId);
        }
    }

    private void sendDrained(int drainId) {
        ClientConnection to = liveSocket();
        if (to == null) {
            return;
        }
        if (oneOwner && to.loop().isCurrent()) {
            to.send(Pushes.drained(id, drainId));
        } else {
            // Behind the deliveries that other owners have handed to the loop.
            to.loop().execute(() -> to.send(Pushes.drained(id, drainId)));
        }
    }

    /** The group or the partition is gone; called by a partition's owner. */
    void ended(EndReason reason, String message) {
        session.connection().owner().run(() -> {
            if (!active()) {
                return;
            }
            PenstockError error =
                    switch (reason) {
                        case GROUP_DELETED -> PenstockError.UNKNOWN_DESTINATION;
                        case FAILED -> PenstockError.STORAGE_FAILED;
                        case CLOSED -> PenstockError.NOT_LEADER;
                    };
            detach(Map.of());
            ClientConnection to = liveSocket();
            if (to != null) {
                to.send(Pushes.consumerError(id, error, message));
            }
        });
    }

    /**
     * Takes the consumer off its partitions. What it has acquired stays with the session but for {@code neverHandedOut},
     * by partition.
     */
    void detach(Map<Integer, OffsetRanges> neverHandedOut) {
        if (!ended.compareAndSet(false, true)) {
            return;
        }
        for (ConsumerSlot slot : slots) {
            OffsetRanges release = neverHandedOut.get(slot.partition());
            OffsetRanges released = release == null ? new OffsetRanges() : release;
            slot.owner().run(() -> slot.detach(released));
        }
        if (remote != null) {
            remote.detach(neverHandedOut);
        }
        onEnd.run();
    }
}
