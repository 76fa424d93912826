package io.penstock.broker.simulation;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;

/** What must hold of Kafka's transactions: all or nothing, as their clients were told, and no other record is seen. */
final class TransactionModel {
    private final SimulatedCluster cluster;
    private final Map<Long, Transaction> byRecord = new HashMap<>();
    private final List<Transaction> all = new ArrayList<>();
    long committed;
    long aborted;
    long unknown;

    TransactionModel(SimulatedCluster cluster) {
        this.cluster = cluster;
    }

    enum Fate {
        ONGOING,
        /** The client has asked for the commit, and was told nothing. */
        COMMITTING,
        COMMITTED,
        ABORTED
    }

    /** One, with the records that its client was told are written. */
    final class Transaction {
        private final String name;
        private final Map<Long, Place> records = new LinkedHashMap<>();
        private final Set<Long> seen = new HashSet<>();
        private Fate fate = Fate.ONGOING;

        private Transaction(String name) {
            this.name = name;
        }

        /** A record is sent. */
        void sends(long id) {
            byRecord.put(id, this);
        }

        /** The client was told that it is written. */
        void wrote(long id, Place place) {
            records.put(id, place);
        }

        void committing() {
            fate = Fate.COMMITTING;
        }

        void committed() {
            fate = Fate.COMMITTED;
            committed++;
        }

        /** Its client, or the client after it, knows that it was given up without a wish to commit. */
        void abortedOrUnknown() {
            if (fate == Fate.COMMITTING) {
                unknown++;
            } else if (fate == Fate.ONGOING) {
                fate = Fate.ABORTED;
                aborted++;
            }
        }
    }

    Transaction begin(String name) {
        Transaction begun = new Transaction(name);
        all.add(begun);
        return begun;
    }

    /** A reader of committed records got it. */
    void seen(long id, Place place, long offset) {
        Transaction of = byRecord.get(id);
        if (of == null) {
            throw cluster.wrong("15: " + place + " offset " + offset + " has record " + id + ", which nobody sent");
        }
        if (of.fate == Fate.ONGOING || of.fate == Fate.ABORTED) {
            throw cluster.wrong(
                    "15: " + place + " offset " + offset + " is read as committed, and " + of.name + " is " + of.fate);
        }
        of.seen.add(id);
    }

    /** At the end, when readers have read everything. */
    void finish() {
        for (Transaction each : all) {
            Set<Long> missing = new HashSet<>(each.records.keySet());
            missing.removeAll(each.seen);
            if (each.fate == Fate.COMMITTED && !missing.isEmpty()) {
                throw cluster.wrong("15: " + each.name + " was committed, and " + missing + " of " + each.records
                        + " are not read");
            }
            if (!each.seen.isEmpty() && !missing.isEmpty()) {
                throw cluster.wrong("15: of " + each.name + " are read " + each.seen + ", and not " + missing);
            }
        }
    }
}
