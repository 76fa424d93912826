package io.penstock.broker.group;

import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * The durable subscriptions that exist: what replaying their log gives. Changes are entries that are written first and
 * applied when they are durable. A subscription that is being replaced exists beside its successor, under its own
 * incarnation, until every partition has forgotten it. One thread.
 */
final class SubscriptionCatalogue implements SubscriptionCodec.Entries {

    private final Map<String, DurableSubscription> live = new HashMap<>();
    private final Map<Long, DurableSubscription> ending = new LinkedHashMap<>();
    private long highestIncarnation;

    /** Null when there is none. */
    DurableSubscription find(String groupId) {
        return live.get(groupId);
    }

    Collection<DurableSubscription> all() {
        return live.values();
    }

    /** Deleted by decision, not yet on every partition. */
    List<DurableSubscription> ending() {
        return new ArrayList<>(ending.values());
    }

    long nextIncarnation() {
        return ++highestIncarnation;
    }

    int entriesOfSnapshot() {
        return live.size() + ending.size() + 1;
    }

    void replay(ByteBuffer entry) {
        SubscriptionCodec.decode(entry, this);
    }

    /** Everything that a new log needs, oldest incarnation first. */
    List<ByteBuffer> snapshot() {
        List<ByteBuffer> entries = new ArrayList<>(entriesOfSnapshot());
        entries.add(SubscriptionCodec.counter(highestIncarnation));
        ending.values().forEach(subscription -> entries.add(SubscriptionCodec.put(subscription)));
        live.values().forEach(subscription -> entries.add(SubscriptionCodec.put(subscription)));
        return entries;
    }

    @Override
    public void put(DurableSubscription subscription) {
        counter(subscription.incarnation());
        if (subscription.ending()) {
            ending.put(subscription.incarnation(), subscription);
            DurableSubscription present = live.get(subscription.groupId());
            if (present != null && present.incarnation() == subscription.incarnation()) {
                live.remove(subscription.groupId());
            }
        } else {
            live.put(subscription.groupId(), subscription);
        }
    }

    @Override
    public void remove(String groupId, long incarnation) {
        counter(incarnation);
        ending.remove(incarnation);
        DurableSubscription present = live.get(groupId);
        if (present != null && present.incarnation() == incarnation) {
            live.remove(groupId);
        }
    }

    @Override
    public void counter(long incarnation) {
        highestIncarnation = Math.max(highestIncarnation, incarnation);
    }
}
