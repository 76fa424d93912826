package io.penstock.cli;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.penstock.broker.Broker;
import io.penstock.broker.BrokerConfig;
import io.penstock.jms.PenstockConnectionFactory;
import jakarta.jms.BytesMessage;
import jakarta.jms.Connection;
import jakarta.jms.DeliveryMode;
import jakarta.jms.JMSConsumer;
import jakarta.jms.JMSContext;
import jakarta.jms.JMSException;
import jakarta.jms.MapMessage;
import jakarta.jms.Message;
import jakarta.jms.MessageProducer;
import jakarta.jms.ObjectMessage;
import jakarta.jms.Queue;
import jakarta.jms.Session;
import jakarta.jms.StreamMessage;
import jakarta.jms.TextMessage;
import java.io.ByteArrayOutputStream;
import java.io.File;
import java.io.PrintStream;
import java.io.PrintWriter;
import java.io.Serializable;
import java.io.StringWriter;
import java.lang.reflect.InvocationTargetException;
import java.lang.reflect.Proxy;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collections;
import java.util.Enumeration;
import java.util.List;
import java.util.Properties;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import picocli.CommandLine;

/**
 * {@code penstock migrate} from one broker to another. The source is a provider like any other: its client is loaded from the
 * class path by a loader of its own, and its messages are foreign ones.
 */
@Timeout(120)
class MigrateIT {
    private static final int WAIT_MILLIS = 10_000;
    private static final int HOUR_MILLIS = 3_600_000;
    private static final String FACTORY = "io.penstock.jms.PenstockConnectionFactory";

    /** A class that the provider's client has, and does not bring to life unless it is told to. */
    public static final class Pump implements Serializable {
        private static final long serialVersionUID = 1L;
    }

    @TempDir
    private Path directory;

    private Broker from;
    private Broker to;
    private String toAddress;
    private String fromUrl;

    @BeforeEach
    void start() throws Exception {
        from = broker("from");
        to = broker("to");
        fromUrl = "penstock://127.0.0.1:" + from.port();
        toAddress = "127.0.0.1:" + to.port();
    }

    private Broker broker(String name) throws Exception {
        Properties properties = new Properties();
        properties.put("listeners", "PLAINTEXT://127.0.0.1:0");
        properties.put("log.dirs", directory.resolve(name).toString());
        return Broker.start(BrokerConfig.parse(properties));
    }

    @AfterEach
    void stop() throws Exception {
        from.close();
        to.close();
    }

    /** The status, what was printed, and what was said of errors. */
    private String migrate(Stream<String> jars, String... args) {
        List<String> all = new ArrayList<>(List.of("migrate", "--broker", toAddress, "--idle", "1"));
        jars.forEach(jar -> Collections.addAll(all, "--jars", jar));
        Collections.addAll(all, args);
        PrintStream before = System.out;
        ByteArrayOutputStream printed = new ByteArrayOutputStream();
        StringWriter errors = new StringWriter();
        System.setOut(new PrintStream(printed, true, StandardCharsets.UTF_8));
        try {
            CommandLine command = Penstock.commandLine().setErr(new PrintWriter(errors, true));
            int status = command.execute(all.toArray(String[]::new));
            return status + " " + printed.toString(StandardCharsets.UTF_8) + errors;
        } finally {
            System.setOut(before);
        }
    }

    private String migrate(String... args) {
        return migrate(classPath(), args);
    }

    private static Stream<String> classPath() {
        return Stream.of(System.getProperty("java.class.path").split(File.pathSeparator));
    }

    private String migrateQueue(String queue, String... more) {
        List<String> args = new ArrayList<>(List.of("--factory", FACTORY, "--url", fromUrl, "--queue", queue));
        Collections.addAll(args, more);
        return migrate(args.toArray(String[]::new));
    }

    private JMSContext at(String url) {
        return new PenstockConnectionFactory(url + "?deserializationAllowList=*").createContext();
    }

    private JMSContext target() {
        return at("penstock://" + toAddress);
    }

    private List<String> send(String queue, int first, int count) throws JMSException {
        List<String> ids = new ArrayList<>();
        try (JMSContext context = at(fromUrl)) {
            for (int i = first; i < first + count; i++) {
                Message message = context.createTextMessage("m" + i);
                context.createProducer().send(context.createQueue(queue), message);
                ids.add(message.getJMSMessageID());
            }
        }
        return ids;
    }

    private static List<Message> receive(JMSContext context, String queue) {
        List<Message> received = new ArrayList<>();
        try (JMSConsumer consumer = context.createConsumer(context.createQueue(queue))) {
            for (Message next = consumer.receive(WAIT_MILLIS); next != null; next = consumer.receive(300)) {
                received.add(next);
            }
        }
        return received;
    }

    private static List<String> ids(List<Message> messages) throws JMSException {
        List<String> ids = new ArrayList<>();
        for (Message message : messages) {
            ids.add(message.getJMSMessageID());
        }
        return ids;
    }

    /** One of each kind into {@code kinds}, each with other headers; as they were sent. */
    private List<Message> sendAllKinds() throws JMSException {
        List<Message> sent = new ArrayList<>();
        try (Connection connection = new PenstockConnectionFactory(fromUrl).createConnection();
                Session session = connection.createSession()) {
            TextMessage text = session.createTextMessage("text");
            text.setJMSCorrelationID("c-1");
            text.setJMSType("order");
            text.setJMSReplyTo(session.createQueue("answers"));
            text.setBooleanProperty("z", true);
            text.setByteProperty("b", (byte) 1);
            text.setShortProperty("h", (short) 2);
            text.setIntProperty("i", 3);
            text.setLongProperty("j", 4);
            text.setFloatProperty("f", 5.5f);
            text.setDoubleProperty("d", 6.5);
            text.setStringProperty("s", "seven");
            text.setObjectProperty("nothing", null);
            sent.add(text);
            BytesMessage bytes = session.createBytesMessage();
            bytes.writeBytes(new byte[] {1, -2, 3});
            bytes.setStringProperty("JMSXGroupID", "g");
            bytes.setIntProperty("JMSXGroupSeq", 7);
            bytes.setJMSReplyTo(session.createTopic("told"));
            sent.add(bytes);
            MapMessage map = session.createMapMessage();
            map.setInt("n", 1);
            map.setBytes("raw", new byte[] {9});
            map.setJMSReplyTo(session.createTemporaryQueue());
            sent.add(map);
            StreamMessage stream = session.createStreamMessage();
            stream.writeLong(11);
            stream.writeString("twelve");
            sent.add(stream);
            sent.add(session.createObjectMessage(new ArrayList<>(List.of("a", "b"))));
            sent.add(session.createMessage());
            TextMessage large = session.createTextMessage("x".repeat(2_000_000));
            sent.add(large);
            MessageProducer producer = session.createProducer(session.createQueue("kinds"));
            for (int i = 0; i < sent.size(); i++) {
                int mode = i % 2 == 0 ? DeliveryMode.PERSISTENT : DeliveryMode.NON_PERSISTENT;
                producer.send(sent.get(i), mode, 9 - i, i == 1 ? HOUR_MILLIS : 0);
            }
        }
        return sent;
    }

    @Test
    void everyKindOfMessageKeepsBodyHeadersPropertiesAndId() throws Exception {
        List<Message> sent = sendAllKinds();
        String printed = migrateQueue("kinds");
        assertTrue(printed.startsWith("0 "), printed);
        assertTrue(printed.contains("kinds -> kinds: 7 messages taken over"), printed);
        try (JMSContext context = target()) {
            List<Message> received = receive(context, "kinds");
            assertEquals(ids(sent), ids(received));
            for (int i = 0; i < sent.size(); i++) {
                Message was = sent.get(i);
                Message is = received.get(i);
                assertEquals(was.getJMSTimestamp(), is.getJMSTimestamp());
                assertEquals(was.getJMSExpiration(), is.getJMSExpiration());
                assertEquals(was.getJMSPriority(), is.getJMSPriority());
                assertEquals(was.getJMSDeliveryMode(), is.getJMSDeliveryMode());
                assertEquals(was.getJMSType(), is.getJMSType());
                assertEquals(was.getJMSCorrelationID(), is.getJMSCorrelationID());
            }
            for (Object each : Collections.list((Enumeration<?>) sent.get(0).getPropertyNames())) {
                String name = (String) each;
                assertTrue(received.get(0).propertyExists(name), name);
                assertEquals(
                        sent.get(0).getObjectProperty(name), received.get(0).getObjectProperty(name), name);
            }
            assertEquals("answers", ((Queue) received.get(0).getJMSReplyTo()).getQueueName());
            assertEquals("told", received.get(1).getJMSReplyTo().toString());
            assertEquals("g", received.get(1).getStringProperty("JMSXGroupID"));
            assertEquals(7, received.get(1).getObjectProperty("JMSXGroupSeq"));
            assertArrayEquals(new byte[] {1, -2, 3}, received.get(1).getBody(byte[].class));
            MapMessage map = assertInstanceOf(MapMessage.class, received.get(2));
            assertEquals(1, map.getObject("n"));
            assertArrayEquals(new byte[] {9}, map.getBytes("raw"));
            // Nobody waits there any longer.
            assertNull(map.getJMSReplyTo());
            assertEquals(
                    "queue://" + ((Queue) sent.get(2).getJMSReplyTo()).getQueueName(),
                    map.getStringProperty(MigratedMessage.REPLY_TO));
            StreamMessage stream = assertInstanceOf(StreamMessage.class, received.get(3));
            assertEquals(11L, stream.readObject());
            assertEquals("twelve", stream.readObject());
            assertEquals(
                    List.of("a", "b"),
                    assertInstanceOf(ObjectMessage.class, received.get(4)).getObject());
            assertTrue(!(received.get(5) instanceof TextMessage) && !(received.get(5) instanceof BytesMessage));
            assertEquals(2_000_000, received.get(6).getBody(String.class).length());
        }
        assertTrue(migrateQueue("kinds").contains("kinds: 0 messages taken over"));
    }

    @Test
    void aRunThatBreaksOffIsContinuedByTheNext() throws Exception {
        List<String> ids = send("orders", 0, 25);
        try (JMSContext context = at(fromUrl)) {
            context.createProducer().send(context.createQueue("orders"), context.createObjectMessage(new Pump()));
        }
        ids.addAll(send("orders", 25, 5));
        assertTrue(migrateQueue("orders", "--dry-run").startsWith("0 orders: 31 messages"));
        assertTrue(migrateQueue("orders", "--max", "3").contains(": 3 messages taken over"));
        String failed = migrateQueue("orders", "--batch", "10");
        assertTrue(failed.startsWith("1 "), failed);
        assertTrue(failed.contains(": 20 messages taken over") && failed.contains("which is not allowed"), failed);

        fromUrl += "?deserializationAllowList=" + Pump.class.getName();
        String done = migrateQueue("orders", "--batch", "10");
        assertTrue(done.startsWith("0 ") && done.contains(": 8 messages taken over"), done);
        try (JMSContext context = target()) {
            List<Message> received = receive(context, "orders");
            assertInstanceOf(Pump.class, received.remove(25).getBody(Pump.class));
            assertEquals(ids, ids(received));
        }
    }

    @Test
    void whatIsCommittedHereAloneComesAgainUnderTheSameId() throws Exception {
        List<String> ids = send("orders", 0, 5);
        try (Connection source = new PenstockConnectionFactory(fromUrl).createConnection();
                Connection here = new PenstockConnectionFactory("penstock://" + toAddress).createConnection()) {
            source.start();
            Session receiving = source.createSession(Session.SESSION_TRANSACTED);
            Session sending = here.createSession(Session.SESSION_TRANSACTED);
            Session broken = (Session) Proxy.newProxyInstance(
                    getClass().getClassLoader(), new Class<?>[] {Session.class}, (proxy, method, args) -> {
                        if (method.getName().equals("commit")) {
                            throw new JMSException("cut");
                        }
                        try {
                            return method.invoke(receiving, args);
                        } catch (InvocationTargetException e) {
                            throw e.getCause();
                        }
                    });
            Migration migration = new Migration(
                    sending, sending.createProducer(sending.createQueue("orders")), 2, Long.MAX_VALUE, done -> {});
            JMSException told = assertThrows(
                    JMSException.class,
                    () -> migration.drain(
                            broken, receiving.createConsumer(receiving.createQueue("orders")), WAIT_MILLIS));
            assertTrue(told.getMessage().contains("the last 2 messages"), told.getMessage());
        }
        assertTrue(migrateQueue("orders").contains(": 5 messages taken over"));
        try (JMSContext context = target()) {
            List<String> received = ids(receive(context, "orders"));
            assertEquals(7, received.size());
            assertEquals(ids, received.subList(2, 7));
            assertEquals(ids.subList(0, 2), received.subList(0, 2));
        }
    }

    @Test
    void severalQueuesByJndiAreCopiedAndStay() throws Exception {
        send("one", 0, 3);
        send("two", 0, 2);
        Path jndi = Files.writeString(
                directory.resolve("jndi.properties"),
                "java.naming.factory.initial=io.penstock.jms.jndi.PenstockInitialContextFactory\n"
                        + "connectionFactory.cf=" + fromUrl + "\n");
        String copied = migrate(
                "--jndi", jndi.toString(), "--connection-factory", "cf", "--queue", "one", "--queue", "two", "--keep");
        assertTrue(copied.startsWith("0 ") && copied.contains("done: 5 messages of 2 queues"), copied);
        try (JMSContext context = target();
                JMSContext source = at(fromUrl)) {
            assertEquals(ids(receive(source, "one")), ids(receive(context, "one")));
            assertEquals(ids(receive(source, "two")), ids(receive(context, "two")));
        }
    }

    @Test
    void aProviderOfJavaxJmsIsBridged() throws Exception {
        List<Message> sent = sendAllKinds();
        Path client = Path.of("target/penstock/client");
        try (Stream<Path> files = Files.list(client)) {
            String jar = files.map(Path::toString)
                    .filter(name -> name.contains("javax"))
                    .findFirst()
                    .orElseThrow();
            String printed = migrate(
                    Stream.of(jar),
                    "--factory",
                    "io.penstock.javax.jms.PenstockConnectionFactory",
                    "--url",
                    fromUrl,
                    "--queue",
                    "kinds",
                    "--to",
                    "others");
            assertTrue(printed.startsWith("0 "), printed);
            assertTrue(printed.contains("kinds -> others: 7 messages taken over"), printed);
        }
        try (JMSContext context = target()) {
            List<Message> received = receive(context, "others");
            assertEquals(ids(sent), ids(received));
            assertEquals("answers", ((Queue) received.get(0).getJMSReplyTo()).getQueueName());
            assertEquals("twelve", twelve((StreamMessage) received.get(3)));
        }
    }

    private static Object twelve(StreamMessage stream) throws JMSException {
        assertNotNull(stream.readObject());
        return stream.readObject();
    }

    @Test
    void whatCannotBeIsAUsageError() throws Exception {
        assertTrue(migrateQueue("a", "--queue", "b", "--to", "c").startsWith("2 "));
        assertTrue(migrateQueue("a", "--keep", "--dry-run").startsWith("2 "));
        String named = migrateQueue("a::b");
        assertTrue(named.startsWith("2 ") && named.contains("--to"), named);
        String missing = migrate("--factory", "no.Such", "--queue", "a");
        assertTrue(missing.startsWith("2 ") && missing.contains("no class no.Such"), missing);
        String other = migrate("--factory", "java.lang.Object", "--queue", "a");
        assertTrue(other.startsWith("2 ") && other.contains("no ConnectionFactory"), other);
        String none = migrate(Stream.of("missing.jar"), "--factory", FACTORY, "--queue", "a");
        assertTrue(none.startsWith("2 ") && none.contains("does not exist"), none);
    }
}
