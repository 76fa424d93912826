package io.penstock.jms.session;

import io.penstock.jms.client.Acknowledger;
import jakarta.jms.JMSException;
import jakarta.jms.Message;

final class FakeMessages {
    static Message received(String body, int count, long expiration, boolean persistent, Acknowledger a)
            throws JMSException {
        throw new UnsupportedOperationException();
    }
}
