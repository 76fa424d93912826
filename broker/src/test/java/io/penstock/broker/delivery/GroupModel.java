package io.penstock.broker.delivery;

import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.function.LongPredicate;
import java.util.function.LongSupplier;
import java.util.function.Predicate;

/**
 * What must be true of one group, record by record and without any cleverness; told of everything that happens at the
 * broker, and complains when the engine does what it may not do.
 */
final class GroupModel {

    private final String name;
    private final Map<Long, Entry> entries = new HashMap<>();
    /** Records that are certainly available: the lowest must be the next to be pushed. */
    private final TreeSet<Long> available = new TreeSet<>();

    /** The highest offset that was pushed to who has this selector. */
    private final Map<String, Long> maxPushed = new HashMap<>();

    private long changes;
    private long changesFlushed;
    long redeliveries;

    /** One record. */
    private static final class Entry {
        String id;
        SessionKey holder;
        boolean marked;
        boolean sureMark = true;
        boolean accepting;
        boolean inDoubt;
        /** Asked to be released; effective with the append, perhaps before the answer. */
        boolean releasing;

        boolean releasingCounted;
        boolean confirmed;
        /** It may be settled: the broker died while it was asked to. */
        boolean maybeSettled;
        /** Nothing is known but that it was pushed once: the last change may be lost. */
        boolean limbo;
        /** Its first delivery may be lost, and others that passed over it may be known: it may come after them. */
        boolean maybeForgotten;
        /** Limits of how often it has been counted as delivered. */
        int low;

        int high;
        long changedAt;
        /** What has happened to it, for the report of a failure. */
        final StringBuilder history = new StringBuilder();
    }

    private final LongSupplier nanos;

    private final LongPredicate maySkip;
    private final LongPredicate inTransaction;
    private final long start;
    private final boolean selecting;
    /** Null: offsets alone count. */
    private MessageOrder.World order;

    /**
     * @param selecting some of its consumers have selectors, so that records are not delivered first in order
     * @param start first offset that the group gets
     * @param maySkip true for offsets that the engine may settle unseen: expired, discarded, excluded, not committed
     * @param inTransaction true for offsets that may have been parked: then they come out of order, before others
     */
    GroupModel(
            String name,
            boolean selecting,
            LongSupplier nanos,
            long start,
            LongPredicate maySkip,
            LongPredicate inTransaction) {
        this.name = name;
        this.selecting = selecting;
        this.nanos = nanos;
        this.start = start;
        this.maySkip = maySkip;
        this.inTransaction = inTransaction;
    }

    GroupModel ordered(MessageOrder.World world) {
        order = world;
        return this;
    }

    private void note(Entry entry, String what) {
        entry.history
                .append("\n    ")
                .append(nanos.getAsLong() / 1000)
                .append(" us ")
                .append(what);
    }

    private String history(long offset) {
        Entry entry = entry(offset);
        return entry == null ? "" : "\n  history of " + offset + ":" + entry.history;
    }

    private static AssertionError wrong(String text) {
        return new AssertionError(text);
    }

    private Entry entry(long offset) {
        return entries.get(offset);
    }

    private void changed(Entry entry) {
        entry.changedAt = ++changes;
    }

    long changes() {
        return changes;
    }

    /** Everything up to that change is in the ledger, if not forced. */
    void flushed(long change) {
        changesFlushed = Math.max(changesFlushed, change);
    }

    // ---- what the broker does

    /**
     * @param selector of the session, the empty text for none
     * @param wanted true for offsets that it matches
     */
    void pushed(SessionKey session, String selector, LongPredicate wanted, long offset, int count, String id) {
        long highest = maxPushed.getOrDefault(selector, start - 1);
        Entry entry = entries.get(offset);
        boolean fresh = entry == null;
        String at = name + " offset " + offset + " (" + id + ") pushed to " + session + ": ";
        if (entry == null) {
            if (order == null && !inTransaction.test(offset)) {
                checkOrder(at, offset, highest, wanted);
                maxPushed.put(selector, Math.max(highest, offset));
            }
            entry = new Entry();
            entry.id = id;
            entries.put(offset, entry);
        } else {
            redeliveries++;
            if (!entry.id.equals(id)) {
                throw wrong(at + "was " + entry.id + " before");
            }
            if (entry.confirmed) {
                throw wrong(at + "its settlement was confirmed" + history(offset));
            }
            if (entry.releasing) {
                free(offset, entry, entry.releasingCounted);
            }
            if (entry.accepting || entry.inDoubt) {
                throw wrong(at + "it is " + (entry.accepting ? "settling" : "in doubt") + history(offset));
            }
            if (!entry.limbo && !available.contains(offset)) {
                throw wrong(at + "held by " + entry.holder + history(offset));
            }
            available.remove(offset);
        }
        if (order != null) {
            checkOrdered(at, session, offset, fresh && !inTransaction.test(offset), wanted);
        }
        for (long lower : List.copyOf(order == null ? available.headSet(offset) : new TreeSet<Long>())) {
            if (maySkip.test(lower)) {
                available.remove(lower);
                Entry passed = entries.get(lower);
                note(passed, "settled unseen, it seems");
                passed.limbo = true;
                passed.maybeSettled = true;
            } else if (wanted.test(lower) && !entries.get(lower).maybeForgotten) {
                throw wrong(at + "redelivery of " + lower + " comes first" + history(lower));
            }
        }
        if (count < entry.low + 1 || count > entry.high + 1) {
            throw wrong(at + "count " + count + " is not in [" + (entry.low + 1) + ", " + (entry.high + 1) + "]"
                    + history(offset));
        }
        note(entry, "pushed to " + session + " count " + count);
        if (count - 1 > entry.low) {
            entry.low = count - 1;
        }
        entry.high = count - 1;
        entry.holder = session;
        entry.marked = false;
        entry.sureMark = true;
        entry.limbo = false;
        entry.maybeSettled = false;
        entry.maybeForgotten = false;
        changed(entry);
    }

    /** Rules 18, 19 and 28: not before it is due, strict priority, one owner for each message group. */
    private void checkOrdered(String at, SessionKey session, long offset, boolean fresh, LongPredicate wanted) {
        MessageOrder its = order.of().apply(offset);
        if (its.dueMillis() > order.latestMillis().getAsLong()) {
            throw wrong(at + "it is due only in "
                    + (its.dueMillis() - order.latestMillis().getAsLong()) + " ms");
        }
        if (its.group() != null) {
            entries.forEach((other, entry) -> {
                if (entry.holder != null
                        && !entry.holder.equals(session)
                        && !entry.limbo
                        && !entry.releasing
                        && its.group().equals(order.of().apply(other).group())) {
                    throw wrong(at + "of its message group " + entry.holder + " holds " + other + history(other));
                }
            });
        }
        for (long other : List.copyOf(available)) {
            MessageOrder others = order.of().apply(other);
            boolean before = others.priority() > its.priority()
                    || others.priority() == its.priority() && (fresh || other < offset);
            if (before && maySkip.test(other)) {
                available.remove(other);
                Entry passed = entries.get(other);
                note(passed, "settled unseen, it seems");
                passed.limbo = true;
                passed.maybeSettled = true;
            } else if (before
                    && isFor(others, its)
                    && wanted.test(other)
                    && order.due().test(other)
                    && !entries.get(other).maybeForgotten) {
                throw wrong(at + "redelivery of " + other + " comes first" + history(other));
            }
        }
        if (!order.takesNew().getAsBoolean()) {
            return;
        }
        for (long other = start; other < order.end().getAsLong(); other++) {
            MessageOrder others = order.of().apply(other);
            if (entries.get(other) == null
                    && (others.priority() > its.priority()
                            || others.priority() == its.priority() && fresh && other < offset)
                    && isFor(others, its)
                    && wanted.test(other)
                    && order.due().test(other)
                    && !maySkip.test(other)
                    && !inTransaction.test(other)) {
                throw wrong(at + "with " + its + ", but " + other + " with " + others + " was never delivered");
            }
        }
    }

    /** Who got the one would certainly have got the other: the owners of other message groups are not known here. */
    private static boolean isFor(MessageOrder others, MessageOrder its) {
        return others.group() == null || others.group().equals(its.group());
    }

    private void checkOrder(String at, long offset, long highest, LongPredicate wanted) {
        for (long between = highest + 1; between < offset; between++) {
            if (entries.get(between) == null
                    && wanted.test(between)
                    && !maySkip.test(between)
                    && !inTransaction.test(between)) {
                throw wrong(at + "first delivery out of order, the last was " + highest + ", left out " + between);
            }
        }
        if (offset < start || offset <= highest && !maySkip.test(offset)) {
            throw wrong(at + "it is below " + highest + ", and was never pushed");
        }
    }

    void marked(SessionKey session, OffsetRanges ranges) {
        each(ranges, entry -> {
            if (session.equals(entry.holder) && !entry.accepting && !entry.inDoubt) {
                entry.marked = true;
                note(entry, "marked");
                changed(entry);
            }
        });
    }

    void accepting(SessionKey session, OffsetRanges ranges) {
        each(ranges, entry -> {
            if (session.equals(entry.holder)) {
                entry.accepting = true;
                note(entry, "accepting by " + session);
                entry.inDoubt = false;
            }
        });
    }

    /** The broker answered. */
    void accepted(SessionKey session, OffsetRanges ranges, OffsetRanges lost) {
        notHeld(session, lost);
        each(ranges.without(lost), entry -> {
            note(entry, "confirmed to " + session);
            entry.confirmed = true;
            entry.accepting = false;
            entry.inDoubt = false;
            entry.limbo = false;
            entry.holder = null;
        });
        forEach(ranges.without(lost), available::remove);
    }

    /** The ledger took nothing: back to the session, or available when that is over. */
    void acceptRefused(SessionKey session, OffsetRanges ranges, boolean sessionLives) {
        forEach(ranges, offset -> {
            Entry entry = entry(offset);
            if (entry != null && entry.accepting && session.equals(entry.holder)) {
                entry.accepting = false;
                note(entry, "refused");
                if (!sessionLives) {
                    free(offset, entry, false);
                }
            }
        });
    }

    void releasing(SessionKey session, OffsetRanges ranges, boolean counted) {
        each(ranges, entry -> {
            if (session.equals(entry.holder) && !entry.accepting && !entry.inDoubt) {
                entry.releasing = true;
                entry.releasingCounted = counted;
            }
        });
    }

    /** The broker answered. */
    void released(SessionKey session, OffsetRanges ranges, OffsetRanges lost) {
        notHeld(session, lost);
        forEach(ranges.without(lost), offset -> {
            Entry entry = entry(offset);
            if (entry.releasing) {
                free(offset, entry, entry.releasingCounted);
            }
        });
    }

    void releaseRefused(SessionKey session, OffsetRanges ranges, boolean sessionLives) {
        forEach(ranges, offset -> {
            Entry entry = entry(offset);
            if (entry.releasing && session.equals(entry.holder)) {
                entry.releasing = false;
                if (!sessionLives) {
                    free(offset, entry, false);
                }
            }
        });
    }

    /** As far as the session holds them. */
    void releasedUnasked(SessionKey session, OffsetRanges ranges) {
        forEach(ranges, offset -> {
            Entry entry = entry(offset);
            if (entry != null && session.equals(entry.holder) && !entry.accepting && !entry.inDoubt) {
                free(offset, entry, false);
            }
        });
    }

    void prepared(SessionKey session, OffsetRanges ranges) {
        each(ranges, entry -> {
            note(entry, "prepared");
            entry.inDoubt = true;
        });
    }

    void rolledBack(SessionKey session, OffsetRanges ranges, boolean sessionLives) {
        forEach(ranges, offset -> {
            Entry entry = entry(offset);
            if (entry != null && entry.inDoubt) {
                entry.inDoubt = false;
                if (!sessionLives) {
                    free(offset, entry, false);
                }
            }
        });
    }

    void sessionEnded(SessionKey session) {
        new TreeMap<>(entries).forEach((offset, entry) -> {
            if (session.equals(entry.holder) && !entry.accepting && !entry.inDoubt && !entry.releasing) {
                free(offset, entry, false);
            }
        });
    }

    private void free(long offset, Entry entry, boolean counted) {
        if (counted || entry.marked) {
            entry.high++;
            entry.low += counted || entry.sureMark ? 1 : 0;
        }
        note(entry, "freed " + (counted ? "counted" : entry.marked ? "marked" : "uncounted"));
        entry.holder = null;
        entry.marked = false;
        entry.releasing = false;
        available.add(offset);
        changed(entry);
    }

    private void notHeld(SessionKey session, OffsetRanges lost) {
        each(lost, entry -> {
            if (session.equals(entry.holder) && !entry.limbo && !entry.confirmed) {
                throw wrong(name + " " + entry.id + " is reported as lost, and held by " + session);
            }
        });
    }

    // ---- death and restart

    /**
     * @param powerCut what was not forced may be gone
     * @param returns sessions that will come back with what they hold
     */
    void died(boolean powerCut, Predicate<SessionKey> returns) {
        entries.forEach((offset, entry) -> {
            if (entry.confirmed) {
                return;
            }
            note(
                    entry,
                    "died" + (powerCut ? " by power cut" : "") + ", changed " + entry.changedAt + " flushed "
                            + changesFlushed);
            boolean unsure = powerCut || entry.changedAt > changesFlushed;
            if (entry.accepting) {
                entry.maybeSettled = true;
                unsure = true;
            }
            if (entry.releasing) {
                // Counted or not: the entry may be in the ledger.
                entry.high++;
                entry.releasing = false;
                unsure = true;
            }
            boolean keeps = entry.holder != null && returns.test(entry.holder);
            if (entry.holder != null && (unsure || !keeps)) {
                // The mark may be in the ledger or not.
                entry.high += entry.marked ? 1 : 0;
                entry.low += entry.marked && !unsure ? 1 : 0;
                entry.marked = false;
            }
            if (unsure) {
                entry.low = 0;
                entry.maybeForgotten = selecting || order != null;
            }
            if (unsure || !keeps && entry.holder != null) {
                entry.limbo = true;
                entry.holder = null;
                available.remove(offset);
            }
            entry.accepting = false;
            entry.inDoubt = false;
        });
    }

    /** The grace is over: what nobody holds is available. */
    void graceOver() {
        entries.forEach((offset, entry) -> {
            if (entry.limbo && !entry.maybeSettled && !entry.confirmed) {
                available.add(offset);
                note(entry, "grace over");
                entry.limbo = false;
            }
        });
    }

    /** A decided commit was applied again. */
    void reapplied(OffsetRanges ranges) {
        each(ranges, entry -> {
            note(entry, "commit applied again");
            entry.confirmed = true;
            entry.holder = null;
            entry.limbo = false;
        });
        forEach(ranges, available::remove);
    }

    /** At the end, when everything was drained: every record below {@code end} is settled. */
    void finish(long end) {
        for (long offset = start; offset < end; offset++) {
            Entry entry = entry(offset);
            if ((entry == null || !entry.confirmed) && maySkip.test(offset)) {
                continue;
            }
            if (entry == null) {
                throw wrong(name + " offset " + offset + " was never delivered");
            }
            if (!entry.confirmed && !entry.maybeSettled) {
                throw wrong(name + " offset " + offset + " (" + entry.id + ") is lost: neither settled nor delivered, "
                        + "holder " + entry.holder + history(offset));
            }
        }
    }

    boolean holds(SessionKey session, long offset) {
        Entry entry = entry(offset);
        return entry != null && session.equals(entry.holder);
    }

    private void each(OffsetRanges ranges, java.util.function.Consumer<Entry> action) {
        forEach(ranges, offset -> {
            Entry entry = entry(offset);
            if (entry != null) {
                action.accept(entry);
            }
        });
    }

    private static void forEach(OffsetRanges ranges, java.util.function.LongConsumer action) {
        for (int i = 0; i < ranges.size(); i++) {
            for (long offset = ranges.first(i); offset <= ranges.last(i); offset++) {
                action.accept(offset);
            }
        }
    }
}
