package io.penstock.jms.client;

/** A name is a queue or a topic, never both. */
public enum DestinationKind {
    QUEUE,
    TOPIC
}
