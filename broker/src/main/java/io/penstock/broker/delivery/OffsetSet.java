package io.penstock.broker.delivery;

import java.util.Arrays;

/**
 * A set of offsets as bitmaps of 8192 offsets each: a bitmap that is full or empty costs a reference, so a backlog without
 * holes is nearly free, and one with holes costs a bit for each offset between its ends. Owner thread only.
 */
final class OffsetSet {
    static final int CHUNK_BITS = 13;
    static final int CHUNK = 1 << CHUNK_BITS;
    static final int WORDS = CHUNK / Long.SIZE;

    private static final long[] FULL = {};
    private static final long[][] NO_CHUNKS = {};
    private static final int[] NO_COUNTS = {};
    /** A run is told in pieces of at most so many chunks, so that no look at it is long. */
    private static final int RUN_CHUNKS_MAX = 8;

    private long[][] chunks = NO_CHUNKS;
    private int[] counts = NO_COUNTS;
    /** Number of the chunk at {@code head}. */
    private long firstChunk;

    private int head;
    private int end;
    private long count;

    boolean isEmpty() {
        return count == 0;
    }

    long count() {
        return count;
    }

    /** Bitmaps that are kept, for tests and measurements. */
    int bitmaps() {
        int bitmaps = 0;
        for (int at = head; at < end; at++) {
            bitmaps += chunks[at] != null && chunks[at] != FULL ? 1 : 0;
        }
        return bitmaps;
    }

    boolean contains(long offset) {
        long chunk = (offset >> CHUNK_BITS) - firstChunk;
        if (chunk < 0 || chunk >= end - head) {
            return false;
        }
        long[] words = chunks[head + (int) chunk];
        return words == FULL || words != null && (words[index(offset)] & 1L << offset) != 0;
    }

    void add(long first, long last) {
        for (long from = first; from <= last; ) {
            long to = Math.min(last, from | CHUNK - 1);
            change(place(from >> CHUNK_BITS), from, to, true);
            from = to + 1;
        }
    }

    /** @return how many were there */
    long remove(long first, long last) {
        long before = count;
        long low = Math.max(first, firstChunk << CHUNK_BITS);
        long high = Math.min(last, (firstChunk + end - head << CHUNK_BITS) - 1);
        for (long from = low; from <= high; ) {
            long to = Math.min(high, from | CHUNK - 1);
            int at = head + (int) ((from >> CHUNK_BITS) - firstChunk);
            if (chunks[at] != null) {
                change(at, from, to, false);
            }
            from = to + 1;
        }
        trim();
        return before - count;
    }

    private static int index(long offset) {
        return (int) (offset & CHUNK - 1) / Long.SIZE;
    }

    private void change(int at, long from, long to, boolean add) {
        int all = (int) (to - from + 1);
        if (all == CHUNK) {
            count += (add ? CHUNK : 0) - counts[at];
            counts[at] = add ? CHUNK : 0;
            chunks[at] = add ? FULL : null;
            return;
        }
        long[] words = chunks[at];
        if (words == FULL) {
            if (add) {
                return;
            }
            words = new long[WORDS];
            Arrays.fill(words, -1);
        } else if (words == null) {
            words = new long[WORDS];
        }
        int changed = 0;
        for (int word = index(from); word <= index(to); word++) {
            long mask = -1;
            if (word == index(from)) {
                mask &= -1L << from;
            }
            if (word == index(to)) {
                mask &= -1L >>> ~to;
            }
            long before = words[word];
            words[word] = add ? before | mask : before & ~mask;
            changed += Long.bitCount(words[word]) - Long.bitCount(before);
        }
        counts[at] += changed;
        count += changed;
        chunks[at] = counts[at] == CHUNK ? FULL : counts[at] == 0 ? null : words;
    }

    /** Index of a chunk, made room for. */
    private int place(long chunk) {
        if (head == end) {
            head = 0;
            end = 0;
            firstChunk = chunk;
        }
        long before = Math.max(0, firstChunk - chunk);
        long size = Math.max(end - head + before, chunk - Math.min(firstChunk, chunk) + 1);
        if (before > head || head - before + size > chunks.length) {
            int capacity = Math.toIntExact(Math.max(4, size + size / 2));
            long[][] grown = new long[capacity][];
            int[] grownCounts = new int[capacity];
            System.arraycopy(chunks, head, grown, (int) before, end - head);
            System.arraycopy(counts, head, grownCounts, (int) before, end - head);
            chunks = grown;
            counts = grownCounts;
            head = 0;
        } else {
            head -= (int) before;
        }
        firstChunk -= before;
        end = head + (int) size;
        return head + (int) (chunk - firstChunk);
    }

    /** Gives up empty chunks at both ends. */
    private void trim() {
        while (head < end && chunks[head] == null) {
            head++;
            firstChunk++;
        }
        while (head < end && chunks[end - 1] == null) {
            end--;
        }
        if (head == end) {
            chunks = NO_CHUNKS;
            counts = NO_COUNTS;
            head = 0;
            end = 0;
        }
    }

    /** The first member at or above {@code offset}, {@link Long#MAX_VALUE} when there is none. */
    long next(long offset) {
        long from = Math.max(offset, firstChunk << CHUNK_BITS);
        for (long chunk = (from >> CHUNK_BITS) - firstChunk; chunk < end - head; chunk++) {
            long[] words = chunks[head + (int) chunk];
            if (words == FULL) {
                return from;
            }
            if (words != null) {
                for (int word = index(from); word < WORDS; word++) {
                    long bits = words[word] & -1L << from;
                    if (bits != 0) {
                        return (from & -Long.SIZE) + Long.numberOfTrailingZeros(bits);
                    }
                    from = (from & -Long.SIZE) + Long.SIZE;
                }
            } else {
                from = (from | CHUNK - 1) + 1;
            }
        }
        return Long.MAX_VALUE;
    }

    /** The bitmap of the chunk that {@code offset} is in: null for none of it, an empty one for all. Not to be changed. */
    long[] chunk(long offset) {
        long chunk = (offset >> CHUNK_BITS) - firstChunk;
        return chunk < 0 || chunk >= end - head ? null : chunks[head + (int) chunk];
    }

    /** The members among the 64 offsets around {@code offset}, bit 0 the first of them. */
    long word(long offset) {
        long chunk = (offset >> CHUNK_BITS) - firstChunk;
        if (chunk < 0 || chunk >= end - head) {
            return 0;
        }
        long[] words = chunks[head + (int) chunk];
        return words == null ? 0 : words == FULL ? -1 : words[index(offset)];
    }

    /** The last offset of the run of members that {@code member} is in, or one before it when the run is long. */
    long runEnd(long member) {
        long from = member;
        long stop = Math.min(firstChunk + end - head, (member >> CHUNK_BITS) + RUN_CHUNKS_MAX) << CHUNK_BITS;
        while (from < stop) {
            long[] words = chunks[head + (int) ((from >> CHUNK_BITS) - firstChunk)];
            if (words == FULL) {
                from = (from | CHUNK - 1) + 1;
            } else if (words == null) {
                return from - 1;
            } else {
                long gaps = ~words[index(from)] & -1L << from;
                if (gaps != 0) {
                    return (from & -Long.SIZE) + Long.numberOfTrailingZeros(gaps) - 1;
                }
                from = (from & -Long.SIZE) + Long.SIZE;
            }
        }
        return stop - 1;
    }

    /** Adds the members between two offsets to {@code ranges}, at most so many ranges. */
    OffsetRanges ranges(long first, long last, int rangesMax) {
        OffsetRanges ranges = new OffsetRanges();
        for (long from = next(first); from <= last && ranges.size() < rangesMax; ) {
            long to = Math.min(last, runEnd(from));
            ranges.add(from, to);
            from = next(to + 1);
        }
        return ranges;
    }

    /**
     * <pre>
     * parts count | (chunk - the one after the part before | full chunks in a row, 0 for a bitmap | bitmap 128 x (8)) ...
     * </pre>
     */
    void writeTo(EntryBuffer out) {
        int parts = 0;
        for (int at = head; at < end; at++) {
            parts += chunks[at] == null || chunks[at] == FULL && at > head && chunks[at - 1] == FULL ? 0 : 1;
        }
        out.putNumber(parts);
        long after = 0;
        for (int at = head; at < end; ) {
            if (chunks[at] == null) {
                at++;
                continue;
            }
            long chunk = firstChunk + at - head;
            int full = 0;
            while (at + full < end && chunks[at + full] == FULL) {
                full++;
            }
            out.putNumber(chunk - after).putNumber(full);
            if (full == 0) {
                for (long word : chunks[at]) {
                    out.putLong(word);
                }
            }
            at += Math.max(1, full);
            after = firstChunk + at - head;
        }
    }

    /** @param limit every member is below */
    static OffsetSet read(EntryBuffer in, long limit) throws LedgerCorruptException {
        OffsetSet set = new OffsetSet();
        int parts = in.readSize(2);
        long chunk = 0;
        long chunksMax = (limit >> CHUNK_BITS) + 1;
        for (int part = 0; part < parts; part++) {
            long delta = in.readNumber();
            long full = in.readNumber();
            if (delta < 0 || full < 0 || delta > chunksMax || full > chunksMax || chunk + delta + full > chunksMax) {
                throw new LedgerCorruptException("chunk " + chunk + " + " + delta + " of an offset set", null);
            }
            chunk += delta;
            if (full > 0) {
                set.add(chunk << CHUNK_BITS, (chunk + full << CHUNK_BITS) - 1);
                chunk += full;
            } else {
                for (int word = 0; word < WORDS; word++) {
                    long bits = in.readLong();
                    long base = (chunk << CHUNK_BITS) + (long) word * Long.SIZE;
                    set.addWord(base, bits);
                }
                chunk++;
            }
        }
        if (set.next(limit) != Long.MAX_VALUE) {
            throw new LedgerCorruptException("an offset set goes beyond " + limit, null);
        }
        return set;
    }

    private void addWord(long base, long bits) {
        for (long rest = bits; rest != 0; ) {
            int from = Long.numberOfTrailingZeros(rest);
            int run = Long.numberOfTrailingZeros(~(rest >>> from));
            add(base + from, base + from + run - 1);
            rest = from + run >= Long.SIZE ? 0 : rest & -1L << from + run;
        }
    }

    @Override
    public String toString() {
        return count + " in " + ranges(0, Long.MAX_VALUE - 1, 10);
    }
}
