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

    /** Who moves records elsewhere by a commit over several brokers; less the code of the reason. */
    private static final int MOVING = Integer.MAX_VALUE - 8;

    private static final int MOVING_LEAST = MOVING - 8;

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

    /** Holds records, in doubt or about to be, while a commit over several brokers moves them. */
    public static SessionKey moving(long producerId, MoveReason reason) {
        return new SessionKey(NO_CONNECTION | producerId, MOVING - reason.code());
    }

    boolean isSession() {
        return connection >= 0 || session < MOVING_LEAST;
    }

    /** Why these records are being moved; null when it does not stand for that. */
    MoveReason movingFor() {
        if (connection < 0 && session >= MOVING_LEAST && session < MOVING) {
            for (MoveReason reason : MoveReason.values()) {
                if (reason.code() == MOVING - session) {
                    return reason;
                }
            }
        }
        return null;
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
