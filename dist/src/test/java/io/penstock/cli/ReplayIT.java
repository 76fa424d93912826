package io.penstock.cli;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.penstock.broker.Broker;
import io.penstock.broker.BrokerConfig;
import io.penstock.jms.PenstockConnectionFactory;
import jakarta.jms.JMSConsumer;
import jakarta.jms.JMSContext;
import jakarta.jms.JMSException;
import jakarta.jms.Message;
import jakarta.jms.Topic;
import java.net.ServerSocket;
import java.nio.file.Path;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Properties;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.admin.AlterConfigOp;
import org.apache.kafka.clients.admin.ConfigEntry;
import org.apache.kafka.common.config.ConfigResource;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** {@code penstock queue replay} and {@code penstock subscription replay}, as the applications see them. */
@Timeout(60)
class ReplayIT {
    private static final int WAIT = 10_000;

    @TempDir
    private Path directory;

    private Broker broker;
    private String address;

    @BeforeEach
    void start() throws Exception {
        try (ServerSocket free = new ServerSocket(0)) {
            address = "127.0.0.1:" + free.getLocalPort();
        }
        open();
    }

    private void open() throws Exception {
        Properties properties = new Properties();
        properties.put("listeners", "PLAINTEXT://" + address);
        properties.put("log.dirs", directory.toString());
        broker = Broker.start(BrokerConfig.parse(properties));
    }

    @AfterEach
    void stop() throws Exception {
        broker.close();
    }

    private static int run(String... args) {
        return Penstock.commandLine().execute(args);
    }

    private JMSContext context(String clientId) {
        JMSContext context = new PenstockConnectionFactory("penstock://" + address).createContext();
        if (clientId != null) {
            context.setClientID(clientId);
        }
        return context;
    }

    /** Settled messages are kept for an hour. */
    private void keep(String destination) throws Exception {
        try (Admin admin = Admin.create(Map.of("bootstrap.servers", address))) {
            admin.incrementalAlterConfigs(Map.of(
                            new ConfigResource(ConfigResource.Type.TOPIC, destination),
                            List.of(new AlterConfigOp(
                                    new ConfigEntry("penstock.retention.settled.ms", "3600000"),
                                    AlterConfigOp.OpType.SET))))
                    .all()
                    .get();
        }
    }

    private static List<String> receive(JMSConsumer consumer, int count, boolean replayed) throws JMSException {
        List<String> bodies = new ArrayList<>();
        for (int i = 0; i < count; i++) {
            Message message = consumer.receive(WAIT);
            assertNotNull(message, () -> "after " + bodies);
            assertEquals(replayed, message.propertyExists("JMS_Penstock_Replayed"));
            assertEquals(replayed, message.getBooleanProperty("JMS_Penstock_Replayed"));
            assertEquals(1, message.getIntProperty("JMSXDeliveryCount"));
            assertFalse(message.getJMSRedelivered());
            bodies.add(message.getBody(String.class));
        }
        assertNull(consumer.receive(200));
        return bodies;
    }

    @Test
    void aQueueIsRewoundByOffsetAndByTimeOverARestart() throws Exception {
        assertEquals(0, run("queue", "create", "orders", "-b", address, "--partitions", "2"));
        keep("orders");
        try (JMSContext context = context(null)) {
            for (int i = 0; i < 5; i++) {
                context.createProducer()
                        .setProperty("JMS_Penstock_Partition", 0)
                        .send(context.createQueue("orders"), "m" + i);
            }
            Thread.sleep(20); // The log tells times apart by milliseconds.
            Instant later = Instant.now();
            context.createProducer()
                    .setProperty("JMS_Penstock_Partition", 0)
                    .send(context.createQueue("orders"), "late");
            try (JMSConsumer consumer = context.createConsumer(context.createQueue("orders"))) {
                assertEquals(List.of("m0", "m1", "m2", "m3", "m4", "late"), receive(consumer, 6, false));
            }
            assertEquals(0, run("queue", "replay", "orders", "-b", address, "--partition", "0", "--from-offset", "3"));
            try (JMSConsumer consumer = context.createConsumer(context.createQueue("orders"))) {
                assertEquals(List.of("m3", "m4", "late"), receive(consumer, 3, true));
                assertEquals(0, run("queue", "replay", "orders", "-b", address, "--from-time", later.toString()));
                assertEquals(List.of("late"), receive(consumer, 1, true));
            }
        }
        assertEquals(0, run("queue", "replay", "orders", "-b", address, "--from-offset", "4"));
        broker.close();
        open();
        try (JMSContext context = context(null);
                JMSConsumer consumer = context.createConsumer(context.createQueue("orders"))) {
            assertEquals(List.of("m4", "late"), receive(consumer, 2, true));
        }
    }

    @Test
    void oneSubscriptionIsRewoundAndTheOthersAreNot() throws Exception {
        try (JMSContext context = context("c")) {
            Topic topic = context.createTopic("prices");
            JMSConsumer first = context.createDurableConsumer(topic, "first");
            JMSConsumer second = context.createDurableConsumer(topic, "second", "n > 1", false);
            keep("prices");
            for (int i = 0; i < 4; i++) {
                context.createProducer().setProperty("n", i).send(topic, "p" + i);
            }
            assertEquals(List.of("p0", "p1", "p2", "p3"), receive(first, 4, false));
            assertEquals(List.of("p2", "p3"), receive(second, 2, false));
            assertEquals(0, run("subscription", "replay", "c/second", "-b", address, "--from-offset", "0"));
            assertEquals(List.of("p2", "p3"), receive(second, 2, true));
            assertEquals(List.of(), receive(first, 0, true));
            assertEquals(0, run("subscription", "replay", "c/first", "-b", address, "--from-offset", "2"));
            Message sentOn;
            assertNotNull(sentOn = first.receive(WAIT));
            assertTrue(sentOn.getBooleanProperty("JMS_Penstock_Replayed"));
            // How it came to its receiver is not the business of the next one.
            context.createProducer().send(context.createQueue("next"), sentOn);
            assertEquals(List.of("p2"), receive(context.createConsumer(context.createQueue("next")), 1, false));
        }
    }

    private String retention(String queue) throws Exception {
        ConfigResource topic = new ConfigResource(ConfigResource.Type.TOPIC, queue);
        try (Admin admin = Admin.create(Map.of("bootstrap.servers", address))) {
            return admin.describeConfigs(List.of(topic))
                    .all()
                    .get()
                    .get(topic)
                    .get("retention.ms")
                    .value();
        }
    }

    /** Like one that JMS makes; what is asked for counts. */
    @Test
    void whatNobodyHasConsumedDoesNotGoByTime() throws Exception {
        assertEquals(0, run("queue", "create", "kept", "-b", address));
        assertEquals("-1", retention("kept"));
        assertEquals(0, run("queue", "create", "hour", "-b", address, "--config", "retention.ms=3600000"));
        assertEquals("3600000", retention("hour"));
    }

    @Test
    void whatCannotBeReplayedIsSaid() {
        assertEquals(0, run("queue", "create", "q", "-b", address));
        assertEquals(0, run("queue", "replay", "q", "-b", address, "--from-offset", "0"));
        assertEquals(2, run("queue", "replay", "q", "-b", address));
        assertEquals(2, run("queue", "replay", "q", "-b", address, "--from-time", "yesterday"));
        assertEquals(2, run("queue", "replay", "q", "-b", address, "--from-offset", "0", "--partition", "1"));
        assertEquals(2, run("subscription", "replay", "nobody", "-b", address, "--from-offset", "0"));
        assertEquals(1, run("queue", "replay", "missing", "-b", address, "--from-offset", "0"));
    }
}
