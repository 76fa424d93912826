package io.penstock.jms.client;

/** A destination that an engine has found. Valid for its connection. */
public interface Target {
    String name();

    DestinationKind kind();

    /** False when the destination turned out to be gone; then it must be looked for again. */
    boolean isValid();
}
