package io.penstock.broker.delivery;

import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Collection;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * The consumers of a group, served in turn. Only those that may have credit are in the queue; who is found without
 * leaves it until it wakes, so a slow consumer costs the others nothing.
 */
final class ConsumerRing {

    private final Map<DeliveryConsumer, Attached> attached = new LinkedHashMap<>(4);
    private final ArrayDeque<Attached> ready = new ArrayDeque<>(4);

    /** A consumer with what the group remembers about it. */
    static final class Attached {
        final DeliveryConsumer consumer;
        SelectorCursor cursor;
        /** Shares of message groups that it owns. */
        int shares;
        /** The last pass that had nothing for it. */
        long idleInPass;

        private boolean queued;
        private boolean gone;
        /** Drain that is not answered yet, 0 for none. */
        int drainId;

        private Attached(DeliveryConsumer consumer, SelectorCursor cursor) {
            this.consumer = consumer;
            this.cursor = cursor;
        }

        private boolean canTake() {
            return consumer.creditMessages() > 0 && consumer.creditBytes() > 0 && consumer.writable();
        }
    }

    int size() {
        return attached.size();
    }

    void add(DeliveryConsumer consumer, SelectorCursor cursor) {
        Attached entry = new Attached(consumer, cursor);
        if (attached.putIfAbsent(consumer, entry) != null) {
            throw new IllegalStateException("consumer " + consumer.consumerId() + " is attached already");
        }
        queue(entry);
    }

    /** Null when it was not attached. */
    Attached remove(DeliveryConsumer consumer) {
        Attached entry = attached.remove(consumer);
        if (entry != null) {
            drop(entry);
        }
        return entry;
    }

    /** Null when it is not attached. */
    Attached find(DeliveryConsumer consumer) {
        return attached.get(consumer);
    }

    List<DeliveryConsumer> consumers() {
        return new ArrayList<>(attached.keySet());
    }

    void wake(DeliveryConsumer consumer) {
        Attached entry = attached.get(consumer);
        if (entry != null) {
            queue(entry);
        }
    }

    /** The next in turn that can take something; it leaves the queue until {@link #queue}. Null when nobody can. */
    Attached next() {
        for (Attached entry = ready.poll(); entry != null; entry = ready.poll()) {
            entry.queued = false;
            if (!entry.gone && entry.canTake()) {
                return entry;
            }
        }
        return null;
    }

    /** Behind those that wait. */
    void queue(Attached entry) {
        if (!entry.queued && !entry.gone) {
            entry.queued = true;
            ready.add(entry);
        }
    }

    /** Before the others: it got nothing in its turn. */
    void queueFirst(Attached entry) {
        if (!entry.queued && !entry.gone) {
            entry.queued = true;
            ready.addFirst(entry);
        }
    }

    /** How many with this cursor can take something now, counted up to {@code limit}. */
    int readyCount(int limit, SelectorCursor cursor) {
        int count = 0;
        for (Attached entry : ready) {
            if (count >= limit) {
                break;
            }
            if (entry.cursor == cursor && entry.canTake()) {
                count++;
            }
        }
        return count;
    }

    /** Of those that could take something now, and select the same as {@code taker} (itself included), who owns least. */
    Attached leastLoaded(Attached taker) {
        Attached least = taker;
        for (Attached entry : ready) {
            if (entry.shares < least.shares
                    && entry.canTake()
                    && SelectorCursors.key(entry.consumer.selector())
                            .equals(SelectorCursors.key(taker.consumer.selector()))) {
                least = entry;
            }
        }
        return least;
    }

    /** In the order of their coming. */
    Collection<Attached> all() {
        return attached.values();
    }

    /** Consumers with a drain to answer. */
    List<Attached> draining() {
        List<Attached> draining = new ArrayList<>();
        for (Attached entry : attached.values()) {
            if (entry.drainId != 0) {
                draining.add(entry);
            }
        }
        return draining;
    }

    private void drop(Attached entry) {
        entry.gone = true;
        if (entry.queued) {
            ready.remove(entry);
        }
    }
}
