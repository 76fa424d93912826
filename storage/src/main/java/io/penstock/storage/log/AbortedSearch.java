package io.penstock.storage.log;

import io.penstock.storage.log.PartitionLog.AbortedTransaction;
import java.io.IOException;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;

/**
 * Looks for aborted transactions behind an offset: from its segment on, until a marker says that nothing that began so
 * early was undecided behind it. Segments without any are passed over without being read. Owner thread only.
 */
record AbortedSearch(Segments segments) {

    private interface Visitor {
        /** @return false to look no further */
        boolean entry(AbortedTransactions found, int i);
    }

    boolean isAborted(long producerId, long offset) throws IOException {
        boolean[] aborted = new boolean[1];
        visit(offset, offset + 1, (found, i) -> {
            aborted[0] = found.producerId(i) == producerId && found.firstOffset(i) <= offset;
            return !aborted[0];
        });
        return aborted[0];
    }

    List<AbortedTransaction> between(long offset, long end) throws IOException {
        List<AbortedTransaction> all = new ArrayList<>(0);
        visit(offset, end, (found, i) -> {
            if (found.firstOffset(i) < end) {
                all.add(new AbortedTransaction(found.producerId(i), found.firstOffset(i)));
            }
            return true;
        });
        all.sort(Comparator.comparingLong(AbortedTransaction::firstOffset));
        return all;
    }

    /** Visits those with markers at or behind {@code offset}, up to the one behind which all below {@code end} is decided. */
    private void visit(long offset, long end, Visitor visitor) throws IOException {
        for (Segment segment : segments.all()) {
            if (segment.abortedCount == 0 || segment.nextOffset <= offset) {
                continue;
            }
            AbortedTransactions found = segments.aborted(segment);
            for (int i = found.from(offset); i < found.count(); i++) {
                if (!visitor.entry(found, i) || found.stableOffset(i) >= end) {
                    return;
                }
            }
        }
    }
}
