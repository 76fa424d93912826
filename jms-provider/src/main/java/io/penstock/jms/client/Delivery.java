package io.penstock.jms.client;

import jakarta.jms.JMSException;
import jakarta.jms.Message;

/** One message that was pushed. It keeps what came, so that each hand-out begins with the original (rule 25). */
public interface Delivery {
    int partition();

    long offset();

    /** The count it was pushed with: 1 for the first delivery. */
    int deliveryCount();

    /** A new message of the record. */
    Message message(int deliveryCount, Acknowledger acknowledger) throws JMSException;
}
