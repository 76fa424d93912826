package io.penstock.ra;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertSame;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.penstock.jms.PenstockConnectionFactory;
import jakarta.jms.Connection;
import jakarta.jms.IllegalStateException;
import jakarta.jms.IllegalStateRuntimeException;
import jakarta.jms.JMSConsumer;
import jakarta.jms.JMSContext;
import jakarta.jms.JMSException;
import jakarta.jms.MessageConsumer;
import jakarta.jms.MessageProducer;
import jakarta.jms.Queue;
import jakarta.jms.QueueConnection;
import jakarta.jms.Session;
import jakarta.jms.TemporaryQueue;
import jakarta.jms.TextMessage;
import jakarta.jms.TransactionInProgressRuntimeException;
import jakarta.resource.spi.ConnectionManager;
import jakarta.resource.spi.ManagedConnection;
import jakarta.resource.spi.security.PasswordCredential;
import java.nio.file.Path;
import java.util.Set;
import javax.security.auth.Subject;
import org.apache.geronimo.connector.outbound.GenericConnectionManager;
import org.apache.geronimo.connector.outbound.connectionmanagerconfig.TransactionSupport;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInfo;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Connections of applications in a container: its pool, its transactions, its rules (rules 29 to 31). */
@Timeout(60)
class OutboundIT {
    @TempDir
    static Path directory;

    private static TestBroker broker;
    private TestContainer container;
    private String queue;

    @BeforeAll
    static void startBroker() throws Exception {
        broker = TestBroker.start(directory);
    }

    @AfterAll
    static void stopBroker() throws Exception {
        broker.close();
    }

    @BeforeEach
    void start(TestInfo test) throws Exception {
        container = new TestContainer(broker.url());
        queue = test.getTestMethod().orElseThrow().getName()
                + Math.abs(test.getDisplayName().hashCode() % 1000);
    }

    @AfterEach
    void stop() {
        container.close();
    }

    private static TransactionSupport support(String name) {
        return name.equals("XA") ? TestContainer.XA : TestContainer.LOCAL;
    }

    /** How many messages somebody outside of the container gets. */
    private int messages() {
        try (JMSContext outside = new PenstockConnectionFactory(broker.url()).createContext();
                JMSConsumer consumer = outside.createConsumer(outside.createQueue(queue))) {
            int count = 0;
            while (consumer.receiveNoWait() != null) {
                count++;
            }
            return count;
        }
    }

    @Test
    void rule31OutsideOfTransactionsArgumentsAreReducedToAutoAndDupsOk() throws Exception {
        PenstockRaConnectionFactory factory = container.connections(TestContainer.XA);
        for (int mode : new int[] {Session.AUTO_ACKNOWLEDGE, Session.CLIENT_ACKNOWLEDGE, Session.SESSION_TRANSACTED}) {
            try (JMSContext context = factory.createContext(mode)) {
                assertEquals(Session.AUTO_ACKNOWLEDGE, context.getSessionMode());
                assertFalse(context.getTransacted());
                context.createProducer().send(context.createQueue(queue), "sent at once");
                context.acknowledge();
                assertThrows(IllegalStateRuntimeException.class, context::commit);
            }
        }
        try (JMSContext context = factory.createContext(Session.DUPS_OK_ACKNOWLEDGE)) {
            assertEquals(Session.DUPS_OK_ACKNOWLEDGE, context.getSessionMode());
        }
        assertEquals(3, messages());
    }

    @ParameterizedTest
    @ValueSource(strings = {"XA", "LOCAL"})
    void rule31ArgumentsAreIgnoredInATransactionWhichIsTheContainers(String name) throws Exception {
        PenstockRaConnectionFactory factory = container.connections(support(name));
        container.transactions.begin();
        try (JMSContext context = factory.createContext(Session.AUTO_ACKNOWLEDGE)) {
            assertTrue(context.getTransacted());
            assertEquals(Session.SESSION_TRANSACTED, context.getSessionMode());
            assertThrows(TransactionInProgressRuntimeException.class, context::commit);
            assertThrows(TransactionInProgressRuntimeException.class, context::rollback);
            context.createProducer().send(context.createQueue(queue), "not yet");
            assertEquals(0, messages());
        }
        assertEquals(0, messages());
        container.transactions.commit();
        assertEquals(1, messages());
    }

    @ParameterizedTest
    @ValueSource(strings = {"XA", "LOCAL"})
    void aRollbackTakesBackWhatWasSentAndReceived(String name) throws Exception {
        PenstockRaConnectionFactory factory = container.connections(support(name));
        try (JMSContext context = factory.createContext()) {
            context.createProducer().send(context.createQueue(queue), "first");
        }
        container.transactions.begin();
        try (JMSContext context = factory.createContext()) {
            Queue orders = context.createQueue(queue);
            JMSConsumer consumer = context.createConsumer(orders);
            assertEquals("first", consumer.receiveBody(String.class, 10_000));
            context.createProducer().send(orders, "second");
        }
        container.transactions.rollback();

        container.transactions.begin();
        try (JMSContext context = factory.createContext()) {
            JMSConsumer consumer = context.createConsumer(context.createQueue(queue));
            TextMessage again = (TextMessage) consumer.receive(10_000);
            assertEquals("first", again.getText());
            assertTrue(again.getJMSRedelivered());
            assertEquals(2, again.getIntProperty("JMSXDeliveryCount"));
            assertNull(consumer.receiveNoWait());
        }
        container.transactions.commit();
        assertEquals(0, messages());
    }

    @Test
    void aConnectionThatIsOpenWhenTransactionsBeginAndEndTakesPartInEach() throws Exception {
        PenstockManagedConnectionFactory factory = container.managed();
        ManagedConnection managed = factory.createManagedConnection(null, ConnectionRequest.DEFAULT);
        Connection connection = (Connection) managed.getConnection(null, ConnectionRequest.DEFAULT);
        Session session = connection.createSession();
        Queue orders = session.createQueue(queue);
        MessageProducer producer = session.createProducer(orders);
        producer.setPriority(7);
        MessageConsumer consumer = session.createConsumer(orders);
        connection.start();

        producer.send(session.createTextMessage("outside"));
        assertEquals("outside", ((TextMessage) consumer.receive(10_000)).getText());
        managed.getLocalTransaction().begin();
        producer.send(session.createTextMessage("rolled back"));
        assertEquals(7, producer.getPriority());
        assertNull(consumer.receiveNoWait());
        managed.getLocalTransaction().rollback();
        managed.getLocalTransaction().begin();
        producer.send(session.createTextMessage("inside"));
        managed.getLocalTransaction().commit();
        TextMessage inside = (TextMessage) consumer.receive(10_000);
        assertEquals("inside", inside.getText());
        assertEquals(7, inside.getJMSPriority());
        managed.destroy();
    }

    @Test
    void rule31ASecondSessionOfAConnectionIsRefused() throws Exception {
        Connection connection = container.connections(TestContainer.XA).createConnection();
        Session first = connection.createSession();
        assertThrows(IllegalStateException.class, connection::createSession);
        first.close();
        Session second = connection.createSession();
        assertThrows(IllegalStateException.class, first::createMessage);
        assertNotNull(second.createMessage());
        connection.close();
        assertThrows(IllegalStateException.class, second::createMessage);
        assertThrows(IllegalStateException.class, connection::createSession);
        connection.close();
    }

    @Test
    void rule31WhatIsTheContainersIsRefused() throws Exception {
        PenstockRaConnectionFactory factory = container.connections(TestContainer.XA);
        try (Connection connection = factory.createConnection()) {
            assertThrows(IllegalStateException.class, () -> connection.setClientID("mine"));
            assertThrows(IllegalStateException.class, () -> connection.setExceptionListener(problem -> {}));
            assertThrows(IllegalStateException.class, connection::stop);
            Session session = connection.createSession();
            Queue orders = session.createQueue(queue);
            assertThrows(IllegalStateException.class, () -> connection.createConnectionConsumer(orders, null, null, 1));
            MessageConsumer consumer = session.createConsumer(orders);
            assertThrows(IllegalStateException.class, () -> consumer.setMessageListener(message -> {}));
            assertThrows(IllegalStateException.class, consumer::getMessageListener);
            assertThrows(IllegalStateException.class, () -> session.setMessageListener(message -> {}));
            MessageProducer producer = session.createProducer(orders);
            assertThrows(IllegalStateException.class, () -> producer.send(session.createMessage(), null));
        }
        try (JMSContext context = factory.createContext()) {
            assertThrows(IllegalStateRuntimeException.class, () -> context.setClientID("mine"));
            assertThrows(IllegalStateRuntimeException.class, () -> context.setExceptionListener(problem -> {}));
            assertThrows(IllegalStateRuntimeException.class, context::stop);
            assertThrows(IllegalStateRuntimeException.class, () -> context.createContext(JMSContext.AUTO_ACKNOWLEDGE));
        }
    }

    @Test
    void rule28LegacyConnectionsRefuseTheOtherDomain() throws Exception {
        try (QueueConnection connection =
                container.connections(TestContainer.XA).createQueueConnection()) {
            Session session = connection.createQueueSession(false, Session.AUTO_ACKNOWLEDGE);
            assertThrows(IllegalStateException.class, () -> session.createTopic("prices"));
            assertThrows(
                    IllegalStateException.class,
                    () -> connection.createDurableConnectionConsumer(null, "s", null, null, 1));
        }
    }

    @Test
    void connectionsArePooledAndLeaveNothingBehind() throws Exception {
        PenstockManagedConnectionFactory managed = container.managed();
        GenericConnectionManager pool = container.pool(managed, TestContainer.XA, 1);
        PenstockRaConnectionFactory factory =
                (PenstockRaConnectionFactory) managed.createConnectionFactory((ConnectionManager) pool);
        TemporaryQueue temporary;
        try (JMSContext context = factory.createContext()) {
            Queue orders = context.createQueue(queue);
            context.createProducer().send(orders, "one").send(orders, "two");
            temporary = context.createTemporaryQueue();
            assertEquals("one", context.createConsumer(orders).receiveBody(String.class, 10_000));
        }
        assertEquals(1, pool.getConnectionCount());
        assertEquals(1, pool.getIdleConnectionCount());
        try (JMSContext context = factory.createContext()) {
            // What the last user's consumer held ahead is there again, and its temporary queue is not.
            assertEquals(
                    "two", context.createConsumer(context.createQueue(queue)).receiveBody(String.class, 10_000));
            assertThrows(jakarta.jms.InvalidDestinationRuntimeException.class, () -> context.createProducer()
                    .send(temporary, "gone"));
        }
        assertEquals(1, pool.getConnectionCount());
    }

    @Test
    void connectionsAreMatchedByTheirUser() throws Exception {
        PenstockManagedConnectionFactory factory = container.managed();
        factory.setUserName("configured");
        factory.setPassword("x");
        ManagedConnection configured = factory.createManagedConnection(null, ConnectionRequest.DEFAULT);
        ConnectionRequest asked = new ConnectionRequest("asked", "y");
        ManagedConnection applications = factory.createManagedConnection(null, asked);
        Subject subject = new Subject();
        PasswordCredential credential = new PasswordCredential("subject", "z".toCharArray());
        credential.setManagedConnectionFactory(factory);
        subject.getPrivateCredentials().add(credential);
        ManagedConnection containers = factory.createManagedConnection(subject, asked);
        Set<ManagedConnection> all = Set.of(configured, applications, containers);

        assertEquals("configured", configured.getMetaData().getUserName());
        assertEquals("asked", applications.getMetaData().getUserName());
        assertEquals("subject", containers.getMetaData().getUserName());
        assertSame(configured, factory.matchManagedConnections(all, null, ConnectionRequest.DEFAULT));
        assertSame(applications, factory.matchManagedConnections(all, null, asked));
        assertSame(containers, factory.matchManagedConnections(all, subject, asked));
        assertNull(factory.matchManagedConnections(all, null, new ConnectionRequest("asked", "other")));
        PenstockManagedConnectionFactory other = container.managed();
        assertNull(other.matchManagedConnections(all, null, asked));
        assertThrows(jakarta.resource.spi.SecurityException.class, () -> configured.getConnection(null, asked));
        for (ManagedConnection each : all) {
            each.destroy();
        }
    }

    @Test
    void connectionsThatAreGoneAreInvalid() throws Exception {
        PenstockManagedConnectionFactory factory = container.managed();
        ManagedConnection good = factory.createManagedConnection(null, null);
        ManagedConnection gone = factory.createManagedConnection(null, null);
        gone.destroy();
        assertEquals(Set.of(gone), factory.getInvalidConnections(Set.of(good, gone)));
        good.destroy();
    }

    @Test
    void aHandleFollowsToAnotherConnection() throws Exception {
        PenstockManagedConnectionFactory factory = container.managed();
        ManagedConnection first = factory.createManagedConnection(null, null);
        ManagedConnection second = factory.createManagedConnection(null, null);
        Connection handle = (Connection) first.getConnection(null, null);
        Session session = handle.createSession();
        MessageProducer producer = session.createProducer(session.createQueue(queue));
        second.associateConnection(handle);
        first.destroy();
        producer.send(session.createTextMessage("by the second"));
        second.destroy();
        assertThrows(IllegalStateException.class, session::createMessage);
        assertEquals(1, messages());
    }

    @Test
    void administeredObjectsAreDestinations() throws Exception {
        AdministeredQueue administered = new AdministeredQueue();
        administered.setPhysicalName(queue);
        try (JMSContext context = container.connections(TestContainer.XA).createContext()) {
            TextMessage message = context.createTextMessage("to an administered object");
            context.createProducer().send(administered, message);
            assertEquals(context.createQueue(queue), message.getJMSDestination());
            assertNotNull(context.createConsumer(administered).receive(10_000));
            assertThrows(
                    jakarta.jms.InvalidDestinationRuntimeException.class,
                    () -> context.createConsumer(new AdministeredQueue()));
        }
    }

    @Test
    void outsideOfAContainerTheFactoryIsTheClients() throws Exception {
        Object factory = container.managed().createConnectionFactory();
        try (Connection connection =
                assertInstanceOf(PenstockConnectionFactory.class, factory).createConnection()) {
            connection.setClientID("mine");
            assertNotNull(connection.createSession(true, 0));
            assertNotNull(connection.createSession());
        }
    }

    @Test
    void aBrokerThatIsNotThereIsAResourceAllocationException() throws Exception {
        PenstockManagedConnectionFactory factory = container.managed();
        factory.setUrl("penstock://127.0.0.1:1?jms.connectTimeout=1000");
        PenstockRaConnectionFactory connections = (PenstockRaConnectionFactory)
                factory.createConnectionFactory((ConnectionManager) container.pool(factory, TestContainer.XA, 1));
        assertThrows(JMSException.class, connections::createConnection);
        assertThrows(
                jakarta.resource.spi.ResourceAllocationException.class,
                () -> factory.createManagedConnection(null, null));
    }
}
