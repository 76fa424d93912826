package io.penstock.jms.client;

import java.util.Iterator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;

/**
 * What applications of this process (of this class loader) were handed over connections that are gone, and no broker
 * has confirmed as settled. When such a message is pushed again, to any connection of the process, its count goes on
 * from here: marks and acknowledgements that were on the way died with the broker or the socket (rules 3 and 6).
 *
 * <p>Bounded: beyond {@code runsMax} runs of offsets what was remembered first is forgotten, and a partition's after
 * {@code keptNanos} without news; then a count may be short, as after the death of the application. Any thread; empty,
 * as it nearly always is, it costs a volatile read for each message.
 */
public final class HandOutMemory {
    /** 65,536 runs of about 20 bytes, for an hour. */
    public static final HandOutMemory PROCESS = new HandOutMemory(65_536, TimeUnit.HOURS.toNanos(1));

    /** The last hand-out of a message. */
    public record Found(int count, boolean accepted) {}

    private record Place(Object source, int partition) {}

    private static final class Remembered {
        final HandOutRuns runs = new HandOutRuns();
        long lastNanos;
    }

    private final int runsMax;
    private final long keptNanos;
    private final Map<Place, Remembered> places = new LinkedHashMap<>();
    private int runsTotal;
    private volatile boolean empty = true;

    HandOutMemory(int runsMax, long keptNanos) {
        this.runsMax = runsMax;
        this.keptNanos = keptNanos;
    }

    public boolean isEmpty() {
        return empty;
    }

    /** Takes in what was handed out, as it is written in settlements that have not been confirmed. */
    public synchronized void remember(Settlements unconfirmed, Clock clock) {
        long now = clock.nanos();
        for (Settlements.Entry entry : unconfirmed.entries()) {
            Object source = entry.consumer().source();
            if (source == null || entry.count() == 0 || entry.outcome() == Settlements.Outcome.RELEASED) {
                continue;
            }
            Remembered at = places.computeIfAbsent(new Place(source, entry.partition()), made -> new Remembered());
            at.lastNanos = now;
            runsTotal -= at.runs.size();
            for (int i = 0; i < entry.ranges().size(); i++) {
                boolean accepted = entry.outcome() == Settlements.Outcome.ACCEPTED;
                at.runs.raise(entry.ranges().first(i), entry.ranges().last(i), entry.count(), accepted);
            }
            runsTotal += at.runs.size();
        }
        forgetOld(now);
    }

    private void forgetOld(long now) {
        Iterator<Remembered> all = places.values().iterator();
        while (all.hasNext()) {
            Remembered one = all.next();
            if (runsTotal > runsMax || now - one.lastNanos > keptNanos || one.runs.size() == 0) {
                runsTotal -= one.runs.size();
                all.remove();
            }
        }
        empty = places.isEmpty();
    }

    /** A broker has made these settlements durable, or given the messages back in order. */
    public void confirmed(List<Settlements> settled) {
        if (empty) {
            return;
        }
        synchronized (this) {
            for (Settlements settlements : settled) {
                for (Settlements.Entry entry : settlements.entries()) {
                    if (entry.outcome() == Settlements.Outcome.ACCEPTED) {
                        forget(entry);
                    }
                }
            }
        }
    }

    private void forget(Settlements.Entry entry) {
        Place place = new Place(entry.consumer().source(), entry.partition());
        Remembered at = places.get(place);
        if (at == null) {
            return;
        }
        runsTotal -= at.runs.size();
        for (int i = 0; i < entry.ranges().size(); i++) {
            at.runs.remove(entry.ranges().first(i), entry.ranges().last(i));
        }
        runsTotal += at.runs.size();
        if (at.runs.size() == 0) {
            places.remove(place);
            empty = places.isEmpty();
        }
    }

    /** The last hand-out of a message over a connection that is gone, or null. */
    public Found find(ClientConsumer consumer, int partition, long offset, Clock clock) {
        if (empty || consumer.source() == null) {
            return null;
        }
        synchronized (this) {
            Remembered at = places.get(new Place(consumer.source(), partition));
            return at == null || clock.nanos() - at.lastNanos > keptNanos ? null : at.runs.find(offset);
        }
    }

    /** How many runs are kept. */
    synchronized int runs() {
        return runsTotal;
    }
}
