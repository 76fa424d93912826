package io.penstock.storage.log;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/** The first pass of a replay: what the journal says last of each log. */
final class JournalFacts {
    private final Map<LogId, Facts> facts = new HashMap<>();
    private int number;

    /** A cut of a log, as the {@code number}th record of the journal. */
    record Truncation(int number, long segmentBase, int position) {}

    /** Of one log. */
    static final class Facts {
        /** Records with a lower number are void. */
        private int validFrom;

        long startOffset = -1;
        /** End of what was acknowledged through the journal; -1 when it says nothing. */
        long mustReach = -1;
        /** Lowest end that the log was cut to, which no older recovery point may be above. */
        long truncatedTo = Long.MAX_VALUE;
        /** End of what the journal holds for each segment. */
        private final Map<Long, Long> segmentEnds = new HashMap<>();

        private final List<Truncation> truncations = new ArrayList<>(0);
        private int lastNumber;
        /** Number of the deletion after which the log was made again; 0 when the journal knows of none. */
        private long deletion;

        /**
         * How many bytes of the {@code n}th record, at {@code position} of a segment, no later truncation has cut off;
         * 0 or less when all are.
         */
        int remainingBytes(int n, long segmentBase, int position, int bytes) {
            int remaining = bytes;
            for (Truncation truncation : truncations) {
                if (truncation.number > n && segmentBase > truncation.segmentBase) {
                    return 0;
                }
                if (truncation.number > n && segmentBase == truncation.segmentBase) {
                    remaining = Math.min(remaining, truncation.position - position);
                }
            }
            return remaining;
        }

        /** The truncation that the files may not have seen, as nothing follows it; null when there is none. */
        Truncation unfinished() {
            Truncation last = truncations.isEmpty() ? null : truncations.get(truncations.size() - 1);
            return last != null && last.number == lastNumber ? last : null;
        }

        long deletion() {
            return deletion;
        }

        /** True when all that the journal has of this segment lies before {@code offset}. */
        boolean endsBefore(long segmentBase, long offset) {
            return segmentEnds.getOrDefault(segmentBase, Long.MAX_VALUE) <= offset;
        }
    }

    void accept(JournalFormat.Entry entry) {
        if (entry.type() == JournalFormat.Type.VOID) {
            // Only counted, as the second pass counts it too.
            number++;
            return;
        }
        Facts log = facts.computeIfAbsent(entry.id(), id -> new Facts());
        switch (entry.type()) {
            case DATA -> {
                log.mustReach = entry.end();
                log.segmentEnds.put(entry.offset(), entry.end());
            }
            case TRUNCATE -> {
                log.truncations.add(new Truncation(number, entry.end(), entry.position()));
                log.mustReach = Math.min(log.mustReach, entry.offset());
                log.truncatedTo = Math.min(log.truncatedTo, entry.offset());
                log.segmentEnds.keySet().removeIf(base -> base > entry.end());
                log.segmentEnds.computeIfPresent(entry.end(), (base, end) -> Math.min(end, entry.offset()));
            }
            case START -> log.startOffset = Math.max(log.startOffset, entry.offset());
            case FORGET -> {
                Facts anew = new Facts();
                anew.validFrom = number + 1;
                anew.deletion = entry.offset();
                facts.put(entry.id(), anew);
            }
            case VOID -> throw new AssertionError("left out above");
        }
        log.lastNumber = number;
        number++;
    }

    /** Of a log; null when the journal does not name it. */
    Facts of(LogId id) {
        return facts.get(id);
    }

    /** The highest number of a deletion. */
    long deletions() {
        return facts.values().stream().mapToLong(Facts::deletion).max().orElse(0);
    }

    Map<LogId, Facts> all() {
        return facts;
    }

    /** True when the {@code n}th record of the journal was not made void by a later one. */
    boolean isValid(LogId id, int n) {
        return n >= facts.get(id).validFrom;
    }
}
