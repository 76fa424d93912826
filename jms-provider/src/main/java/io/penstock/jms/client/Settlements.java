package io.penstock.jms.client;

import java.util.ArrayList;
import java.util.List;

/** What a session says of messages that it was pushed. One thread at a time. */
public final class Settlements {

    /** What becomes of a message. */
    public enum Outcome {
        /** Not an outcome: the application has been handed it, once more for each mark. */
        MARKED,
        ACCEPTED,
        /** Back, as if it had never been pushed. */
        RELEASED,
        /** Back, and its delivery counts. */
        RELEASED_COUNTED
    }

    /** The offsets of one consumer and partition that have one outcome. */
    public record Entry(int consumerId, int partition, Outcome outcome, OffsetRanges ranges) {}

    private final List<Entry> entries = new ArrayList<>();
    private Entry last;

    public void add(int consumerId, Delivery delivery, Outcome outcome) {
        int partition = delivery.partition();
        if (!matches(last, consumerId, partition, outcome)) {
            last = find(consumerId, partition, outcome);
        }
        last.ranges.add(delivery.offset());
    }

    private Entry find(int consumerId, int partition, Outcome outcome) {
        for (Entry entry : entries) {
            if (matches(entry, consumerId, partition, outcome)) {
                return entry;
            }
        }
        Entry entry = new Entry(consumerId, partition, outcome, new OffsetRanges());
        entries.add(entry);
        return entry;
    }

    private static boolean matches(Entry entry, int consumerId, int partition, Outcome outcome) {
        return entry != null
                && entry.consumerId == consumerId
                && entry.partition == partition
                && entry.outcome == outcome;
    }

    public boolean isEmpty() {
        return entries.isEmpty();
    }

    public List<Entry> entries() {
        return entries;
    }

    @Override
    public String toString() {
        return entries.toString();
    }
}
