package io.penstock.jms.session;

import static io.penstock.jms.session.JmsExceptions.unchecked;

import jakarta.jms.JMSConsumer;
import jakarta.jms.Message;
import jakarta.jms.MessageListener;

/** A consumer of a context. Used as the consumer that it is made of. */
public final class ContextConsumer implements JMSConsumer {
    private final BodyReceiver consumer;

    public ContextConsumer(BodyReceiver consumer) {
        this.consumer = consumer;
    }

    @Override
    public String getMessageSelector() {
        return unchecked(consumer::getMessageSelector);
    }

    @Override
    public MessageListener getMessageListener() {
        return unchecked(consumer::getMessageListener);
    }

    @Override
    public void setMessageListener(MessageListener listener) {
        unchecked(() -> consumer.setMessageListener(listener));
    }

    @Override
    public Message receive() {
        return unchecked(() -> consumer.receive());
    }

    @Override
    public Message receive(long timeoutMillis) {
        return unchecked(() -> consumer.receive(timeoutMillis));
    }

    @Override
    public Message receiveNoWait() {
        return unchecked(consumer::receiveNoWait);
    }

    @Override
    public void close() {
        unchecked(consumer::close);
    }

    @Override
    public <T> T receiveBody(Class<T> type) {
        return unchecked(() -> consumer.receiveBody(type, -1));
    }

    @Override
    public <T> T receiveBody(Class<T> type, long timeoutMillis) {
        return unchecked(() -> consumer.receiveBody(type, timeoutMillis == 0 ? -1 : SessionCore.nanos(timeoutMillis)));
    }

    @Override
    public <T> T receiveBodyNoWait(Class<T> type) {
        return unchecked(() -> consumer.receiveBody(type, 0));
    }
}
