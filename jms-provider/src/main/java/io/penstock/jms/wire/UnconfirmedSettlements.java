package io.penstock.jms.wire;

import io.penstock.jms.client.Settlements;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Iterator;
import java.util.List;
import java.util.concurrent.CompletableFuture;

/**
 * Settlements that were sent and are not known to be durable, in the order of their sequence; presented again after an
 * interruption. Acknowledgements are not waited for (AUTO), so now and then one asks for a reply, which speaks for all
 * before it on the same groups and partitions, since these keep the order. Any thread.
 */
final class UnconfirmedSettlements {
    /** A reply for each of so many: it costs both sides a wake-up. What waits is some 200 bytes each. */
    static final int ASK_EVERY = 256;
    /** Beyond it each asks: those of partitions that a reply does not speak for wait for one of their own. */
    private static final int SENT_MANY = 8 * ASK_EVERY;

    /** @param awaited null when nobody waits for it */
    record Sent(long sequence, Settlements settlements, CompletableFuture<Void> awaited) {}

    private final ArrayDeque<Sent> sent = new ArrayDeque<>();
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
        sent.add(new Sent(sequence, settlements, awaited));
        if (awaited == null && ++sinceAsked < ASK_EVERY && sent.size() < SENT_MANY) {
            return false;
        }
        sinceAsked = 0;
        return true;
    }

    private static boolean settlesNothing(Settlements settlements) {
        for (Settlements.Entry entry : settlements.entries()) {
            if (entry.outcome() != Settlements.Outcome.MARKED) {
                return false;
            }
        }
        return true;
    }

    /** A settlement has been confirmed; returns it with those that it speaks for. */
    synchronized List<Settlements> confirmed(long sequence, Settlements settlements) {
        List<Settlements> durable = new ArrayList<>();
        Iterator<Sent> all = sent.iterator();
        while (all.hasNext()) {
            Sent one = all.next();
            if (one.sequence > sequence) {
                break;
            }
            if (one.sequence == sequence || (one.awaited == null && isSpokenFor(one.settlements, settlements))) {
                durable.add(one.settlements);
                all.remove();
            }
        }
        return durable;
    }

    private static boolean isSpokenFor(Settlements earlier, Settlements confirmed) {
        for (Settlements.Entry entry : earlier.entries()) {
            boolean spokenFor = false;
            for (Settlements.Entry other : confirmed.entries()) {
                spokenFor |= other.outcome() == Settlements.Outcome.ACCEPTED
                        && other.consumer() == entry.consumer()
                        && other.partition() == entry.partition();
            }
            if (!spokenFor) {
                return false;
            }
        }
        return true;
    }

    synchronized void forget(long sequence) {
        sent.removeIf(one -> one.sequence == sequence);
    }

    /** All, in order. */
    synchronized List<Sent> all() {
        return new ArrayList<>(sent);
    }

    /** All, and forgets them. */
    synchronized List<Sent> takeAll() {
        List<Sent> all = new ArrayList<>(sent);
        sent.clear();
        return all;
    }
}
