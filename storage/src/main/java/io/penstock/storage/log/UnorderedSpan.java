package io.penstock.storage.log;

/**
 * Between which offsets of a segment there are batches whose writer does not vouch that they are delivered in the log's
 * order: everything else need not be looked at before it is delivered. Kept with the segment's other facts, and wide
 * where it is not known.
 */
final class UnorderedSpan {
    /** {@link Long#MAX_VALUE} for none. */
    private long first = Long.MAX_VALUE;

    private long end;

    long first() {
        return first;
    }

    long end() {
        return end;
    }

    void add(long baseOffset, long nextOffset) {
        first = Math.min(first, baseOffset);
        end = Math.max(end, nextOffset);
    }

    void set(long newFirst, long newEnd) {
        first = newFirst;
        end = newEnd;
    }

    /** Nothing lies at or above {@code offset} any more. */
    void truncate(long offset) {
        if (first >= offset) {
            clear();
        } else {
            end = Math.min(end, offset);
        }
    }

    void clear() {
        first = Long.MAX_VALUE;
        end = 0;
    }

    /** The first offset at or after {@code offset} inside of the span, {@link Long#MAX_VALUE} for none. */
    long next(long offset) {
        return offset >= end ? Long.MAX_VALUE : Math.max(first, offset);
    }
}
