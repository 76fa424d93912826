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

    /**
     * The offsets of one consumer and partition that have one outcome.
     *
     * @param count what their last hand-out has counted, 0 for those that were never handed out
     */
    public record Entry(ClientConsumer consumer, int partition, Outcome outcome, int count, OffsetRanges ranges) {
        public int consumerId() {
            return consumer.id();
        }
    }

    private final List<Entry> entries = new ArrayList<>(2);
    private Entry last;

    /** @param count what the message's last hand-out has counted; 0 if it was never handed out */
    public void add(ClientConsumer consumer, Delivery delivery, int count, Outcome outcome) {
        add(consumer, delivery.partition(), delivery.offset(), count, outcome);
    }

    /** @param count what the message's last hand-out has counted; 0 if it was never handed out */
    public void add(ClientConsumer consumer, int partition, long offset, int count, Outcome outcome) {
        if (!matches(last, consumer, partition, count, outcome)) {
            last = find(consumer, partition, count, outcome);
        }
        last.ranges.add(offset);
    }

    /** The entries of others too. */
    public void addAll(Settlements others) {
        entries.addAll(others.entries);
        last = null;
    }

    public void dropMarks() {
        entries.removeIf(entry -> entry.outcome == Outcome.MARKED);
        last = null;
    }

    private Entry find(ClientConsumer consumer, int partition, int count, Outcome outcome) {
        for (Entry entry : entries) {
            if (matches(entry, consumer, partition, count, outcome)) {
                return entry;
            }
        }
        Entry entry = new Entry(consumer, partition, outcome, count, new OffsetRanges());
        entries.add(entry);
        return entry;
    }

    private static boolean matches(Entry entry, ClientConsumer consumer, int partition, int count, Outcome outcome) {
        return entry != null
                && entry.consumer == consumer
                && entry.partition == partition
                && entry.count == count
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
