package io.penstock.jms.session;

import java.util.BitSet;
import java.util.HashMap;
import java.util.Map;

/**
 * What one look through a queue has shown, a bit for each message: a look that began anew with its connection shows
 * nothing twice, and shows messages by priority, not by offset. One application thread.
 */
final class ShownOffsets {
    private static final int CHUNK_BITS = 13;

    private record Chunk(int partition, long number) {}

    private final Map<Chunk, BitSet> chunks = new HashMap<>();

    /** False when it was shown before. */
    boolean add(int partition, long offset) {
        BitSet bits = chunks.computeIfAbsent(new Chunk(partition, offset >> CHUNK_BITS), made -> new BitSet());
        int bit = (int) (offset & (1 << CHUNK_BITS) - 1);
        if (bits.get(bit)) {
            return false;
        }
        bits.set(bit);
        return true;
    }
}
