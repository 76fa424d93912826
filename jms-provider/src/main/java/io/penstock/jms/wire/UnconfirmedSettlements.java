package io.penstock.jms.wire;

import io.penstock.jms.client.ClientConsumer;
import io.penstock.jms.client.Settlements;
import io.penstock.jms.client.Settlements.Outcome;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;
import java.util.concurrent.CompletableFuture;

/**
 * Settlements that were sent and are not known to be durable, in the order of their sequence; presented again after an
 * interruption. Acknowledgements are not waited for (AUTO), so now and then one asks for a reply, which speaks for all
 * before it on the same groups and partitions, since these keep the order. What AUTO makes, one message under each
 * sequence, is kept as runs. Any thread.
 */
final class UnconfirmedSettlements {
    /** A reply for each of so many: it costs both sides a wake-up. */
    static final int ASK_EVERY = 256;
    /** Beyond it each asks: those of partitions that a reply does not speak for wait for one of their own. */
    private static final int SENT_MANY = 8 * ASK_EVERY;

    /** @param awaited null when nobody waits for it */
    record Sent(long sequence, Settlements settlements, CompletableFuture<Void> awaited) {}

    /** One settlement, or a run: sequences one after the other, each accepting one offset, these too. */
    private static final class Stretch {
        final Sent single;
        final ClientConsumer consumer;
        final int partition;
        final int count;
        long sequence;
        long offset;
        int length = 1;

        Stretch(Sent single) {
            this(single, single.sequence, null, 0, 0, 0);
        }

        Stretch(Sent single, long sequence, ClientConsumer consumer, int partition, int count, long offset) {
            this.single = single;
            this.sequence = sequence;
            this.consumer = consumer;
            this.partition = partition;
            this.count = count;
            this.offset = offset;
        }

        long lastSequence() {
            return sequence + length - 1;
        }

        boolean continues(long next, Settlements.Entry entry) {
            return single == null
                    && sequence + length == next
                    && offset + length == entry.ranges().first(0)
                    && consumer == entry.consumer()
                    && partition == entry.partition()
                    && count == entry.count();
        }

        /** The first {@code size} of it. */
        Settlements settlements(int size) {
            if (single != null) {
                return single.settlements;
            }
            Settlements accepted = new Settlements();
            for (int i = 0; i < size; i++) {
                accepted.add(consumer, partition, offset + i, count, Outcome.ACCEPTED);
            }
            return accepted;
        }

        void addTo(List<Sent> all) {
            if (single != null) {
                all.add(single);
                return;
            }
            for (int i = 0; i < length; i++) {
                Settlements accepted = new Settlements();
                accepted.add(consumer, partition, offset + i, count, Outcome.ACCEPTED);
                all.add(new Sent(sequence + i, accepted, null));
            }
        }

        Stretch from(int index) {
            Stretch rest = new Stretch(null, sequence + index, consumer, partition, count, offset + index);
            rest.length = length - index;
            return rest;
        }
    }

    private Deque<Stretch> sent = new ArrayDeque<>();
    private int size;
    private int sinceAsked;

    /**
     * Returns true when a reply is to be asked for. Marks alone are not kept: who marks still has the messages.
     *
     * @param awaited null when nobody waits for it
     */
    synchronized boolean add(long sequence, Settlements settlements, CompletableFuture<Void> awaited) {
        if (awaited == null && settlesNothing(settlements)) {
            return false;
        }
        keep(sequence, settlements, awaited);
        size++;
        if (awaited == null && ++sinceAsked < ASK_EVERY && size < SENT_MANY) {
            return false;
        }
        sinceAsked = 0;
        return true;
    }

    private void keep(long sequence, Settlements settlements, CompletableFuture<Void> awaited) {
        if (awaited != null || !acceptsOne(settlements)) {
            sent.add(new Stretch(new Sent(sequence, settlements, awaited)));
            return;
        }
        Settlements.Entry entry = settlements.entries().get(0);
        Stretch last = sent.peekLast();
        if (last != null && last.continues(sequence, entry)) {
            last.length++;
        } else {
            sent.add(new Stretch(
                    null,
                    sequence,
                    entry.consumer(),
                    entry.partition(),
                    entry.count(),
                    entry.ranges().first(0)));
        }
    }

    private static boolean acceptsOne(Settlements settlements) {
        if (settlements.entries().size() != 1) {
            return false;
        }
        Settlements.Entry entry = settlements.entries().get(0);
        return entry.outcome() == Outcome.ACCEPTED
                && entry.ranges().size() == 1
                && entry.ranges().first(0) == entry.ranges().last(0);
    }

    private static boolean settlesNothing(Settlements settlements) {
        for (Settlements.Entry entry : settlements.entries()) {
            if (entry.outcome() != Outcome.MARKED) {
                return false;
            }
        }
        return true;
    }

    /** A settlement has been confirmed; returns it with those that it speaks for. */
    synchronized List<Settlements> confirmed(long sequence, Settlements settlements) {
        List<Settlements> durable = new ArrayList<>();
        Deque<Stretch> rest = new ArrayDeque<>();
        for (Stretch stretch : sent) {
            int part = (int) Math.min(stretch.length, sequence - stretch.sequence + 1);
            if (part > 0 && isSpokenFor(stretch, sequence, settlements)) {
                durable.add(stretch.settlements(part));
                size -= part;
                if (part < stretch.length) {
                    rest.add(stretch.from(part));
                }
            } else {
                rest.add(stretch);
            }
        }
        sent = rest;
        return durable;
    }

    private static boolean isSpokenFor(Stretch earlier, long sequence, Settlements confirmed) {
        if (earlier.single == null) {
            return speaksFor(confirmed, earlier.consumer, earlier.partition);
        }
        if (earlier.sequence == sequence) {
            return true;
        }
        if (earlier.single.awaited != null) {
            return false;
        }
        for (Settlements.Entry entry : earlier.single.settlements.entries()) {
            if (!speaksFor(confirmed, entry.consumer(), entry.partition())) {
                return false;
            }
        }
        return true;
    }

    private static boolean speaksFor(Settlements confirmed, ClientConsumer consumer, int partition) {
        for (Settlements.Entry entry : confirmed.entries()) {
            if (entry.outcome() == Outcome.ACCEPTED && entry.consumer() == consumer && entry.partition() == partition) {
                return true;
            }
        }
        return false;
    }

    synchronized void forget(long sequence) {
        Deque<Stretch> rest = new ArrayDeque<>();
        for (Stretch stretch : sent) {
            if (sequence < stretch.sequence || sequence > stretch.lastSequence()) {
                rest.add(stretch);
                continue;
            }
            size--;
            int index = (int) (sequence - stretch.sequence);
            Stretch after = stretch.from(index + 1);
            stretch.length = index;
            if (index > 0) {
                rest.add(stretch);
            }
            if (after.length > 0) {
                rest.add(after);
            }
        }
        sent = rest;
    }

    /** All, in order. */
    synchronized List<Sent> all() {
        List<Sent> all = new ArrayList<>(size);
        sent.forEach(stretch -> stretch.addTo(all));
        return all;
    }

    /** All, and forgets them. */
    synchronized List<Sent> takeAll() {
        List<Sent> all = all();
        sent.clear();
        size = 0;
        return all;
    }
}
