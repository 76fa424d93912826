package io.penstock.broker.delivery;

/**
 * Names the holder of acquired records: one JMS session of one connection. It goes into the ledger, so it must be
 * unique over restarts of the broker.
 *
 * @param connection identity behind the connection's token, never given twice
 * @param session number that the client gave the session, unique in its connection
 */
public record SessionKey(long connection, int session) {
    /** No connection has this bit: such a holder is no session, and its number says what it stands for. */
    private static final long NO_CONNECTION = Long.MIN_VALUE;

    /** A Kafka producer's undecided transaction, where records are parked. */
    private static final int PARKED = Integer.MAX_VALUE;

    /** A due time, before which records are not delivered again. */
    private static final int DELAYED = Integer.MAX_VALUE - 1;

    /** A reason for which records go elsewhere. */
    private static final int LEAVING = Integer.MAX_VALUE - 2;

    /** Not a holder: who commits moves. */
    private static final int MOVER = Integer.MAX_VALUE - 3;

    static SessionKey parkedFor(long producerId) {
        return new SessionKey(NO_CONNECTION | producerId, PARKED);
    }

    static SessionKey delayedUntil(long dueMillis) {
        return new SessionKey(NO_CONNECTION | dueMillis, DELAYED);
    }

    static SessionKey leaving(MoveReason reason) {
        return new SessionKey(NO_CONNECTION | reason.code(), LEAVING);
    }

    /** In whose name moves are committed, together with a sequence. */
    public static SessionKey mover(long producerId) {
        return new SessionKey(NO_CONNECTION | producerId, MOVER);
    }

    boolean isSession() {
        return connection >= 0 || session < MOVER;
    }

    boolean parked() {
        return connection < 0 && session == PARKED;
    }

    boolean delayed() {
        return connection < 0 && session == DELAYED;
    }

    /** Of one that is parked. */
    long producerId() {
        return connection & ~NO_CONNECTION;
    }

    /** Of one that is delayed. */
    long dueMillis() {
        return connection & ~NO_CONNECTION;
    }
}
