package io.penstock.jms.session;

import jakarta.jms.JMSException;
import jakarta.jms.MessageConsumer;

/** A consumer that can do what a JMSConsumer can: receive a body alone. */
public interface BodyReceiver extends MessageConsumer {

    /**
     * Receives a body (rule 5).
     *
     * @param timeoutNanos negative: for ever; 0: what is available
     * @return null when there is no message
     * @throws jakarta.jms.MessageFormatException if the body is of another type; AUTO and DUPS_OK hand the message out again
     */
    <T> T receiveBody(Class<T> type, long timeoutNanos) throws JMSException;
}
