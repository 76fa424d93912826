package io.penstock.arquillian;

import io.penstock.jms.PenstockConnectionFactory;
import jakarta.jms.JMSContext;
import jakarta.jms.JMSException;
import jakarta.jms.Message;
import java.util.ArrayList;
import java.util.List;

/** The tests' own client of the broker, outside of the server. */
final class Jms implements AutoCloseable {
    private final JMSContext context;

    Jms(ChildBroker broker) {
        context = new PenstockConnectionFactory(broker.url()).createContext();
    }

    void send(String queue, String... texts) {
        for (String text : texts) {
            context.createProducer().send(context.createQueue(queue), text);
        }
    }

    void sendWith(String queue, String property, String value, String text) {
        context.createProducer().setProperty(property, value).send(context.createQueue(queue), text);
    }

    void publish(String topic, String... texts) {
        for (String text : texts) {
            context.createProducer().send(context.createTopic(topic), text);
        }
    }

    /** The next text of the queue, which must come. */
    String receive(String queue) {
        return textOf(receiveMessage(queue));
    }

    Message receiveMessage(String queue) {
        try (var consumer = context.createConsumer(context.createQueue(queue))) {
            Message message = consumer.receive(120_000);
            if (message == null) {
                throw new AssertionError("nothing comes from " + queue);
            }
            return message;
        }
    }

    /** What lies in the queue and could be had. */
    List<String> browse(String queue) {
        try (var browser = context.createBrowser(context.createQueue(queue))) {
            List<String> texts = new ArrayList<>();
            var messages = browser.getEnumeration();
            while (messages.hasMoreElements()) {
                texts.add(textOf((Message) messages.nextElement()));
            }
            return texts;
        } catch (JMSException e) {
            throw new AssertionError(e);
        }
    }

    private static String textOf(Message message) {
        try {
            return message.getBody(String.class);
        } catch (JMSException e) {
            throw new AssertionError(e);
        }
    }

    @Override
    public void close() {
        context.close();
    }
}
