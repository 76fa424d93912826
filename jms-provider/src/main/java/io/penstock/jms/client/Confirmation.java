package io.penstock.jms.client;

/** What a settlement waits for. */
public enum Confirmation {
    /** Nothing: sent soon. */
    SENT_SOON,
    /** The call returns when the socket has it. */
    ON_SOCKET,
    /** The future completes when it is committed. */
    COMMITTED
}
