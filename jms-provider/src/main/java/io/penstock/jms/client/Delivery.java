package io.penstock.jms.client;

import io.penstock.jms.message.Acknowledger;
import jakarta.jms.JMSException;
import jakarta.jms.Message;

/** One message that was pushed. It keeps what came, so that each hand-out begins with the original (rule 25). */
public interface Delivery {
    int partition();

    long offset();

    /** The count it was pushed with: 1 for the first delivery. */
    int deliveryCount();

    /**
     * A hand-out that fails, and with which it was delivered so often, sends it back to the broker; negative: each one that
     * fails does.
     */
    default int attemptsMax() {
        return Integer.MAX_VALUE;
    }

    /** JMSExpiration: milliseconds since 1970, 0 for never. */
    long expiration();

    /** False for NON_PERSISTENT. */
    boolean persistent();

    /** A new message of the record. */
    Message message(int deliveryCount, Acknowledger acknowledger) throws JMSException;
}
