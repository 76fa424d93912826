package io.penstock.broker.delivery;

/**
 * Names the holder of acquired records: one JMS session of one connection. It goes into the ledger, so it must be
 * unique over restarts of the broker.
 *
 * @param connection identity behind the connection's token, never given twice
 * @param session number that the client gave the session, unique in its connection
 */
public record SessionKey(long connection, int session) {
    /** No connection has this bit: what such a holder has is parked, in a Kafka producer's undecided transaction. */
    private static final long PARKED = Long.MIN_VALUE;

    private static final int PARKED_SESSION = Integer.MAX_VALUE;

    static SessionKey parkedFor(long producerId) {
        return new SessionKey(PARKED | producerId, PARKED_SESSION);
    }

    boolean parked() {
        return connection < 0 && session == PARKED_SESSION;
    }

    long producerId() {
        return connection & ~PARKED;
    }
}
