package io.penstock.ra;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.penstock.jms.PenstockConnectionFactory;
import jakarta.jms.Destination;
import jakarta.jms.JMSConsumer;
import jakarta.jms.JMSContext;
import jakarta.jms.Message;
import jakarta.jms.TextMessage;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Queue;
import java.util.Set;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
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

/** Messages for message-driven beans, in transactions of the container and without. */
@Timeout(60)
class InboundIT {
    @TempDir
    static Path directory;

    private static TestBroker broker;
    private TestContainer container;
    private String name;
    private final BlockingQueue<String> got = new LinkedBlockingQueue<>();

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
        name = test.getTestMethod().orElseThrow().getName()
                + Math.abs(test.getDisplayName().hashCode() % 1000);
    }

    @AfterEach
    void stop() {
        container.close();
    }

    private PenstockActivationSpec queue() {
        PenstockActivationSpec spec = new PenstockActivationSpec();
        spec.setDestination(name);
        spec.setDestinationType("jakarta.jms.Queue");
        return spec;
    }

    private PenstockActivationSpec topic() {
        PenstockActivationSpec spec = queue();
        spec.setDestinationType("jakarta.jms.Topic");
        return spec;
    }

    private TestEndpoints endpoints(boolean transacted, TestEndpoints.Bean bean) {
        return new TestEndpoints(transacted ? container.transactions : null, bean);
    }

    private void note(Message message) throws Exception {
        got.add(((TextMessage) message).getText() + " #" + message.getIntProperty("JMSXDeliveryCount"));
    }

    private void send(boolean topic, String... texts) {
        try (JMSContext context = new PenstockConnectionFactory(broker.url()).createContext()) {
            Destination to = topic ? context.createTopic(name) : context.createQueue(name);
            for (String text : texts) {
                context.createProducer().setProperty("text", text).send(to, text);
            }
        }
    }

    private static String[] numbers(int count) {
        return IntStream.range(0, count).mapToObj(Integer::toString).toArray(String[]::new);
    }

    private List<String> take(int count) throws Exception {
        List<String> taken = new ArrayList<>();
        for (int i = 0; i < count; i++) {
            String next = got.poll(20, TimeUnit.SECONDS);
            assertNotNull(next, "only " + taken);
            taken.add(next);
        }
        return taken;
    }

    /** What is left in a queue. */
    private List<String> left(String queue) {
        List<String> left = new ArrayList<>();
        try (JMSContext context = new PenstockConnectionFactory(broker.url()).createContext();
                JMSConsumer consumer = context.createConsumer(context.createQueue(queue))) {
            for (String text = consumer.receiveBodyNoWait(String.class);
                    text != null;
                    text = consumer.receiveBodyNoWait(String.class)) {
                left.add(text);
            }
        }
        return left;
    }

    @ParameterizedTest
    @ValueSource(booleans = {false, true})
    void asManyMessagesAreWorkedOnAtOnceAsThereAreSessions(boolean transacted) throws Exception {
        PenstockActivationSpec spec = queue();
        spec.setMaxSession(5);
        CountDownLatch all = new CountDownLatch(5);
        TestEndpoints endpoints = endpoints(transacted, message -> {
            all.countDown();
            assertTrue(all.await(20, TimeUnit.SECONDS), "the others wait behind this one");
            note(message);
        });
        container.adapter.endpointActivation(endpoints, spec);
        send(false, numbers(20));
        assertEquals(
                Set.of(numbers(20)),
                take(20).stream().map(text -> text.split(" ")[0]).collect(Collectors.toSet()));
        container.adapter.endpointDeactivation(endpoints, spec);
        assertEquals(5, endpoints.insideMost.get());
        assertEquals(5, endpoints.released.get());
        assertEquals(List.of(), left(name));
    }

    @ParameterizedTest
    @ValueSource(booleans = {false, true})
    void aMessageWhoseBeanThrowsComesAgainInOrderAndCounted(boolean transacted) throws Exception {
        PenstockActivationSpec spec = queue();
        spec.setMaxSession(1);
        container.adapter.endpointActivation(
                endpoints(transacted, message -> {
                    note(message);
                    if (message.getIntProperty("JMSXDeliveryCount") < 3) {
                        throw new IllegalStateException("not yet");
                    }
                }),
                spec);
        send(false, "a", "b");
        assertEquals(List.of("a #1", "a #2", "a #3", "b #1", "b #2", "b #3"), take(6));
    }

    @Test
    void whatTheContainerRollsBackComesAgain() throws Exception {
        PenstockActivationSpec spec = queue();
        spec.setMaxSession(1);
        container.adapter.endpointActivation(
                endpoints(true, message -> {
                    note(message);
                    if (!message.getJMSRedelivered()) {
                        container.transactions.setRollbackOnly();
                    }
                }),
                spec);
        send(false, "a", "b");
        assertEquals(List.of("a #1", "a #2", "b #1", "b #2"), take(4));
    }

    @ParameterizedTest
    @ValueSource(booleans = {false, true})
    void aMessageThatAlwaysFailsBecomesADeadLetter(boolean transacted) throws Exception {
        PenstockActivationSpec spec = queue();
        spec.setMaxSession(2);
        container.adapter.endpointActivation(
                endpoints(transacted, message -> {
                    note(message);
                    throw new IllegalStateException("never");
                }),
                spec);
        send(false, name);
        take(10);
        try (JMSContext context = new PenstockConnectionFactory(broker.url()).createContext();
                JMSConsumer dead = context.createConsumer(context.createQueue("DLQ"), "text = '" + name + "'")) {
            assertEquals(name, dead.receiveBody(String.class, 20_000));
        }
        assertNull(got.poll());
    }

    @Test
    void aNonPersistentMessageComesAgainAfterARollback() throws Exception {
        container.adapter.endpointActivation(
                endpoints(true, message -> {
                    note(message);
                    if (!message.getJMSRedelivered()) {
                        container.transactions.setRollbackOnly();
                    }
                }),
                queue());
        try (JMSContext context = new PenstockConnectionFactory(broker.url()).createContext()) {
            context.createProducer()
                    .setDeliveryMode(jakarta.jms.DeliveryMode.NON_PERSISTENT)
                    .send(context.createQueue(name), "a");
        }
        assertEquals(List.of("a #1", "a #2"), take(2));
    }

    @Test
    void whatABeanSendsInItsTransactionIsSentWithIt() throws Exception {
        PenstockRaConnectionFactory factory = container.connections(TestContainer.XA);
        PenstockActivationSpec spec = queue();
        container.adapter.endpointActivation(
                endpoints(true, message -> {
                    try (JMSContext context = factory.createContext()) {
                        context.createProducer()
                                .send(context.createQueue(name + "-out"), ((TextMessage) message).getText());
                    }
                    note(message);
                    if (!message.getJMSRedelivered()) {
                        container.transactions.setRollbackOnly();
                    }
                }),
                spec);
        send(false, "a");
        assertEquals(List.of("a #1", "a #2"), take(2));
        try (JMSContext context = new PenstockConnectionFactory(broker.url()).createContext();
                JMSConsumer consumer = context.createConsumer(context.createQueue(name + "-out"))) {
            assertEquals("a", consumer.receiveBody(String.class, 20_000));
            assertNull(consumer.receiveNoWait());
        }
    }

    @Test
    void ofATopicEachEndpointGetsEachMessageOnce() throws Exception {
        PenstockActivationSpec several = topic();
        several.setMaxSession(3);
        PenstockActivationSpec one = topic();
        one.setMaxSession(1);
        Queue<String> other = new ConcurrentLinkedQueue<>();
        TestEndpoints first = endpoints(true, this::note);
        TestEndpoints second = endpoints(false, message -> {
            note(message);
            other.add(message.getBody(String.class));
        });
        container.adapter.endpointActivation(first, several);
        container.adapter.endpointActivation(second, one);
        until(() -> first.made.get() == 3 && second.made.get() == 1);
        untilSubscribed(2);
        other.clear();
        send(true, "a", "b", "c", "d");
        assertEquals(8, take(8).size());
        assertEquals(List.of("a", "b", "c", "d"), List.copyOf(other));
        assertNull(got.poll());
    }

    /** Sends until as many endpoints have had one of these messages in one go. */
    private void untilSubscribed(int endpoints) throws Exception {
        int seen;
        do {
            send(true, "probe");
            seen = 0;
            while (got.poll(200, TimeUnit.MILLISECONDS) != null) {
                seen++;
            }
        } while (seen < endpoints);
    }

    @Test
    void aDurableSubscriptionKeepsWhatComesWhileItsEndpointIsNotActive() throws Exception {
        PenstockActivationSpec spec = topic();
        spec.setSubscriptionDurability("Durable");
        spec.setSubscriptionName("keeper");
        spec.setClientId(name);
        TestEndpoints endpoints = endpoints(true, this::note);
        container.adapter.endpointActivation(endpoints, spec);
        untilSubscribed(1);
        container.adapter.endpointDeactivation(endpoints, spec);
        send(true, "while away");
        assertNull(got.poll());
        container.adapter.endpointActivation(endpoints, spec);
        assertEquals(List.of("while away #1"), take(1));
    }

    @ParameterizedTest
    @ValueSource(strings = {"Durable", "NonDurable"})
    void serversShareASubscription(String durability) throws Exception {
        TestEndpoints here = endpoints(true, this::note);
        TestEndpoints there = endpoints(true, this::note);
        try (TestContainer other = new TestContainer(broker.url())) {
            for (TestEndpoints each : List.of(here, there)) {
                PenstockActivationSpec spec = topic();
                spec.setSubscriptionDurability(durability);
                spec.setSubscriptionName(name);
                spec.setShareSubscriptions(true);
                spec.setMaxSession(2);
                (each == here ? container : other).adapter.endpointActivation(each, spec);
                untilSubscribed(1);
            }
            send(true, numbers(50));
            assertEquals(
                    Set.of(numbers(50)),
                    take(50).stream().map(text -> text.split(" ")[0]).collect(Collectors.toSet()));
            assertNull(got.poll(100, TimeUnit.MILLISECONDS));
        }
    }

    @Test
    void aSelectorChooses() throws Exception {
        PenstockActivationSpec spec = queue();
        spec.setMessageSelector("text LIKE 'b%'");
        TestEndpoints endpoints = endpoints(true, this::note);
        container.adapter.endpointActivation(endpoints, spec);
        send(false, "a", "b1", "c", "b2");
        assertEquals(Set.of("b1 #1", "b2 #1"), Set.copyOf(take(2)));
        container.adapter.endpointDeactivation(endpoints, spec);
        assertEquals(List.of("a", "c"), left(name));
    }

    @Test
    void namesAreLookedUpInTheNamingContext() throws Exception {
        PenstockActivationSpec spec = new PenstockActivationSpec();
        spec.setJndiParams("java.naming.factory.initial=io.penstock.jms.jndi.PenstockInitialContextFactory;"
                + "java.naming.provider.url=" + broker.url());
        spec.setDestinationLookup("dynamicQueues/" + name);
        spec.setConnectionFactoryLookup("ConnectionFactory");
        spec.setUrl("penstock://127.0.0.1:1");
        container.adapter.endpointActivation(endpoints(false, this::note), spec);
        send(false, "a");
        assertEquals(List.of("a #1"), take(1));
    }

    @Test
    void anEndpointIsTriedAgainUntilApplicationAndBrokerAreThere() throws Exception {
        PenstockActivationSpec spec = queue();
        spec.setSetupInterval(20L);
        TestEndpoints endpoints = endpoints(true, this::note);
        endpoints.unavailable = true;
        broker.close();
        container.adapter.endpointActivation(endpoints, spec);
        broker.start();
        send(false, "a");
        assertEquals(0, endpoints.made.get());
        endpoints.unavailable = false;
        assertEquals(List.of("a #1"), take(1));
    }

    @Test
    void anEndpointGoesOnWhenItsBrokerWasRestarted() throws Exception {
        TestEndpoints endpoints = endpoints(true, this::note);
        container.adapter.endpointActivation(endpoints, queue());
        send(false, "a");
        assertEquals(List.of("a #1"), take(1));
        broker.close();
        broker.start();
        send(false, "b");
        assertEquals(List.of("b #1"), take(1));
        assertEquals(15, endpoints.made.get());
    }

    @Test
    void anEndpointIsConnectedAnewWhenTheClientHasGivenUp() throws Exception {
        PenstockActivationSpec spec = queue();
        spec.setUrl(broker.url() + "?jms.reconnectAttempts=0");
        spec.setSetupInterval(20L);
        spec.setMaxSession(2);
        TestEndpoints endpoints = endpoints(true, this::note);
        container.adapter.endpointActivation(endpoints, spec);
        send(false, "a");
        assertEquals(List.of("a #1"), take(1));
        broker.close();
        broker.start();
        send(false, "b");
        assertEquals(List.of("b #1"), take(1));
        assertEquals(4, endpoints.made.get());
        until(() -> endpoints.released.get() == 2);
    }

    @ParameterizedTest
    @ValueSource(booleans = {false, true})
    void stoppingLetsWhatIsWorkedOnEndAndLeavesTheRest(boolean transacted) throws Exception {
        PenstockActivationSpec spec = queue();
        spec.setMaxSession(1);
        CountDownLatch inside = new CountDownLatch(1);
        CountDownLatch goOn = new CountDownLatch(1);
        TestEndpoints endpoints = endpoints(transacted, message -> {
            inside.countDown();
            assertTrue(goOn.await(20, TimeUnit.SECONDS));
            note(message);
        });
        container.adapter.endpointActivation(endpoints, spec);
        send(false, "a", "b", "c");
        assertTrue(inside.await(20, TimeUnit.SECONDS));
        Thread stopping = new Thread(() -> container.adapter.endpointDeactivation(endpoints, spec));
        stopping.start();
        until(() -> stopping.getState() == Thread.State.WAITING || stopping.getState() == Thread.State.TIMED_WAITING);
        assertEquals(0, endpoints.released.get());
        goOn.countDown();
        stopping.join(20_000);
        assertFalse(stopping.isAlive());
        assertEquals(1, endpoints.released.get());
        assertEquals(List.of("a #1"), List.copyOf(got));
        assertEquals(List.of("b", "c"), left(name));
    }

    private interface Condition {
        boolean holds() throws Exception;
    }

    private static void until(Condition condition) throws Exception {
        while (!condition.holds()) {
            Thread.onSpinWait();
        }
    }
}
