package io.penstock.broker.transaction.kafka;

/**
 * Where a transactional id stands.
 *
 * <pre>
 * EMPTY ----------> ONGOING --------> PREPARE_COMMIT ---> COMPLETE_COMMIT --.
 *   ^  \               ^  \ '-------> PREPARE_ABORT ----> COMPLETE_ABORT --. |
 *   |   '--------------)---)---------------^ (version 2)                   | |
 *   |                  '---)-----------------------------------------------'-'
 *   '--- InitProducerId, from EMPTY and both COMPLETE states
 * </pre>
 *
 * What is prepared is decided: it is never taken back, and is complete when the marker is committed everywhere. The
 * numbers are those in the log; the names are Kafka's for tools.
 */
public enum TransactionPhase {
    EMPTY(0, "Empty"),
    ONGOING(1, "Ongoing"),
    PREPARE_COMMIT(2, "PrepareCommit"),
    PREPARE_ABORT(3, "PrepareAbort"),
    COMPLETE_COMMIT(4, "CompleteCommit"),
    COMPLETE_ABORT(5, "CompleteAbort");

    private final int number;
    private final String displayName;

    TransactionPhase(int number, String displayName) {
        this.number = number;
        this.displayName = displayName;
    }

    int number() {
        return number;
    }

    public String displayName() {
        return displayName;
    }

    boolean prepared() {
        return this == PREPARE_COMMIT || this == PREPARE_ABORT;
    }

    static TransactionPhase of(int number) {
        for (TransactionPhase phase : values()) {
            if (phase.number == number) {
                return phase;
            }
        }
        throw new IllegalArgumentException("no phase has number " + number);
    }
}
