package io.penstock.samples.spring;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.micrometer.core.instrument.MeterRegistry;
import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import io.penstock.jms.PenstockConnectionFactory;
import io.penstock.samples.spring.boot.Invoicing;
import io.penstock.samples.spring.boot.OrdersApplication;
import jakarta.jms.JMSConsumer;
import jakarta.jms.JMSContext;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.messaginghub.pooled.jms.JmsPoolConnectionFactory;
import org.springframework.boot.builder.SpringApplicationBuilder;
import org.springframework.context.ConfigurableApplicationContext;
import org.springframework.context.annotation.AnnotationConfigApplicationContext;
import org.springframework.core.env.MapPropertySource;
import org.springframework.jms.core.JmsTemplate;

/** B7: each of Spring's ways to JMS against a broker. */
@Timeout(120)
class SpringSamplesIT {
    private static final int WAIT_MILLIS = 20_000;

    @TempDir
    static Path directory;

    private static SampleBroker broker;

    @BeforeAll
    static void start() throws Exception {
        System.setProperty("org.springframework.boot.logging.LoggingSystem", "none"); // The tests' logback.xml stays.
        broker = new SampleBroker(directory);
    }

    @AfterAll
    static void stop() throws Exception {
        broker.close();
    }

    /** Sorted; more than are expected if there are more. */
    private static List<String> received(String queue, int expected) {
        List<String> received = new ArrayList<>();
        try (JMSContext context = new PenstockConnectionFactory(broker.url()).createContext()) {
            JMSConsumer consumer = context.createConsumer(context.createQueue(queue));
            String next = consumer.receiveBody(String.class, WAIT_MILLIS);
            while (next != null) {
                received.add(next);
                next = consumer.receiveBody(String.class, received.size() < expected ? WAIT_MILLIS : 300);
            }
        }
        return received.stream().sorted().toList();
    }

    private static List<String> numbered(String text, int count) {
        return IntStream.range(0, count).mapToObj(i -> text + i).sorted().toList();
    }

    @Test
    void springBootNeedsOneBean() throws Exception {
        try (ConfigurableApplicationContext application = new SpringApplicationBuilder(OrdersApplication.class)
                .properties("penstock.url=" + broker.url(), "spring.main.banner-mode=off")
                .run()) {
            JmsTemplate jms = application.getBean(JmsTemplate.class);
            for (int i = 0; i < 40; i++) {
                jms.convertAndSend(Invoicing.ORDERS, "order " + i);
            }
            assertEquals(numbered("invoice for order ", 40), received(Invoicing.INVOICES, 40));

            MeterRegistry meters = application.getBean(MeterRegistry.class);
            // 40 orders, their invoices, and those of the four orders that came twice; a timer stops after the commit.
            assertEquals(
                    84,
                    meters.get("jms.message.publish").timers().stream()
                            .mapToLong(t -> t.count())
                            .sum());
            long deadline = System.nanoTime() + TimeUnit.SECONDS.toNanos(20);
            while (processed(meters) < 44 && System.nanoTime() < deadline) {
                TimeUnit.MILLISECONDS.sleep(10);
            }
            assertEquals(44, processed(meters));
        }
    }

    private static long processed(MeterRegistry meters) {
        return meters.get("jms.message.process").timers().stream()
                .mapToLong(timer -> timer.count())
                .sum();
    }

    @Test
    void jmsTransactionManagerDrivesListenersAndMethods() {
        try (AnnotationConfigApplicationContext application = new AnnotationConfigApplicationContext()) {
            application
                    .getEnvironment()
                    .getPropertySources()
                    .addFirst(new MapPropertySource("test", Map.of("penstock.url", broker.url())));
            application.register(ManagedTransactions.class);
            application.refresh();
            ManagedTransactions.Cashier cashier = application.getBean(ManagedTransactions.Cashier.class);

            assertThrows(IllegalArgumentException.class, () -> cashier.payAll("lost 1", "lost 2", ""));
            cashier.payAll("payment 0", "payment 1", "payment 2");

            assertEquals(
                    numbered("receipt for payment ", 3), received(ManagedTransactions.RECEIPTS, 3), "each given once");
        }
    }

    @Test
    void pooledConnectionsAreShared() {
        JmsPoolConnectionFactory pool = PooledSample.pool(new PenstockConnectionFactory(broker.url()));
        try {
            assertEquals(
                    IntStream.range(0, 50).mapToObj(i -> "message " + i).toList(),
                    PooledSample.sendAndReceive(pool, 50));
            assertTrue(pool.getNumConnections() <= 2);
        } finally {
            pool.stop();
        }
    }

    @Test
    void micrometersSessionsDoAllThatOursDo() throws Exception {
        MeterRegistry meters = new SimpleMeterRegistry();
        ObservedSample.run(broker.url(), 20, meters);
        assertEquals(
                40,
                meters.get("jms.message.publish").timers().stream()
                        .mapToLong(timer -> timer.count())
                        .sum());
        assertTrue(meters.get("jms.message.process").timers().size() > 0);
        try (JMSContext context = new PenstockConnectionFactory(broker.url()).createContext()) {
            assertNull(context.createConsumer(context.createQueue("observed-requests"))
                    .receiveNoWait());
        }
    }
}
