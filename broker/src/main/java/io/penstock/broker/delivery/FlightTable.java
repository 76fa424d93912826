package io.penstock.broker.delivery;

import java.util.Arrays;

/**
 * The records of a group that are neither settled nor untouched, as runs of equal state in offset order, in primitive
 * arrays: memory follows the number of runs, never the backlog. What is absent below the group's next offset is
 * settled. An empty table has no arrays.
 *
 * <pre>
 *  run   first, last (inclusive) | holder (null when available) | meta
 *  meta  bits 0-1 state: 0 available, 1 acquired, 2 settling, 3 in doubt
 *        bit  2   marked: the application has begun to get it
 *        bits 3-  how often it was delivered before this acquisition
 * </pre>
 *
 * The live runs are those from {@code head} on: work happens mostly at the two ends, where it moves nothing.
 */
final class FlightTable {

    static final int AVAILABLE = 0;
    static final int ACQUIRED = 1;
    static final int SETTLING = 2;
    static final int IN_DOUBT = 3;
    static final int MARKED = 4;

    private static final int STATE = 3;
    private static final int COUNT_SHIFT = 3;
    private static final long[] NO_LONGS = {};
    private static final int[] NO_INTS = {};
    private static final GroupSession[] NO_HOLDERS = {};

    private long[] firsts = NO_LONGS;
    private long[] lasts = NO_LONGS;
    private int[] metas = NO_INTS;
    private GroupSession[] holders = NO_HOLDERS;
    private int head;
    private int end;
    private long records;
    private long availableRecords;
    private long parkedRecords;
    private long delayedRecords;
    private long doubtfulRecords;

    static int meta(int state, boolean marked, int count) {
        return state | (marked ? MARKED : 0) | count << COUNT_SHIFT;
    }

    static int state(int meta) {
        return meta & STATE;
    }

    static boolean marked(int meta) {
        return (meta & MARKED) != 0;
    }

    static int count(int meta) {
        return meta >>> COUNT_SHIFT;
    }

    int size() {
        return end - head;
    }

    boolean isEmpty() {
        return head == end;
    }

    long first(int index) {
        return firsts[head + index];
    }

    long last(int index) {
        return lasts[head + index];
    }

    int metaAt(int index) {
        return metas[head + index];
    }

    GroupSession holder(int index) {
        return holders[head + index];
    }

    /** Records in all runs. */
    long records() {
        return records;
    }

    long availableRecords() {
        return availableRecords;
    }

    /** Records in undecided transactions of Kafka's. */
    long parkedRecords() {
        return parkedRecords;
    }

    /** Records that wait until they may be delivered again. */
    long delayedRecords() {
        return delayedRecords;
    }

    /** Records that sessions have: acquired, settling and in doubt. */
    long heldRecords() {
        return records - availableRecords - parkedRecords - delayedRecords;
    }

    /** Index of the first run whose last offset is not below {@code offset}; {@link #size} when there is none. */
    int find(long offset) {
        int low = head;
        int high = end;
        if (low == high || lasts[low] >= offset) {
            return 0;
        }
        while (low < high) {
            int middle = (low + high) >>> 1;
            if (lasts[middle] < offset) {
                low = middle + 1;
            } else {
                high = middle;
            }
        }
        return low - head;
    }

    /** Makes a run begin at {@code offset} where one contains it; index of the first run at or after it. */
    int split(long offset) {
        int index = find(offset);
        if (index < size() && first(index) < offset) {
            int at = head + index;
            insertGap(index + 1);
            at = head + index;
            firsts[at + 1] = offset;
            lasts[at + 1] = lasts[at];
            metas[at + 1] = metas[at];
            holders[at + 1] = holders[at];
            lasts[at] = offset - 1;
            return index + 1;
        }
        return index;
    }

    /** Adds a run where there is none; joins it with equal neighbours. */
    void add(long first, long last, int meta, GroupSession holder) {
        int index = size() > 0 && lasts[end - 1] < first ? size() : find(first);
        insertGap(index);
        int at = head + index;
        firsts[at] = first;
        lasts[at] = last;
        metas[at] = meta;
        holders[at] = holder;
        count(last - first + 1, meta, holder);
        join(index, index + 1);
    }

    /** Gives the runs from {@code from} to {@code to} (exclusive) another state; {@link #join} them afterwards. */
    void set(int index, int meta, GroupSession holder) {
        int at = head + index;
        long length = lasts[at] - firsts[at] + 1;
        count(-length, metas[at], holders[at]);
        metas[at] = meta;
        holders[at] = holder;
        count(length, meta, holder);
    }

    /**
     * Gives the beginning of a run another state by moving its border with the run before it, where that is the same but
     * for the state: what happens when records are settled one after the other.
     *
     * @return false where it is not so; nothing has happened then
     */
    boolean shift(long first, long last, GroupSession holder, int fromState, int toState) {
        int at = head + find(first);
        if (at == head || at >= end || firsts[at] != first || lasts[at] <= last || holders[at] != holder) {
            return false;
        }
        int meta = metas[at];
        int before = at - 1;
        if (state(meta) != fromState
                || lasts[before] + 1 != first
                || holders[before] != holder
                || metas[before] != (meta & ~STATE | toState)) {
            return false;
        }
        lasts[before] = last;
        firsts[at] = last + 1;
        return true;
    }

    /** Removes the runs from {@code from} to {@code to} (exclusive): they are settled. */
    void remove(int from, int to) {
        if (from == to) {
            return;
        }
        for (int at = head + from; at < head + to; at++) {
            count(firsts[at] - lasts[at] - 1, metas[at], holders[at]);
        }
        if (from == 0) {
            Arrays.fill(holders, head, head + to, null);
            head += to;
        } else {
            int moved = end - head - to;
            System.arraycopy(firsts, head + to, firsts, head + from, moved);
            System.arraycopy(lasts, head + to, lasts, head + from, moved);
            System.arraycopy(metas, head + to, metas, head + from, moved);
            System.arraycopy(holders, head + to, holders, head + from, moved);
            Arrays.fill(holders, end - (to - from), end, null);
            end -= to - from;
        }
        if (head == end) {
            head = 0;
            end = 0;
            if (firsts.length > 64) {
                firsts = NO_LONGS;
                lasts = NO_LONGS;
                metas = NO_INTS;
                holders = NO_HOLDERS;
            }
        }
    }

    /** Joins equal neighbours among the runs {@code from - 1} to {@code to}. */
    void join(int from, int to) {
        int first = Math.max(0, from - 1);
        int last = Math.min(size() - 1, to);
        int kept = head + first;
        int read = kept + 1;
        int stop = head + last;
        if (read > stop) {
            return;
        }
        for (; read <= stop; read++) {
            if (lasts[kept] + 1 == firsts[read] && metas[kept] == metas[read] && holders[kept] == holders[read]) {
                lasts[kept] = lasts[read];
            } else if (++kept != read) {
                firsts[kept] = firsts[read];
                lasts[kept] = lasts[read];
                metas[kept] = metas[read];
                holders[kept] = holders[read];
            }
        }
        int gone = stop - kept;
        if (gone > 0) {
            int moved = end - 1 - stop;
            System.arraycopy(firsts, stop + 1, firsts, kept + 1, moved);
            System.arraycopy(lasts, stop + 1, lasts, kept + 1, moved);
            System.arraycopy(metas, stop + 1, metas, kept + 1, moved);
            System.arraycopy(holders, stop + 1, holders, kept + 1, moved);
            Arrays.fill(holders, end - gone, end, null);
            end -= gone;
        }
    }

    /** As {@link #heldRecords}, without what is in doubt: that may be for days, and must hold up nobody. */
    long unsettledRecords() {
        return heldRecords() - doubtfulRecords;
    }

    private void count(long delta, int meta, GroupSession holder) {
        records += delta;
        doubtfulRecords += state(meta) == IN_DOUBT ? delta : 0;
        if (state(meta) == AVAILABLE) {
            availableRecords += delta;
        }
        if (holder != null) {
            holder.heldRecords += delta;
            parkedRecords += holder.key.parked() ? delta : 0;
            delayedRecords += holder.key.delayed() ? delta : 0;
        }
    }

    private void insertGap(int index) {
        if (end == firsts.length) {
            if (head > end / 2) {
                shift(0);
            } else {
                int capacity = Math.max(4, 2 * firsts.length);
                firsts = Arrays.copyOf(firsts, capacity);
                lasts = Arrays.copyOf(lasts, capacity);
                metas = Arrays.copyOf(metas, capacity);
                holders = Arrays.copyOf(holders, capacity);
            }
        }
        int at = head + index;
        int moved = end - at;
        if (moved > 0) {
            System.arraycopy(firsts, at, firsts, at + 1, moved);
            System.arraycopy(lasts, at, lasts, at + 1, moved);
            System.arraycopy(metas, at, metas, at + 1, moved);
            System.arraycopy(holders, at, holders, at + 1, moved);
        }
        end++;
    }

    /** Moves the live runs to the arrays' beginning. */
    private void shift(int to) {
        int size = size();
        System.arraycopy(firsts, head, firsts, to, size);
        System.arraycopy(lasts, head, lasts, to, size);
        System.arraycopy(metas, head, metas, to, size);
        System.arraycopy(holders, head, holders, to, size);
        Arrays.fill(holders, to + size, end, null);
        head = to;
        end = to + size;
    }

    @Override
    public String toString() {
        StringBuilder text = new StringBuilder("[");
        for (int i = 0; i < size(); i++) {
            text.append(i == 0 ? "" : ", ").append(first(i)).append("..").append(last(i));
            text.append(" rasd".charAt(state(metaAt(i)) + 1)).append(count(metaAt(i)));
            text.append(marked(metaAt(i)) ? "m" : "");
        }
        return text.append(']').toString();
    }
}
