package io.penstock.e2e;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.penstock.broker.Broker;
import io.penstock.broker.BrokerConfig;
import io.penstock.broker.security.UserCredentials;
import io.penstock.broker.security.UserFile;
import io.penstock.jms.PenstockConnectionFactory;
import jakarta.jms.Connection;
import jakarta.jms.JMSConsumer;
import jakarta.jms.JMSContext;
import jakarta.jms.JMSException;
import jakarta.jms.JMSSecurityException;
import jakarta.jms.JMSSecurityRuntimeException;
import jakarta.jms.Session;
import java.net.ServerSocket;
import java.nio.file.Path;
import java.security.SecureRandom;
import java.util.Properties;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** B7a: who a JMS client is: by call, by URL, by property, or nobody; and again after each interruption. */
@Timeout(120)
class JmsUsersIT {
    private static final String PASSWORD = "s3cret=\u00fc,x";
    /** Would try for ever, were it not for the refusal. */
    private static final String FOR_EVER =
            "?failover.maxReconnectAttempts=-1&failover.startupMaxReconnectAttempts=-1&failover.reconnectDelay=20";

    @TempDir
    Path directory;

    private int port;
    private UserFile users;
    private Broker broker;

    @BeforeEach
    void start() throws Exception {
        try (ServerSocket free = new ServerSocket(0)) {
            port = free.getLocalPort(); // The same after a restart.
        }
        users = new UserFile(directory.resolve("kept").resolve("users"));
        add("alice", PASSWORD);
        begin("false");
    }

    @AfterEach
    void stop() {
        broker.close();
    }

    private void begin(String anonymous) throws Exception {
        Properties properties = new Properties();
        properties.put("listeners", "PLAINTEXT://127.0.0.1:" + port);
        properties.put("log.dirs", directory.resolve("data").toString());
        properties.put("users.file", users.path().toString());
        properties.put("allow.anonymous", anonymous);
        broker = Broker.start(BrokerConfig.parse(properties));
    }

    private void add(String name, String password) throws Exception {
        UserCredentials credentials = UserCredentials.of(password, 4096, new SecureRandom());
        users.change(before -> before.with(name, credentials));
    }

    private PenstockConnectionFactory factory(String options) {
        return new PenstockConnectionFactory("penstock://127.0.0.1:" + port + options);
    }

    private static void works(JMSContext context) {
        context.createProducer().send(context.createQueue("orders"), "hello");
        try (JMSConsumer consumer = context.createConsumer(context.createQueue("orders"))) {
            assertEquals("hello", consumer.receiveBody(String.class, 20_000));
        }
    }

    @Test
    void aUserByCall() throws Exception {
        try (JMSContext context = factory("").createContext("alice", PASSWORD)) {
            works(context);
        }
        try (Connection connection = factory("").createConnection("alice", PASSWORD)) {
            connection.setClientID("its own");
            connection.start();
        }
        factory("").createQueueConnection("alice", PASSWORD).close();
        factory("").createTopicConnection("alice", PASSWORD).close();
    }

    @Test
    void aUserByUrlAndByProperty() {
        try (JMSContext context =
                factory("?jms.username=alice&jms.password=s3cret%3D%C3%BC%2Cx").createContext()) {
            works(context);
        }
        PenstockConnectionFactory bean = factory("");
        bean.setUsername("alice");
        bean.setPassword(PASSWORD);
        try (JMSContext context = bean.createContext()) {
            works(context);
        }
        assertFalse(bean.toString().contains("s3cret"), bean.toString());
    }

    /** At once: no attempt is repeated, though the factory would try for ever. */
    @Test
    void wrongCredentialsAreSecurityExceptionsAtOnce() {
        PenstockConnectionFactory factory = factory(FOR_EVER);
        JMSSecurityException wrong =
                assertThrows(JMSSecurityException.class, () -> factory.createConnection("alice", "wrong"));
        JMSSecurityException unknown =
                assertThrows(JMSSecurityException.class, () -> factory.createConnection("mallory", "wrong"));
        assertEquals(wrong.getMessage(), unknown.getMessage());
        assertFalse(wrong.toString().contains("wrong "), wrong.toString());
        assertThrows(JMSSecurityException.class, () -> factory.createConnection("alice", null));
        assertThrows(JMSSecurityException.class, () -> factory.createConnection("alice", ""));
        assertThrows(JMSSecurityException.class, () -> factory.createConnection("a\r\nb", "x"));
        assertThrows(JMSSecurityException.class, () -> factory.createConnection("__broker", "x"));
        assertThrows(JMSSecurityRuntimeException.class, () -> factory.createContext("alice", "wrong"));
        assertThrows(JMSSecurityRuntimeException.class, () -> factory.createContext());
        assertThrows(JMSSecurityException.class, factory::createConnection);
    }

    /** Decision 0006 is for brokers without users; here nobody is let in under a name that is not his. */
    @Test
    void whereAnonymousIsAllowedANameIsCheckedAllTheSame() throws Exception {
        stop();
        begin("true");
        try (JMSContext nobody = factory("").createContext()) {
            works(nobody);
        }
        assertThrows(JMSSecurityException.class, () -> factory("").createConnection("mallory", "x"));
        try (JMSContext alice = factory("").createContext("alice", PASSWORD)) {
            works(alice);
        }
        users.change(before -> before.without("alice"));
        stop();
        begin("true");
        try (JMSContext anybody = factory("").createContext("j2ee", "j2ee")) {
            works(anybody);
        }
    }

    @Test
    void credentialsAreShownAgainAfterAnInterruption() throws Exception {
        try (JMSContext context = factory(FOR_EVER).createContext("alice", PASSWORD)) {
            works(context);
            stop();
            begin("false");
            works(context);
        }
    }

    /** A resume token alone lets nobody in, and who is refused does not try again. */
    @Test
    void whoIsRemovedLosesTheConnectionForGood() throws Exception {
        BlockingQueue<JMSException> told = new LinkedBlockingQueue<>();
        try (Connection connection = factory(FOR_EVER).createConnection("alice", PASSWORD)) {
            connection.setExceptionListener(told::add);
            connection.start();
            Session session = connection.createSession();
            session.createProducer(session.createQueue("orders")).send(session.createTextMessage("kept"));
            add("bob", "b");
            users.change(before -> before.without("alice"));

            assertInstanceOf(JMSSecurityException.class, told.poll(60, TimeUnit.SECONDS));
            assertThrows(JMSException.class, () -> session.createProducer(session.createQueue("orders"))
                    .send(session.createTextMessage("no")));
        }
        try (JMSContext bob = factory("").createContext("bob", "b")) {
            assertEquals("kept", bob.createConsumer(bob.createQueue("orders")).receiveBody(String.class, 20_000));
            assertTrue(told.isEmpty());
        }
    }

    @Test
    void whoGetsAnotherPasswordHasToShowIt() throws Exception {
        BlockingQueue<JMSException> told = new LinkedBlockingQueue<>();
        try (Connection connection = factory(FOR_EVER).createConnection("alice", PASSWORD)) {
            connection.setExceptionListener(told::add);
            add("alice", "another");
            assertInstanceOf(JMSSecurityException.class, told.poll(60, TimeUnit.SECONDS));
        }
        try (JMSContext alice = factory("").createContext("alice", "another")) {
            works(alice);
        }
    }
}
