package io.penstock.samples;

import io.penstock.jms.PenstockConnectionFactory;
import jakarta.jms.ConnectionFactory;
import jakarta.jms.JMSConsumer;
import jakarta.jms.JMSContext;
import jakarta.jms.Message;
import jakarta.jms.Queue;

/** Point to point: orders go into a queue, a worker takes each one once, in a transaction. */
public final class QueueSample {
    private QueueSample() {}

    public static void main(String[] args) throws Exception {
        String url = args.length > 0 ? args[0] : "penstock://127.0.0.1:9092";
        System.out.println(run(url) + " orders were worked off");
    }

    static int run(String url) throws Exception {
        ConnectionFactory factory = new PenstockConnectionFactory(url);
        try (JMSContext context = factory.createContext()) {
            Queue orders = context.createQueue("sample-orders");
            for (int number = 1; number <= 10; number++) {
                context.createProducer()
                        .setProperty("customer", "c-" + number % 3)
                        .send(orders, "order " + number);
            }
        }
        int workedOff = 0;
        try (JMSContext context = factory.createContext(JMSContext.SESSION_TRANSACTED)) {
            JMSConsumer worker = context.createConsumer(context.createQueue("sample-orders"));
            for (Message order = worker.receive(5000); order != null; order = worker.receive(500)) {
                System.out.println(order.getBody(String.class) + " of " + order.getStringProperty("customer"));
                // The order is gone from the queue once this returns; before, a crash gives it to another worker.
                context.commit();
                workedOff++;
            }
        }
        return workedOff;
    }
}
