package io.penstock.broker.delivery;

import java.util.Arrays;

/**
 * Offsets as sorted, disjoint ranges of two primitives each; grows by {@link #add}. Not thread safe; what is handed
 * to another object is not changed afterwards.
 */
public final class OffsetRanges {

    private static final long[] NOTHING = {};

    private long[] bounds = NOTHING;
    private int size;

    /** Ranges of {@code first, last} pairs (both inclusive) in any order. */
    public static OffsetRanges of(long... firstLastPairs) {
        OffsetRanges ranges = new OffsetRanges();
        for (int i = 0; i < firstLastPairs.length; i += 2) {
            ranges.add(firstLastPairs[i], firstLastPairs[i + 1]);
        }
        return ranges;
    }

    /**
     * Adds {@code first} to {@code last}, both inclusive, joining what touches or overlaps. Cheapest at the end.
     *
     * @throws IllegalArgumentException when {@code first} is negative or above {@code last}
     */
    public OffsetRanges add(long first, long last) {
        if (first < 0 || last < first || last == Long.MAX_VALUE) {
            throw new IllegalArgumentException("range of offsets [" + first + ", " + last + "]");
        }
        if (size == 0 || first > bounds[2 * size - 1] + 1) {
            insert(size, first, last);
            return this;
        }
        int from = indexEndingAtOrAfter(first - 1);
        int to = from;
        long joinedFirst = first;
        long joinedLast = last;
        while (to < size && bounds[2 * to] <= last + 1) {
            joinedFirst = Math.min(joinedFirst, bounds[2 * to]);
            joinedLast = Math.max(joinedLast, bounds[2 * to + 1]);
            to++;
        }
        if (from == to) {
            insert(from, first, last);
        } else {
            bounds[2 * from] = joinedFirst;
            bounds[2 * from + 1] = joinedLast;
            System.arraycopy(bounds, 2 * to, bounds, 2 * (from + 1), 2 * (size - to));
            size -= to - from - 1;
        }
        return this;
    }

    public OffsetRanges addAll(OffsetRanges others) {
        for (int i = 0; i < others.size; i++) {
            add(others.first(i), others.last(i));
        }
        return this;
    }

    /** Number of ranges. */
    public int size() {
        return size;
    }

    public boolean isEmpty() {
        return size == 0;
    }

    public long first(int index) {
        return bounds[2 * index];
    }

    /** Last offset of a range, inclusive. */
    public long last(int index) {
        return bounds[2 * index + 1];
    }

    /** Number of offsets in all ranges. */
    public long count() {
        long count = 0;
        for (int i = 0; i < size; i++) {
            count += last(i) - first(i) + 1;
        }
        return count;
    }

    public boolean contains(long offset) {
        int index = indexEndingAtOrAfter(offset);
        return index < size && first(index) <= offset;
    }

    /** What is in here and not in {@code others}; this when nothing is. */
    OffsetRanges without(OffsetRanges others) {
        if (others.isEmpty() || isEmpty()) {
            return this;
        }
        OffsetRanges rest = new OffsetRanges();
        for (int i = 0; i < size; i++) {
            long from = first(i);
            for (int j = others.indexEndingAtOrAfter(from); j < others.size && others.first(j) <= last(i); j++) {
                if (others.first(j) > from) {
                    rest.add(from, others.first(j) - 1);
                }
                from = others.last(j) + 1;
            }
            if (from <= last(i)) {
                rest.add(from, last(i));
            }
        }
        return rest;
    }

    /** What lies below {@code end}. */
    OffsetRanges below(long end) {
        if (isEmpty() || last(size - 1) < end) {
            return this;
        }
        OffsetRanges rest = new OffsetRanges();
        for (int i = 0; i < size && first(i) < end; i++) {
            rest.add(first(i), Math.min(last(i), end - 1));
        }
        return rest;
    }

    void clear() {
        size = 0;
    }

    /** Index of the first range whose last offset is not below {@code offset}. */
    private int indexEndingAtOrAfter(long offset) {
        int low = 0;
        int high = size;
        while (low < high) {
            int middle = (low + high) >>> 1;
            if (bounds[2 * middle + 1] < offset) {
                low = middle + 1;
            } else {
                high = middle;
            }
        }
        return low;
    }

    private void insert(int index, long first, long last) {
        if (2 * size == bounds.length) {
            bounds = Arrays.copyOf(bounds, Math.max(2, 2 * bounds.length));
        }
        System.arraycopy(bounds, 2 * index, bounds, 2 * index + 2, 2 * (size - index));
        bounds[2 * index] = first;
        bounds[2 * index + 1] = last;
        size++;
    }

    @Override
    public boolean equals(Object other) {
        return other instanceof OffsetRanges that
                && size == that.size
                && Arrays.equals(bounds, 0, 2 * size, that.bounds, 0, 2 * size);
    }

    @Override
    public int hashCode() {
        int hash = size;
        for (int i = 0; i < 2 * size; i++) {
            hash = 31 * hash + Long.hashCode(bounds[i]);
        }
        return hash;
    }

    @Override
    public String toString() {
        StringBuilder text = new StringBuilder("{");
        for (int i = 0; i < size; i++) {
            text.append(i == 0 ? "" : ", ").append(first(i));
            if (last(i) != first(i)) {
                text.append("..").append(last(i));
            }
        }
        return text.append('}').toString();
    }
}
