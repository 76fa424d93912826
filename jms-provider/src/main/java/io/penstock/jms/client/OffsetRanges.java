package io.penstock.jms.client;

import java.util.Arrays;

/** Offsets in the order they were added, neighbours joined. One thread at a time. */
public final class OffsetRanges {
    private long[] bounds = new long[2];
    private int size;

    public void add(long offset) {
        if (size > 0 && bounds[2 * size - 1] + 1 == offset) {
            bounds[2 * size - 1] = offset;
            return;
        }
        if (bounds.length == 2 * size) {
            bounds = Arrays.copyOf(bounds, 4 * size);
        }
        bounds[2 * size] = offset;
        bounds[2 * size + 1] = offset;
        size++;
    }

    public int size() {
        return size;
    }

    public boolean isEmpty() {
        return size == 0;
    }

    public long first(int index) {
        return bounds[2 * index];
    }

    public long last(int index) {
        return bounds[2 * index + 1];
    }

    @Override
    public String toString() {
        StringBuilder text = new StringBuilder("[");
        for (int i = 0; i < size; i++) {
            text.append(i == 0 ? "" : " ").append(first(i)).append("..").append(last(i));
        }
        return text.append(']').toString();
    }
}
