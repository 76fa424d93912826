package io.penstock.broker.transaction.peers;

import io.penstock.broker.transaction.kafka.MarkerPort.Outcome;

/** Outcomes of markers as they travel between brokers. */
public final class MarkerOutcomes {
    private static final int COMMITTED = 0;
    private static final int GONE = 1;
    private static final int FAILED = 2;
    private static final int FENCED = 3;

    private MarkerOutcomes() {}

    public static int number(Outcome outcome) {
        return switch (outcome) {
            case COMMITTED -> COMMITTED;
            case GONE -> GONE;
            case FAILED -> FAILED;
            case FENCED -> FENCED;
        };
    }

    /** What another version of the broker may mean is tried again. */
    static Outcome of(int number) {
        return switch (number) {
            case COMMITTED -> Outcome.COMMITTED;
            case GONE -> Outcome.GONE;
            case FENCED -> Outcome.FENCED;
            default -> Outcome.FAILED;
        };
    }
}
