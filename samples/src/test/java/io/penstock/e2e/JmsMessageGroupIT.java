package io.penstock.e2e;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertTrue;

import jakarta.jms.JMSConsumer;
import jakarta.jms.JMSContext;
import jakarta.jms.Message;
import jakarta.jms.Queue;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeSet;
import java.util.concurrent.CopyOnWriteArrayList;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInfo;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.RegisterExtension;

/** Message groups from end to end (rule 28, invariant 24). */
@Timeout(120)
class JmsMessageGroupIT {
    private static final int WAIT = 10_000;
    private static final int GROUPS = 9;

    @RegisterExtension
    static final RunningBroker BROKER = new RunningBroker();

    private final List<Got> got = new CopyOnWriteArrayList<>();
    private String name;

    /** A message of a group, at one of the consumers. */
    private record Got(int consumer, String group, int sequence) {}

    @BeforeEach
    void name(TestInfo test) {
        name = test.getTestMethod().orElseThrow().getName();
    }

    private void listen(JMSContext context, int consumer) {
        context.createConsumer(context.createQueue(name)).setMessageListener(message -> {
            try {
                got.add(new Got(
                        consumer, message.getStringProperty("JMSXGroupID"), message.getIntProperty("JMSXGroupSeq")));
            } catch (jakarta.jms.JMSException e) {
                throw new AssertionError(e);
            }
        });
    }

    private void send(JMSContext context, int fromSequence, int toSequence) {
        Queue queue = context.createQueue(name);
        for (int sequence = fromSequence; sequence <= toSequence; sequence++) {
            for (int group = 0; group < GROUPS; group++) {
                context.createProducer()
                        .setProperty("JMSXGroupID", "group-" + group)
                        .setProperty("JMSXGroupSeq", sequence)
                        .send(queue, "m");
            }
        }
    }

    private void awaitDistinct(int count) throws InterruptedException {
        long until = System.nanoTime() + WAIT * 1_000_000L;
        while (distinct() < count && System.nanoTime() < until) {
            Thread.sleep(10);
        }
        assertEquals(count, distinct());
    }

    private long distinct() {
        return got.stream().map(each -> each.group + each.sequence).distinct().count();
    }

    /** Which consumer has had which group from a sequence on; each had one, and its messages came in order. */
    private Map<String, Integer> owners(List<Got> of) {
        Map<String, Integer> owners = new HashMap<>();
        Map<String, Integer> last = new HashMap<>();
        for (Got each : of) {
            Integer before = owners.put(each.group, each.consumer);
            assertTrue(before == null || before == each.consumer, each + ", before at " + before);
            assertTrue(last.getOrDefault(each.group, 0) < each.sequence, each + " out of order");
            last.put(each.group, each.sequence);
        }
        return owners;
    }

    @Test
    void rule28EachGroupHasOneConsumerAndMovesWhenThatDies() throws Exception {
        try (JMSContext sending = BROKER.factory().createContext();
                JMSContext one = BROKER.factory().createContext();
                JMSContext two = BROKER.factory().createContext();
                CuttableProxy proxy = new CuttableProxy(BROKER.port())) {
            listen(one, 1);
            listen(two, 2);
            JMSContext mortal = proxy.factory("jms.reconnectAttempts=0").createContext();
            mortal.setExceptionListener(lost -> {});
            listen(mortal, 3);
            send(sending, 1, 5);
            awaitDistinct(5 * GROUPS);
            Map<String, Integer> before = owners(got);
            assertEquals(3, new TreeSet<>(before.values()).size(), "" + before);
            int seen = got.size();
            proxy.close();
            send(sending, 6, 10);
            awaitDistinct(10 * GROUPS);
            List<Got> later = new ArrayList<>(got.subList(seen, got.size()));
            Map<String, Integer> after = owners(later);
            after.forEach((group, consumer) -> {
                int was = before.get(group);
                assertTrue(consumer != 3 && (was == 3 || was == consumer), group + " from " + was + " to " + consumer);
            });
            mortal.close();
        }
    }

    @Test
    void invariant24AGroupWaitsForWhatItsLastConsumerHasNotAcknowledged() throws Exception {
        try (JMSContext first = BROKER.factory("jms.prefetch=1").createContext(JMSContext.SESSION_TRANSACTED);
                JMSContext second = BROKER.factory("jms.prefetch=1").createContext();
                JMSContext sending = BROKER.factory().createContext()) {
            Queue queue = sending.createQueue(name);
            JMSConsumer early = first.createConsumer(queue);
            for (int i = 0; i < 3; i++) {
                sending.createProducer().setProperty("JMSXGroupID", "g").send(queue, "m" + i);
            }
            assertEquals("m0", early.receiveBody(String.class, WAIT));
            JMSConsumer late = second.createConsumer(queue);
            assertNull(late.receive(200));
            early.close();
            assertNull(late.receive(200));
            first.rollback();
            Message again = late.receive(WAIT);
            assertNotNull(again);
            assertEquals("m0", again.getBody(String.class));
            assertTrue(again.getJMSRedelivered());
            assertEquals("m1", late.receiveBody(String.class, WAIT));
            Message last = late.receive(WAIT);
            assertEquals("m2", last.getBody(String.class));
            assertFalse(last.getJMSRedelivered());
            assertEquals("g", last.getStringProperty("JMSXGroupID"));
        }
    }

    @Test
    void anExclusiveQueueHasOneConsumerAtATimeAndTheNextTakesOver() throws Exception {
        SettingsClient.set(BROKER.port(), name, "default-exclusive-queue=true");
        try (JMSContext first = BROKER.factory("jms.prefetch=1").createContext();
                JMSContext second = BROKER.factory("jms.prefetch=1").createContext()) {
            Queue queue = first.createQueue(name);
            JMSConsumer early = first.createConsumer(queue);
            JMSConsumer late = second.createConsumer(queue);
            for (int i = 0; i < 4; i++) {
                first.createProducer().send(queue, "m" + i);
            }
            assertEquals("m0", early.receiveBody(String.class, WAIT));
            assertNull(late.receive(300));
            assertEquals("m1", early.receiveBody(String.class, WAIT));
            early.close();
            assertEquals("m2", late.receiveBody(String.class, WAIT));
            assertEquals("m3", late.receiveBody(String.class, WAIT));
        } finally {
            SettingsClient.unset(BROKER.port(), name, "default-exclusive-queue");
        }
    }
}
