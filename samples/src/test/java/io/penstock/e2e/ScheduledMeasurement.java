package io.penstock.e2e;

import static org.junit.jupiter.api.Assertions.assertEquals;

import io.penstock.broker.Broker;
import io.penstock.broker.BrokerConfig;
import io.penstock.jms.PenstockConnectionFactory;
import jakarta.jms.JMSConsumer;
import jakarta.jms.JMSContext;
import jakarta.jms.JMSException;
import jakarta.jms.JMSProducer;
import jakarta.jms.Queue;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.Properties;
import java.util.Random;
import java.util.concurrent.ConcurrentLinkedQueue;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/**
 * A million scheduled messages: what memory they take, how long a restart with them is, how exact they come. Run by hand,
 * as it takes minutes: {@code mvn -pl samples -am test -Dtest=ScheduledMeasurement
 * -Dsurefire.failIfNoSpecifiedTests=false}. Broker and clients share the process.
 */
class ScheduledMeasurement {
    private static final int MESSAGES = Integer.getInteger("penstock.messages", 1_000_000);
    private static final int FIRST_MILLIS = 120_000;
    private static final int SPREAD_MILLIS = 600_000;
    private static final int LISTEN_MILLIS = 30_000;

    private static Broker start(Path directory) throws Exception {
        Properties properties = new Properties();
        properties.put("listeners", "PLAINTEXT://127.0.0.1:0");
        properties.put("log.dirs", directory.toString());
        return Broker.start(BrokerConfig.parse(properties));
    }

    private static PenstockConnectionFactory factory(Broker broker) {
        return new PenstockConnectionFactory("penstock://127.0.0.1:" + broker.port());
    }

    private static long heapMegabytes() {
        for (int i = 0; i < 3; i++) {
            System.gc();
        }
        Runtime runtime = Runtime.getRuntime();
        return runtime.totalMemory() - runtime.freeMemory() >> 20;
    }

    @Test
    @Timeout(1800)
    void aMillion(@TempDir Path directory) throws Exception {
        Broker broker = start(directory);
        long heapBefore = heapMegabytes();
        long began = System.currentTimeMillis();
        Random random = new Random(1);
        try (JMSContext context = factory(broker).createContext(JMSContext.SESSION_TRANSACTED)) {
            Queue queue = context.createQueue("scheduled");
            JMSProducer producer = context.createProducer();
            String body = "x".repeat(200);
            for (int i = 1; i <= MESSAGES; i++) {
                long due = began + FIRST_MILLIS + random.nextInt(SPREAD_MILLIS);
                producer.setDeliveryDelay(Math.max(0, due - System.currentTimeMillis()))
                        .send(queue, body);
                if (i % 1_000 == 0) {
                    context.commit();
                }
            }
            context.commit();
        }
        System.out.println(MESSAGES + " scheduled in " + (System.currentTimeMillis() - began) + " ms; heap "
                + heapBefore + " MB before, " + heapMegabytes() + " MB after");
        broker.close();
        long restart = System.nanoTime();
        broker = start(directory);
        long started = System.nanoTime();
        try (JMSContext context = factory(broker).createContext()) {
            Queue queue = context.createQueue("scheduled");
            JMSConsumer consumer = context.createConsumer(queue);
            context.createProducer().send(queue, "now");
            assertEquals("now", consumer.receiveBody(String.class, 60_000));
            System.out.println("restart: serving after " + (started - restart) / 1_000_000
                    + " ms, a new message is delivered after " + (System.nanoTime() - restart) / 1_000_000
                    + " ms; heap " + heapMegabytes() + " MB");
            ConcurrentLinkedQueue<Long> late = new ConcurrentLinkedQueue<>();
            consumer.setMessageListener(message -> {
                try {
                    late.add(System.currentTimeMillis() - message.getJMSDeliveryTime());
                } catch (JMSException e) {
                    throw new AssertionError(e);
                }
            });
            long until = Math.max(began + FIRST_MILLIS, System.currentTimeMillis()) + LISTEN_MILLIS;
            while (System.currentTimeMillis() < until) {
                Thread.sleep(100);
            }
            long[] sorted = late.stream().mapToLong(Long::longValue).sorted().toArray();
            System.out.println(sorted.length + " delivered; late by ms: least " + sorted[0] + ", median "
                    + sorted[sorted.length / 2] + ", 99 % " + sorted[(int) (sorted.length * 0.99)] + ", 99.9 % "
                    + sorted[(int) (sorted.length * 0.999)] + ", most " + sorted[sorted.length - 1] + "; over 50 ms: "
                    + Arrays.stream(sorted).filter(each -> each > 50).count() + "; heap " + heapMegabytes() + " MB");
        } finally {
            broker.close();
        }
    }
}
