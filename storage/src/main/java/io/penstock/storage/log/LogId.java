package io.penstock.storage.log;

import java.util.UUID;

/**
 * Names one log: a partition has two, its records and its ledger. Directories are named by id, never by a client's
 * text.
 */
public record LogId(UUID topicId, int partition, Kind kind) {

    /** Which of the two logs of a partition. */
    public enum Kind {
        RECORDS,
        LEDGER
    }

    /** The same in every run, unlike an enum's own: the order of a simulation hangs on it. */
    @Override
    public int hashCode() {
        return (topicId.hashCode() * 31 + partition) * 31 + kind.ordinal();
    }

    public static LogId records(UUID topicId, int partition) {
        return new LogId(topicId, partition, Kind.RECORDS);
    }

    public static LogId ledger(UUID topicId, int partition) {
        return new LogId(topicId, partition, Kind.LEDGER);
    }
}
