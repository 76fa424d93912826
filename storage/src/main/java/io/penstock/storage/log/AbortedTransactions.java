package io.penstock.storage.log;

import java.util.Arrays;

/**
 * The aborted transactions whose markers lie in one segment, in the order of the markers. Made from the markers alone,
 * which say all of it. One thread at a time.
 */
final class AbortedTransactions {
    /** A segment with so many is full, whatever its size is: 2 MiB in memory. */
    static final int MAX = 65_536;

    static final int ENTRY_BYTES = 4 * Long.BYTES;
    private static final long[] NONE = {};

    /** Producer, first offset, marker's offset, stable offset. */
    private long[] entries = NONE;

    private int count;

    int count() {
        return count;
    }

    long producerId(int i) {
        return entries[4 * i];
    }

    long firstOffset(int i) {
        return entries[4 * i + 1];
    }

    long markerOffset(int i) {
        return entries[4 * i + 2];
    }

    /** Nothing that began below was undecided behind the marker. */
    long stableOffset(int i) {
        return entries[4 * i + 3];
    }

    void add(long producerId, long firstOffset, long markerOffset, long stableOffset) {
        if (4 * count == entries.length) {
            entries = Arrays.copyOf(entries, Math.max(16, 2 * entries.length));
        }
        entries[4 * count] = producerId;
        entries[4 * count + 1] = firstOffset;
        entries[4 * count + 2] = markerOffset;
        entries[4 * count + 3] = stableOffset;
        count++;
    }

    /** Forgets those whose markers lie at or behind an offset. */
    void truncate(long offset) {
        while (count > 0 && markerOffset(count - 1) >= offset) {
            count--;
        }
    }

    /** Index of the first whose marker is not below an offset; {@link #count} when there is none. */
    int from(long offset) {
        int low = 0;
        int high = count;
        while (low < high) {
            int middle = (low + high) >>> 1;
            if (markerOffset(middle) < offset) {
                low = middle + 1;
            } else {
                high = middle;
            }
        }
        return low;
    }
}
