package io.penstock.storage.log;

import java.util.Arrays;

/**
 * The sparse index of one segment, by offset, by position and by time: for some batches the offset and position where
 * they begin, and the largest timestamp before them. It starts with an entry for each batch and thins out as it
 * grows, so that its size has a limit whatever the segment's size is. One thread at a time.
 */
final class SegmentIndex {
    static final int ENTRIES_MAX = 4096;
    private static final int ENTRIES_FIRST = 4;

    private int[] offsets = new int[ENTRIES_FIRST];
    private int[] positions = new int[ENTRIES_FIRST];
    private long[] timestamps = new long[ENTRIES_FIRST];
    private int count;
    private int intervalBytes;

    int count() {
        return count;
    }

    int offsetDelta(int i) {
        return offsets[i];
    }

    int position(int i) {
        return positions[i];
    }

    /** Largest timestamp of the batches before entry {@code i}; -1 for the first. */
    long timestampBefore(int i) {
        return timestamps[i];
    }

    /** Adds a batch when it is far enough from the last entry. */
    void add(int offsetDelta, int position, long timestampBefore) {
        if (count > 0 && position - positions[count - 1] < intervalBytes) {
            return;
        }
        if (count == ENTRIES_MAX) {
            thinOut();
        }
        append(offsetDelta, position, timestampBefore);
    }

    /** Adds an entry as it is, when a side file is read. */
    void append(int offsetDelta, int position, long timestampBefore) {
        if (count == offsets.length) {
            int length = Math.min(ENTRIES_MAX, count * 2);
            offsets = Arrays.copyOf(offsets, length);
            positions = Arrays.copyOf(positions, length);
            timestamps = Arrays.copyOf(timestamps, length);
        }
        offsets[count] = offsetDelta;
        positions[count] = position;
        timestamps[count] = timestampBefore;
        count++;
    }

    /** After entries were read: goes on at their density. */
    void setIntervalFromEntries() {
        intervalBytes = count > ENTRIES_MAX / 2 ? positions[count - 1] / count : 0;
    }

    /** Index of the last entry at or before an offset; -1 when there is none. */
    int entryAtOrBefore(long offsetDelta) {
        return floor(offsets, (int) Math.min(Integer.MAX_VALUE, offsetDelta));
    }

    private void thinOut() {
        // Dropping every second entry keeps the rest true: a timestamp covers all batches before its entry.
        int kept = 0;
        for (int i = 0; i < count; i += 2, kept++) {
            offsets[kept] = offsets[i];
            positions[kept] = positions[i];
            timestamps[kept] = timestamps[i];
        }
        count = kept;
        intervalBytes = Math.max(positions[count - 1] / count, intervalBytes);
    }

    /** Position of the last entry at or before an offset; 0 when there is none. */
    int floorByOffset(int offsetDelta) {
        return positionOf(floor(offsets, offsetDelta));
    }

    /** Position of the last entry at or before a position; 0 when there is none. */
    int floorByPosition(int position) {
        return positionOf(floor(positions, position));
    }

    private int positionOf(int i) {
        return i < 0 ? 0 : positions[i];
    }

    private int floor(int[] keys, int key) {
        int found = Arrays.binarySearch(keys, 0, count, key);
        return found >= 0 ? found : -found - 2;
    }

    /** Position from where on the first batch with this timestamp or a later one is found. */
    int floorByTimestamp(long timestampMillis) {
        int low = 0;
        int high = count - 1;
        int found = 0;
        while (low <= high) {
            int middle = (low + high) >>> 1;
            if (timestamps[middle] < timestampMillis) {
                found = positions[middle];
                low = middle + 1;
            } else {
                high = middle - 1;
            }
        }
        return found;
    }

    /** Forgets all entries at or behind a position. */
    void truncate(int position) {
        while (count > 0 && positions[count - 1] >= position) {
            count--;
        }
    }
}
