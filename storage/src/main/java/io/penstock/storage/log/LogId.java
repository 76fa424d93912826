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

    public static LogId records(UUID topicId, int partition) {
        return new LogId(topicId, partition, Kind.RECORDS);
    }

    public static LogId ledger(UUID topicId, int partition) {
        return new LogId(topicId, partition, Kind.LEDGER);
    }
}
