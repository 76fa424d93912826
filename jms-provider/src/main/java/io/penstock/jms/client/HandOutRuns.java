package io.penstock.jms.client;

import java.util.Arrays;

/** Offsets of one partition with the count of their last hand-out: runs in order, in primitive arrays. */
final class HandOutRuns {
    private long[] first = new long[4];
    private long[] last = new long[4];
    /** The count, and in the lowest bit whether the application was done with it: a larger one knows more. */
    private int[] value = new int[4];

    private int size;

    int size() {
        return size;
    }

    /** Remembers the larger count where there is one already. */
    void raise(long from, long to, int count, boolean accepted) {
        replace(from, to, 2 * count + (accepted ? 1 : 0));
    }

    void remove(long from, long to) {
        replace(from, to, 0);
    }

    HandOutMemory.Found find(long offset) {
        int index = Arrays.binarySearch(first, 0, size, offset);
        int at = index >= 0 ? index : -index - 2;
        if (at < 0 || last[at] < offset) {
            return null;
        }
        return new HandOutMemory.Found(value[at] >> 1, (value[at] & 1) == 1);
    }

    /** One pass over all: what lies outside stays, inside the larger value wins; 0 removes. */
    private void replace(long from, long to, int newValue) {
        if (newValue != 0 && (size == 0 || last[size - 1] < from)) {
            add(from, to, newValue);
            return;
        }
        HandOutRuns before = new HandOutRuns();
        before.first = first;
        before.last = last;
        before.value = value;
        before.size = size;
        first = new long[size + 4];
        last = new long[size + 4];
        value = new int[size + 4];
        size = 0;
        long next = from;
        for (int i = 0; i < before.size; i++) {
            long a = before.first[i];
            long b = before.last[i];
            int was = before.value[i];
            add(a, Math.min(b, from - 1), was);
            if (b >= from && a <= to) {
                add(next, Math.min(a - 1, to), newValue);
                add(Math.max(a, from), Math.min(b, to), newValue == 0 ? 0 : Math.max(was, newValue));
                next = Math.min(b, to) + 1;
            } else if (a > to) {
                add(next, to, newValue);
                next = to + 1;
            }
            add(Math.max(a, to + 1), b, was);
        }
        add(next, to, newValue);
    }

    private void add(long from, long to, int newValue) {
        if (from > to || newValue == 0) {
            return;
        }
        if (size > 0 && last[size - 1] + 1 == from && value[size - 1] == newValue) {
            last[size - 1] = to;
            return;
        }
        if (size == first.length) {
            first = Arrays.copyOf(first, 2 * size);
            last = Arrays.copyOf(last, 2 * size);
            value = Arrays.copyOf(value, 2 * size);
        }
        first[size] = from;
        last[size] = to;
        value[size] = newValue;
        size++;
    }
}
