package io.penstock.jms.client;

import java.util.Map;
import java.util.TreeMap;

/** Offsets of several partitions. One thread at a time. */
public final class OffsetsByPartition {
    private final Map<Integer, OffsetRanges> ranges = new TreeMap<>();

    public void add(int partition, long offset) {
        ranges.computeIfAbsent(partition, p -> new OffsetRanges()).add(offset);
    }

    public boolean isEmpty() {
        return ranges.isEmpty();
    }

    public Map<Integer, OffsetRanges> ranges() {
        return ranges;
    }

    @Override
    public String toString() {
        return ranges.toString();
    }
}
