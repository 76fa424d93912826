package io.penstock.samples;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.penstock.broker.Broker;
import io.penstock.broker.BrokerConfig;
import io.penstock.broker.zookeeper.EmbeddedZooKeeper;
import io.penstock.e2e.SettingsClient;
import io.penstock.jms.PenstockConnectionFactory;
import io.penstock.jms.PenstockXAConnectionFactory;
import jakarta.jms.Connection;
import jakarta.jms.Destination;
import jakarta.jms.InvalidClientIDException;
import jakarta.jms.JMSException;
import jakarta.jms.Message;
import jakarta.jms.MessageConsumer;
import jakarta.jms.MessageProducer;
import jakarta.jms.Queue;
import jakarta.jms.Session;
import jakarta.jms.TextMessage;
import jakarta.jms.Topic;
import jakarta.jms.TransactionRolledBackException;
import jakarta.jms.XAConnection;
import jakarta.jms.XASession;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Properties;
import java.util.Set;
import java.util.TreeMap;
import java.util.concurrent.Callable;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import javax.transaction.xa.XAResource;
import javax.transaction.xa.Xid;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.admin.NewTopic;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** JMS on three brokers: queues whose partitions are led by all of them, and brokers that go one after another. */
@Timeout(240)
class ClusterJmsIT {
    private static final int PARTITIONS = 6;

    @TempDir
    Path directory;

    private EmbeddedZooKeeper zookeeper;
    private final Map<Integer, Integer> ports = new HashMap<>();
    private final TreeMap<Integer, Broker> brokers = new TreeMap<>();
    private Admin admin;

    @BeforeEach
    void start() throws Exception {
        zookeeper = EmbeddedZooKeeper.start(directory.resolve("zookeeper"), 0, false);
        for (int id = 1; id <= 3; id++) {
            startBroker(id);
        }
        admin = Admin.create(
                Map.of("bootstrap.servers", hosts(), "request.timeout.ms", 5_000, "default.api.timeout.ms", 20_000));
        await("three brokers", () -> admin.describeCluster().nodes().get().size() == 3);
    }

    @AfterEach
    void stop() throws Exception {
        if (admin != null) {
            admin.close(Duration.ofSeconds(1));
        }
        brokers.values().forEach(Broker::close);
        zookeeper.close();
    }

    private void startBroker(int id) throws Exception {
        Properties properties = new Properties();
        properties.put("broker.id", Integer.toString(id));
        properties.put("listeners", "PLAINTEXT://127.0.0.1:" + ports.getOrDefault(id, 0));
        properties.put("log.dirs", directory.resolve("broker-" + id).toString());
        properties.put("zookeeper.connect", zookeeper.connectString());
        properties.put("zookeeper.session.timeout.ms", "3000");
        properties.put("default.replication.factor", "3");
        properties.put("min.insync.replicas", "2");
        // A stop is to look like a death: nothing is handed over.
        properties.put("controlled.shutdown.enable", "false");
        Broker broker = Broker.start(BrokerConfig.parse(properties));
        brokers.put(id, broker);
        ports.put(id, broker.port());
    }

    private String hosts() {
        return String.join(
                ",", ports.values().stream().map(port -> "127.0.0.1:" + port).toList());
    }

    /** A client of one broker, that knows the others too. */
    private Connection connect(int first) throws JMSException {
        return new PenstockConnectionFactory(url(first)).createConnection();
    }

    private String url(int first) {
        List<String> hosts = new ArrayList<>();
        for (int i = 0; i < 3; i++) {
            hosts.add("127.0.0.1:" + ports.get((first + i - 1) % 3 + 1));
        }
        return "penstock://" + String.join(",", hosts);
    }

    private void queue(String name) throws Exception {
        destination(name, "queue");
    }

    private void destination(String name, String kind) throws Exception {
        admin.createTopics(List.of(new NewTopic(name, PARTITIONS, (short) 3).configs(Map.of("penstock.kind", kind))))
                .all()
                .get(20, TimeUnit.SECONDS);
        await("leaders of " + name, () -> leaders(name).size() == 3);
    }

    private Set<Integer> leaders(String name) throws Exception {
        Set<Integer> leaders = new HashSet<>();
        admin.describeTopics(List.of(name))
                .allTopicNames()
                .get(20, TimeUnit.SECONDS)
                .get(name)
                .partitions()
                .forEach(each ->
                        leaders.add(each.leader() == null ? -1 : each.leader().id()));
        return leaders;
    }

    private boolean allInSync(String name) throws Exception {
        return admin
                .describeTopics(List.of(name))
                .allTopicNames()
                .get(20, TimeUnit.SECONDS)
                .get(name)
                .partitions()
                .stream()
                .allMatch(each -> each.isr().size() == 3 && each.leader() != null);
    }

    private static void await(String what, Callable<Boolean> condition) throws Exception {
        long end = System.nanoTime() + TimeUnit.SECONDS.toNanos(60);
        Exception last = null;
        while (System.nanoTime() < end) {
            try {
                if (condition.call()) {
                    return;
                }
            } catch (Exception e) {
                last = e;
            }
            Thread.sleep(50);
        }
        throw new AssertionError("no " + what + " within 60 s", last);
    }

    private static void send(Session session, Destination queue, int from, int count) throws JMSException {
        MessageProducer producer = session.createProducer(queue);
        for (int i = from; i < from + count; i++) {
            TextMessage message = session.createTextMessage("order" + i);
            message.setIntProperty("JMS_Penstock_Partition", i % PARTITIONS);
            message.setIntProperty("number", i);
            producer.send(message);
        }
    }

    private static List<String> drain(Session session, Queue queue, int count) throws JMSException {
        List<String> texts = new ArrayList<>();
        try (MessageConsumer consumer = session.createConsumer(queue)) {
            for (Message message = consumer.receive(20_000); message != null; ) {
                texts.add(((TextMessage) message).getText());
                message = consumer.receive(texts.size() < count ? 20_000 : 1_000);
            }
        }
        return texts;
    }

    @Test
    void aClientOfOneBrokerUsesPartitionsOfAll() throws Exception {
        queue("orders");
        queue("moved");
        try (Connection connection = connect(1);
                Connection other = connect(2)) {
            connection.start();
            other.start();
            Session sender = connection.createSession(false, Session.AUTO_ACKNOWLEDGE);
            Queue orders = sender.createQueue("orders");
            Queue moved = sender.createQueue("moved");
            send(sender, orders, 0, 60);

            Session transacted = other.createSession(true, Session.SESSION_TRANSACTED);
            MessageConsumer consumer = transacted.createConsumer(orders);
            MessageProducer producer = transacted.createProducer(moved);
            Map<Integer, Integer> last = new HashMap<>();
            for (int i = 0; i < 10; i++) {
                TextMessage message = (TextMessage) consumer.receive(20_000);
                int order = Integer.parseInt(message.getText().substring(5));
                Integer before = last.put(order % PARTITIONS, order);
                assertTrue(before == null || before < order, "order within a partition, rule 7");
                TextMessage copy = transacted.createTextMessage(message.getText());
                copy.setIntProperty("JMS_Penstock_Partition", (order + 1) % PARTITIONS);
                producer.send(copy);
                transacted.commit();
            }
            // What is rolled back is there again, on whichever broker.
            Message undone = consumer.receive(20_000);
            producer.send(transacted.createTextMessage("never"));
            transacted.rollback();
            assertTrue(undone != null);
            consumer.close();
            transacted.close();
        }
        try (Connection connection = connect(3)) {
            connection.start();
            Session session = connection.createSession(false, Session.AUTO_ACKNOWLEDGE);
            List<String> all = drain(session, session.createQueue("moved"), 10);
            assertEquals(10, all.size());
            all.addAll(drain(session, session.createQueue("orders"), 50));
            assertEquals(60, all.size());
            assertEquals(60, new HashSet<>(all).size());
        }
    }

    /** JMS-RULES 8 to 15: a subscription of one client id, by one broker and then by another. */
    @Test
    void durableSubscriptionsAreTheClustersNotABrokers() throws Exception {
        destination("news", "topic");
        try (Connection publisher = connect(2)) {
            Session publishing = publisher.createSession(false, Session.AUTO_ACKNOWLEDGE);
            Topic news = publishing.createTopic("news");
            try (Connection reader = connect(1)) {
                reader.setClientID("reader");
                reader.start();
                Session session = reader.createSession(false, Session.AUTO_ACKNOWLEDGE);
                MessageConsumer all = session.createDurableConsumer(news, "all");
                MessageConsumer shared = session.createSharedDurableConsumer(news, "shared");
                MessageConsumer few = session.createDurableConsumer(news, "few", "number < 3", false);
                send(publishing, news, 0, 30);
                assertEquals(30, receive(all, 30).size());
                assertEquals(30, receive(shared, 30).size());
                assertEquals(3, receive(few, 3).size());
            }
            send(publishing, news, 30, 30);
            try (Connection reader = connect(3)) {
                reader.setClientID("reader");
                reader.start();
                Session session = reader.createSession(false, Session.AUTO_ACKNOWLEDGE);
                try (MessageConsumer all = session.createDurableConsumer(news, "all")) {
                    assertThrows(
                            JMSException.class,
                            () -> session.createDurableConsumer(news, "all"),
                            "one consumer, rule 8");
                    assertEquals(30, receive(all, 30).size());
                }
                session.unsubscribe("all");
                List<String> two = new ArrayList<>();
                MessageConsumer first = session.createSharedDurableConsumer(news, "shared");
                Session other = reader.createSession(false, Session.AUTO_ACKNOWLEDGE);
                MessageConsumer second = other.createSharedDurableConsumer(news, "shared");
                for (int i = 0; i < 100 && two.size() < 30; i++) {
                    for (MessageConsumer consumer : List.of(first, second)) {
                        Message message = consumer.receive(100);
                        if (message != null) {
                            two.add(((TextMessage) message).getText());
                        }
                    }
                }
                assertEquals(30, new HashSet<>(two).size());
                assertEquals(30, two.size());
                first.close();
                second.close();
                session.unsubscribe("shared");
                assertThrows(JMSException.class, () -> session.unsubscribe("all"));
            }
        }
    }

    /** Invariant 21: branches of all brokers' partitions, over the death of each, by the next one. */
    @Test
    void invariant21PreparedBranchesOutliveEachBrokerAndAreEndedByAny() throws Exception {
        queue("xa.in");
        queue("xa.out");
        int count = 2 * PARTITIONS;
        Map<String, String> movedBy = new HashMap<>();
        try (XAConnection connection = connectXa(1)) {
            connection.start();
            XASession session = connection.createXASession();
            XAResource resource = session.getXAResource();
            Queue in = session.createQueue("xa.in");
            MessageProducer producer = session.createProducer(session.createQueue("xa.out"));
            send(session, in, 0, count);
            MessageConsumer consumer = session.createConsumer(in);
            for (int i = 0; i < count; i++) {
                Xid xid = new NumberedXid(i);
                resource.start(xid, XAResource.TMNOFLAGS);
                TextMessage order = (TextMessage) consumer.receive(20_000);
                TextMessage copy = session.createTextMessage(order.getText());
                copy.setIntProperty("JMS_Penstock_Partition", (order.getIntProperty("number") + 1) % PARTITIONS);
                producer.send(copy);
                resource.end(xid, XAResource.TMSUCCESS);
                assertEquals(XAResource.XA_OK, resource.prepare(xid));
                movedBy.put(Integer.toString(i), order.getText());
            }
        }
        Set<String> moved = new HashSet<>();
        int left = count;
        for (int id = 1; id <= 3; id++) {
            brokers.remove(id).close();
            try (XAConnection connection = connectXa(id % 3 + 1)) {
                XAResource resource = connection.createXASession().getXAResource();
                Xid[] prepared = resource.recover(XAResource.TMSTARTRSCAN | XAResource.TMENDRSCAN);
                assertEquals(left, prepared.length);
                for (int i = 0; i < count / 3; i++) {
                    int number = prepared[i].getBranchQualifier()[0];
                    if (number % 2 == 0) {
                        resource.commit(prepared[i], false);
                        moved.add(movedBy.get(Integer.toString(number)));
                    } else {
                        resource.rollback(prepared[i]);
                    }
                    left--;
                }
            }
            startBroker(id);
            await("all in sync", () -> allInSync("xa.in") && allInSync("xa.out"));
        }
        try (Connection connection = connect(2)) {
            connection.start();
            Session session = connection.createSession(false, Session.AUTO_ACKNOWLEDGE);
            List<String> out = drain(session, session.createQueue("xa.out"), moved.size());
            assertEquals(moved.size(), out.size());
            assertEquals(moved, new HashSet<>(out));
            List<String> back = drain(session, session.createQueue("xa.in"), count - moved.size());
            assertEquals(count - moved.size(), back.size());
            assertTrue(back.stream().noneMatch(moved::contains), back + " and " + moved);
        }
    }

    private XAConnection connectXa(int first) throws JMSException {
        return new PenstockXAConnectionFactory(url(first)).createXAConnection();
    }

    /** As a transaction manager's. */
    private record NumberedXid(int number) implements Xid {
        @Override
        public int getFormatId() {
            return 5;
        }

        @Override
        public byte[] getGlobalTransactionId() {
            return new byte[] {1, 2, 3};
        }

        @Override
        public byte[] getBranchQualifier() {
            return new byte[] {(byte) number};
        }
    }

    private static List<String> receive(MessageConsumer consumer, int count) throws JMSException {
        List<String> texts = new ArrayList<>();
        while (texts.size() < count) {
            TextMessage message = (TextMessage) consumer.receive(20_000);
            assertTrue(message != null, texts.size() + " of " + count + " came");
            texts.add(message.getText());
        }
        return texts;
    }

    /** JMS-RULES 13: anywhere in the cluster, and over the death of the broker that it was given at. */
    @Test
    void aClientIdIsUsedByOneConnectionOfTheCluster() throws Exception {
        queue("of.second");
        try (Connection first = connect(1);
                Connection second = connect(2)) {
            first.setClientID("one/and.only");
            assertThrows(InvalidClientIDException.class, () -> second.setClientID("one/and.only"));
            first.close();
            second.setClientID("one/and.only");
            try (Connection third = connect(3)) {
                assertThrows(InvalidClientIDException.class, () -> third.setClientID("one/and.only"));
                // The client of the broker that dies goes on elsewhere under its name, and nobody else gets it.
                brokers.remove(2).close();
                Session session = second.createSession(false, Session.AUTO_ACKNOWLEDGE);
                session.createProducer(session.createQueue("of.second")).send(session.createTextMessage("alive"));
                assertThrows(InvalidClientIDException.class, () -> third.setClientID("one/and.only"));
                second.close();
                third.setClientID("one/and.only");
            }
        }
    }

    /** Dead letters of all partitions, whoever leads those of the dead-letter queue; each once, also over a death. */
    @Test
    void deadLettersGoToPartitionsOfOtherBrokers() throws Exception {
        queue("failing");
        queue("failing.DLQ");
        SettingsClient.set(ports.get(1), "failing", "max-delivery-attempts=1", "dead-letter-address=failing.DLQ");
        int count = 30 * PARTITIONS;
        try (Connection connection = connect(1)) {
            connection.start();
            Session session = connection.createSession(true, Session.SESSION_TRANSACTED);
            Queue failing = session.createQueue("failing");
            send(session, failing, 0, count);
            session.commit();
            try (MessageConsumer consumer = session.createConsumer(failing)) {
                for (int i = 0; i < count / 2; i++) {
                    assertTrue(consumer.receive(20_000) != null);
                }
                session.rollback();
                // In the midst of their moves a leader of both dies.
                brokers.remove(3).close();
                receiveAndFail(session, consumer);
            }
            List<String> dead = drain(session, session.createQueue("failing.DLQ"), count);
            session.commit();
            assertEquals(count, new HashSet<>(dead).size(), "lost");
            assertEquals(count, dead.size(), "copies");
        }
    }

    /** Until nothing comes any more. */
    private static void receiveAndFail(Session session, MessageConsumer consumer) throws JMSException {
        for (Message message = consumer.receive(20_000); message != null; message = consumer.receive(5_000)) {
            session.rollback();
        }
    }

    /** JMS-RULES 16, 17. */
    @Test
    void repliesFindTheBrokerOfATemporaryQueue() throws Exception {
        queue("requests");
        try (Connection asking = connect(1);
                Connection answering = connect(2)) {
            asking.start();
            answering.start();
            Session server = answering.createSession(true, Session.SESSION_TRANSACTED);
            MessageConsumer requests = server.createConsumer(server.createQueue("requests"));
            Session client = asking.createSession(false, Session.AUTO_ACKNOWLEDGE);
            Queue replies = client.createTemporaryQueue();
            MessageConsumer reply = client.createConsumer(replies);
            MessageProducer producer = client.createProducer(client.createQueue("requests"));
            for (int i = 0; i < 5; i++) {
                Message request = client.createTextMessage("request" + i);
                request.setJMSReplyTo(replies);
                producer.send(request);
                TextMessage asked = (TextMessage) requests.receive(20_000);
                server.createProducer(asked.getJMSReplyTo()).send(server.createTextMessage("re: " + asked.getText()));
                server.commit();
                assertEquals("re: request" + i, ((TextMessage) reply.receive(20_000)).getText());
            }
        }
    }

    /** Invariants 23 to 25: orders are moved by transactions while each broker in turn dies and comes back. */
    @Test
    void transactionsStayWholeWhileBrokersGoOneAfterAnother() throws Exception {
        queue("orders");
        queue("moved");
        queue("audit");
        AtomicBoolean over = new AtomicBoolean();
        AtomicInteger sent = new AtomicInteger();
        AtomicInteger rolledBack = new AtomicInteger();
        List<String> unknown = new CopyOnWriteArrayList<>();
        ExecutorService threads = Executors.newCachedThreadPool();
        try {
            List<Future<?>> workers = new ArrayList<>();
            workers.add(threads.submit(() -> produce(over, sent)));
            for (int i = 1; i <= 3; i++) {
                int first = i;
                workers.add(threads.submit(() -> move(first, over, sent, rolledBack, unknown)));
            }
            for (int victim = 1; victim <= 3; victim++) {
                int before = sent.get();
                await("orders", () -> sent.get() > before + 20);
                brokers.remove(victim).close();
                int dead = sent.get();
                await("orders without broker " + victim, () -> sent.get() > dead + 20);
                startBroker(victim);
                await("all in sync", () -> allInSync("orders") && allInSync("moved") && allInSync("audit"));
            }
            over.set(true);
            for (Future<?> worker : workers) {
                worker.get(90, TimeUnit.SECONDS);
            }
        } finally {
            over.set(true);
            threads.shutdownNow();
        }
        try (Connection connection = connect(1)) {
            connection.start();
            Session session = connection.createSession(false, Session.AUTO_ACKNOWLEDGE);
            List<String> moved = drain(session, session.createQueue("moved"), sent.get());
            List<String> audit = drain(session, session.createQueue("audit"), sent.get());
            List<String> left = drain(session, session.createQueue("orders"), 0);
            String at = sent + " sent, " + rolledBack + " rolled back, unknown " + unknown + ", left " + left;
            assertEquals(List.of(), left, at);
            assertEquals(sent.get(), moved.size(), at);
            assertEquals(sent.get(), new HashSet<>(moved).size(), at);
            assertEquals(new HashSet<>(moved), new HashSet<>(audit), at);
            assertEquals(audit.size(), new HashSet<>(audit).size(), at);
            System.out.println(at);
        }
    }

    private Void produce(AtomicBoolean over, AtomicInteger sent) throws Exception {
        try (Connection connection = connect(2)) {
            Session session = connection.createSession(false, Session.AUTO_ACKNOWLEDGE);
            Queue orders = session.createQueue("orders");
            while (!over.get()) {
                send(session, orders, sent.get(), 1);
                sent.incrementAndGet();
                Thread.sleep(5);
            }
        }
        return null;
    }

    private Void move(int first, AtomicBoolean over, AtomicInteger sent, AtomicInteger rolledBack, List<String> unknown)
            throws Exception {
        try (Connection connection = connect(first)) {
            connection.start();
            Session session = connection.createSession(true, Session.SESSION_TRANSACTED);
            MessageConsumer consumer = session.createConsumer(session.createQueue("orders"));
            MessageProducer moved = session.createProducer(session.createQueue("moved"));
            MessageProducer audit = session.createProducer(session.createQueue("audit"));
            while (true) {
                TextMessage order = (TextMessage) consumer.receive(over.get() ? 8_000 : 1_000);
                if (order == null && over.get()) {
                    return null;
                }
                if (order == null) {
                    continue;
                }
                int number = Integer.parseInt(order.getText().substring(5));
                for (MessageProducer producer : List.of(moved, audit)) {
                    TextMessage copy = session.createTextMessage(order.getText());
                    copy.setIntProperty("JMS_Penstock_Partition", (number + 1) % PARTITIONS);
                    producer.send(copy);
                }
                try {
                    session.commit();
                } catch (TransactionRolledBackException e) {
                    rolledBack.incrementAndGet();
                } catch (JMSException e) {
                    unknown.add(order.getText() + ": " + e);
                    session.rollback();
                }
            }
        }
    }
}
