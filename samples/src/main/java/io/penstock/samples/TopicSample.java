package io.penstock.samples;

import io.penstock.jms.PenstockConnectionFactory;
import jakarta.jms.ConnectionFactory;
import jakarta.jms.JMSConsumer;
import jakarta.jms.JMSContext;
import jakarta.jms.Topic;
import java.util.ArrayList;
import java.util.List;

/** Publish and subscribe: a durable subscription gets what was published while its subscriber was away. */
public final class TopicSample {
    private TopicSample() {}

    public static void main(String[] args) {
        String url = args.length > 0 ? args[0] : "penstock://127.0.0.1:9092";
        System.out.println("the desk got " + run(url));
    }

    static List<String> run(String url) {
        ConnectionFactory factory = new PenstockConnectionFactory(url);
        subscribe(factory, new ArrayList<>(), 0);
        try (JMSContext context = factory.createContext()) {
            Topic prices = context.createTopic("sample-prices");
            context.createProducer().send(prices, "ACME 12.50").send(prices, "ACME 12.75");
        }
        List<String> received = new ArrayList<>();
        subscribe(factory, received, 2);
        return received;
    }

    /** Opens the subscription named "desk" of client "sample-desk", receives {@code count} messages, and leaves. */
    private static void subscribe(ConnectionFactory factory, List<String> received, int count) {
        try (JMSContext context = factory.createContext()) {
            context.setClientID("sample-desk");
            JMSConsumer desk = context.createDurableConsumer(context.createTopic("sample-prices"), "desk");
            for (int i = 0; i < count; i++) {
                received.add(desk.receiveBody(String.class, 5000));
            }
        }
    }
}
