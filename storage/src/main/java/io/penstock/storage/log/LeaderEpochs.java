package io.penstock.storage.log;

import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.OptionalInt;

/**
 * Where each leader's epoch begins in the log (KIP-101, KIP-279). Owner thread only; rebuilt from the batches.
 */
final class LeaderEpochs {
    private final List<Start> starts = new ArrayList<>(1);

    /** First offset of an epoch. */
    record Start(int epoch, long offset) {}

    List<Start> starts() {
        return starts;
    }

    OptionalInt latest() {
        return starts.isEmpty() ? OptionalInt.empty() : OptionalInt.of(last().epoch);
    }

    private Start last() {
        return starts.get(starts.size() - 1);
    }

    /** Notes that records of {@code epoch} begin at {@code offset}; older epochs and repeats change nothing. */
    void assign(int epoch, long offset) {
        if (epoch < 0 || (!starts.isEmpty() && epoch <= last().epoch)) {
            return;
        }
        // An epoch without records leaves no trace.
        while (!starts.isEmpty() && last().offset >= offset) {
            starts.remove(starts.size() - 1);
        }
        starts.add(new Start(epoch, offset));
    }

    /** Those that begin, or go on, between two offsets; for the first that goes on, the lower of them. */
    List<Start> between(long fromOffset, long toOffset) {
        List<Start> found = new ArrayList<>(1);
        for (int i = 0; i < starts.size(); i++) {
            Start start = starts.get(i);
            boolean endsBefore = i + 1 < starts.size() && starts.get(i + 1).offset <= fromOffset;
            if (!endsBefore && start.offset < toOffset) {
                found.add(new Start(start.epoch, Math.max(start.offset, fromOffset)));
            }
        }
        return found;
    }

    OptionalInt epochAt(long offset, long endOffset) {
        if (offset >= endOffset) {
            return OptionalInt.empty();
        }
        for (int i = starts.size() - 1; i >= 0; i--) {
            if (starts.get(i).offset <= offset) {
                return OptionalInt.of(starts.get(i).epoch);
            }
        }
        return OptionalInt.empty();
    }

    /** KIP-101, KIP-279: the largest epoch not above {@code epoch}, and the first offset of the next one. */
    Optional<PartitionLog.EpochEnd> endOf(int epoch, long endOffset) {
        if (starts.isEmpty() || epoch < 0) {
            return Optional.empty();
        }
        for (int i = starts.size() - 1; i >= 0; i--) {
            if (starts.get(i).epoch <= epoch) {
                long end = i + 1 < starts.size() ? starts.get(i + 1).offset : endOffset;
                return Optional.of(new PartitionLog.EpochEnd(starts.get(i).epoch, end));
            }
        }
        // All known epochs are newer: whatever the asker has of this one ends before the first of them.
        return Optional.of(new PartitionLog.EpochEnd(epoch, starts.get(0).offset));
    }

    void truncateFromEnd(long endOffset) {
        while (!starts.isEmpty() && last().offset >= endOffset) {
            starts.remove(starts.size() - 1);
        }
    }

    /** Keeps the epoch that {@code startOffset} is in, as beginning there. */
    void truncateFromStart(long startOffset) {
        while (starts.size() > 1 && starts.get(1).offset <= startOffset) {
            starts.remove(0);
        }
        if (!starts.isEmpty() && starts.get(0).offset < startOffset) {
            starts.set(0, new Start(starts.get(0).epoch, startOffset));
        }
    }
}
