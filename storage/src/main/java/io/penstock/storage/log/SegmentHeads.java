package io.penstock.storage.log;

/**
 * How far back the pieces of the large messages reach whose heads lie in one segment. Two numbers for all of them: space is
 * freed by segments, so what is exact within one would free nothing more. May say less than is true after a truncation,
 * never more. Owner thread only, but before the log is open.
 */
final class SegmentHeads {
    private long last = -1;
    private long firstPiece = Long.MAX_VALUE;

    void add(long head, long itsFirstPiece) {
        last = Math.max(last, head);
        firstPiece = Math.min(firstPiece, itsFirstPiece);
    }

    void clear() {
        last = -1;
        firstPiece = Long.MAX_VALUE;
    }

    /** Offset of the last head, -1 without one. */
    long last() {
        return last;
    }

    /** The least offset of a piece, {@link Long#MAX_VALUE} without one. */
    long firstPiece() {
        return firstPiece;
    }

    /** The least offset that is needed for the heads from {@code offset} on. */
    long neededFrom(long offset) {
        return last >= offset ? Math.min(offset, firstPiece) : offset;
    }
}
