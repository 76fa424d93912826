package io.penstock.broker.metadata;

/**
 * A live broker.
 *
 * @param epoch of its registration; grows with each start
 */
public record BrokerImage(int id, long epoch, String host, int port, String rack) {}
