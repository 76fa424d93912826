package io.penstock.broker.delivery;

/**
 * What orders the records of a partition besides their offsets: priorities, and who is not due yet. Bitmaps, so a backlog
 * costs some bits for each offset between the first and the last such record, and nothing without one; of due times the
 * nearest alone are in memory, see {@link DueTimes}. A function of the records' log, made by {@link OrderSurvey}, shared by
 * the partition's groups. Owner thread only.
 */
final class OrderIndex {

    static final int LEVELS = 10;
    /** The priority of a message that names none (Messaging 3.1 §3.4.10). */
    static final int DEFAULT_LEVEL = 4;

    /** By priority; empty for the default one. */
    private final OffsetSet[] levels = new OffsetSet[LEVELS];
    /** All those of another priority than the default one. */
    private final OffsetSet special = new OffsetSet();

    private final OffsetSet undue = new OffsetSet();
    private long end;
    private long keyedFrom = Long.MAX_VALUE;
    private long keyedEnd;

    /** @param level 0 to 9 */
    void prioritize(long offset, int level) {
        end = Math.max(end, offset + 1);
        if (level != DEFAULT_LEVEL) {
            if (levels[level] == null) {
                levels[level] = new OffsetSet();
            }
            levels[level].add(offset, offset);
            special.add(offset, offset);
        }
    }

    /** @return false when that was known */
    boolean postpone(long offset) {
        end = Math.max(end, offset + 1);
        long before = undue.count();
        undue.add(offset, offset);
        return undue.count() > before;
    }

    /** It may be delivered from now on; @return false when that was so before. */
    boolean due(long offset) {
        return undue.remove(offset, offset) > 0;
    }

    OffsetSet undue() {
        return undue;
    }

    /** A record of a message group. */
    void keyed(long offset) {
        end = Math.max(end, offset + 1);
        keyedFrom = Math.min(keyedFrom, offset);
        keyedEnd = Math.max(keyedEnd, offset + 1);
    }

    /** No record below has a key; {@link Long#MAX_VALUE} when none has. */
    long keyedFrom() {
        return keyedFrom;
    }

    /** No record at or above has one. */
    long keyedEnd() {
        return keyedEnd;
    }

    /** Nothing at or above this offset is ordered by anything but its offset. */
    long end() {
        return end;
    }

    /** Nobody needs what lies below {@code offset} any more. */
    void trim(long offset) {
        for (OffsetSet level : levels) {
            if (level != null) {
                level.remove(0, offset - 1);
            }
        }
        special.remove(0, offset - 1);
        undue.remove(0, offset - 1);
    }

    /** True while there is any record of this priority. */
    boolean has(int level) {
        return level == DEFAULT_LEVEL || levels[level] != null && !levels[level].isEmpty();
    }

    /** Of the 64 offsets around {@code offset} those that have this priority and are due. */
    private long word(int level, long offset) {
        long members = level == DEFAULT_LEVEL ? ~special.word(offset) : levels[level].word(offset);
        return members & ~undue.word(offset);
    }

    /** The first of {@code base} at or after {@code from} that has this priority and is due; {@link Long#MAX_VALUE}. */
    long next(OffsetSet base, int level, long from) {
        if (!has(level)) {
            return Long.MAX_VALUE;
        }
        OffsetSet members = level == DEFAULT_LEVEL ? special : levels[level];
        for (long offset = base.next(from); offset != Long.MAX_VALUE; ) {
            long found = inChunk(base.chunk(offset), members.chunk(offset), level, undue.chunk(offset), offset);
            if (found != Long.MAX_VALUE) {
                return found;
            }
            offset = base.next((offset | OffsetSet.CHUNK - 1) + 1);
        }
        return Long.MAX_VALUE;
    }

    /** The first at or after {@code from} in its chunk: a million that are not due are looked through in microseconds. */
    private static long inChunk(long[] base, long[] members, int level, long[] late, long from) {
        boolean wanted = level != DEFAULT_LEVEL;
        if (late != null && late.length == 0
                || members == null && wanted
                || members != null && members.length == 0 && !wanted) {
            return Long.MAX_VALUE;
        }
        long mask = -1L << from;
        for (int word = (int) (from & OffsetSet.CHUNK - 1) / Long.SIZE; word < OffsetSet.WORDS; word++) {
            long bits = base.length == 0 ? mask : base[word] & mask;
            if (members != null && members.length > 0) {
                bits &= wanted ? members[word] : ~members[word];
            }
            if (late != null) {
                bits &= ~late[word];
            }
            if (bits != 0) {
                return (from & -OffsetSet.CHUNK) + (long) word * Long.SIZE + Long.numberOfTrailingZeros(bits);
            }
            mask = -1;
        }
        return Long.MAX_VALUE;
    }

    /** The last offset of a run of such, or one before it when the run is long. */
    long runEnd(OffsetSet base, int level, long member) {
        long stop = member | OffsetSet.CHUNK - 1;
        for (long offset = member; offset <= stop; offset = wordEnd(offset) + 1) {
            long gaps = ~(base.word(offset) & word(level, offset)) & -1L << offset;
            if (gaps != 0) {
                return wordStart(offset) + Long.numberOfTrailingZeros(gaps) - 1;
            }
        }
        return stop;
    }

    /** The first in a range that has this priority and is due; {@link Long#MAX_VALUE}. */
    long next(int level, long from, long last) {
        if (has(level)) {
            long stop = level == DEFAULT_LEVEL ? last : Math.min(last, end);
            for (long offset = from; offset <= stop; offset = wordEnd(offset) + 1) {
                long bits = word(level, offset) & -1L << offset;
                if (bits != 0) {
                    long found = wordStart(offset) + Long.numberOfTrailingZeros(bits);
                    return found <= last ? found : Long.MAX_VALUE;
                }
            }
        }
        return Long.MAX_VALUE;
    }

    /** The last offset, not above {@code last}, of a run of such, or one before it when the run is long. */
    long runEnd(int level, long member, long last) {
        long stop = Math.min(last, member | OffsetSet.CHUNK - 1);
        for (long offset = member; offset <= stop; offset = wordEnd(offset) + 1) {
            long gaps = ~word(level, offset) & -1L << offset;
            if (gaps != 0) {
                return Math.min(last, wordStart(offset) + Long.numberOfTrailingZeros(gaps) - 1);
            }
        }
        return stop;
    }

    private static long wordStart(long offset) {
        return offset & -Long.SIZE;
    }

    private static long wordEnd(long offset) {
        return offset | Long.SIZE - 1;
    }
}
