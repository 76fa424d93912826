package io.penstock.broker.delivery;

import io.penstock.protocol.message.CommitTerm;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * What sessions of a group have in doubt for commits over several brokers, by commit: part of the group's state, told by
 * the ledger. What is in doubt for a commit of this broker alone is not here; it does not outlive the process.
 */
final class Doubts {

    /** A commit, as the ledger names it. */
    record Key(SessionKey session, long sequence) {}

    /** One commit's part of the group. */
    static final class Doubt {
        final Key key;
        final OffsetRanges ranges;
        /** The latest term of the home for which the commit was prepared. */
        CommitTerm term;

        Doubt(Key key, CommitTerm term, OffsetRanges ranges) {
            this.key = key;
            this.term = term;
            this.ranges = ranges;
        }
    }

    private Map<Key, Doubt> doubts = Map.of();

    boolean isEmpty() {
        return doubts.isEmpty();
    }

    Doubt find(SessionKey session, long sequence) {
        return doubts.get(new Key(session, sequence));
    }

    void add(Doubt doubt) {
        if (doubts.isEmpty()) {
            doubts = new LinkedHashMap<>();
        }
        doubts.put(doubt.key, doubt);
    }

    Doubt remove(SessionKey session, long sequence) {
        return doubts.isEmpty() ? null : doubts.remove(new Key(session, sequence));
    }

    List<Doubt> all() {
        return new ArrayList<>(doubts.values());
    }

    boolean any(SessionKey session) {
        for (Key key : doubts.keySet()) {
            if (key.session().equals(session)) {
                return true;
            }
        }
        return false;
    }
}
