/**
 * The JMS front: handlers of the private api keys (docs/private-protocol.md), the registry of JMS connections, their
 * sessions and consumers. A connection's sessions and consumers belong to the event loop on which it was opened; a
 * partition is touched on its own owner only. What other brokers lead is reached by relays ({@code Relays}, and
 * {@code RelayHandlers} on the other side). Must not import kafka-clients, Netty or ZooKeeper.
 */
package io.penstock.broker.request.jms;
