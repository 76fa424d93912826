package io.penstock.broker.delivery;

/**
 * Names the holder of acquired records: one JMS session of one connection. It goes into the ledger, so it must be
 * unique over restarts of the broker.
 *
 * @param connection identity behind the connection's token, never given twice
 * @param session number that the client gave the session, unique in its connection
 */
public record SessionKey(long connection, int session) {}
