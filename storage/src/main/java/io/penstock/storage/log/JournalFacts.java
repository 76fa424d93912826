package io.penstock.storage.log;

import java.util.HashMap;
import java.util.Map;

/** The first pass of a replay: what the journal says last of each log. */
final class JournalFacts {
    private final Map<LogId, Facts> facts = new HashMap<>();
    private int number;

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

        /** True when the log has left all of this segment behind. */
        boolean isPast(long segmentBase) {
            return segmentEnds.getOrDefault(segmentBase, Long.MAX_VALUE) <= startOffset;
        }
    }

    void accept(JournalFormat.Entry entry) {
        Facts log = facts.computeIfAbsent(entry.id(), id -> new Facts());
        switch (entry.type()) {
            case DATA -> {
                log.mustReach = entry.end();
                log.segmentEnds.put(entry.offset(), entry.end());
            }
            case TRUNCATE -> {
                log.mustReach = Math.min(log.mustReach, entry.offset());
                log.truncatedTo = Math.min(log.truncatedTo, entry.offset());
                log.segmentEnds.keySet().removeIf(base -> base > entry.end());
                log.segmentEnds.computeIfPresent(entry.end(), (base, end) -> Math.min(end, entry.offset()));
            }
            case START -> log.startOffset = Math.max(log.startOffset, entry.offset());
            case FORGET -> {
                Facts anew = new Facts();
                anew.validFrom = number + 1;
                facts.put(entry.id(), anew);
            }
        }
        number++;
    }

    /** Of a log; null when the journal does not name it. */
    Facts of(LogId id) {
        return facts.get(id);
    }

    Map<LogId, Facts> all() {
        return facts;
    }

    /** True when the {@code n}th record of the journal was not made void by a later one. */
    boolean isValid(LogId id, int n) {
        return n >= facts.get(id).validFrom;
    }
}
