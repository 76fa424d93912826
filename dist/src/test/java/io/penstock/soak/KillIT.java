package io.penstock.soak;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.penstock.jms.PenstockConnectionFactory;
import io.penstock.process.BrokerProcess;
import jakarta.jms.Connection;
import jakarta.jms.JMSException;
import jakarta.jms.Message;
import jakarta.jms.MessageConsumer;
import jakarta.jms.MessageProducer;
import jakarta.jms.Session;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.BitSet;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.CleanupMode;
import org.junit.jupiter.api.io.TempDir;

/**
 * SIGKILL of the broker under JMS load (JMS-RULES 3, 6, 20; invariants 13, 19, 20): what was confirmed is there, what
 * was acknowledged stays away, a repeat is flagged and counts every hand-out, also those that the broker has not heard
 * of, a transaction is there whole and once.
 */
@Timeout(180)
class KillIT {
    private static final int KILLS = Integer.getInteger("penstock.soak.kills", 3);
    private static final int STEP = 150;
    private static final int THREADS = 2;
    private static final int UNACKNOWLEDGED = 10;
    private static final String NUMBER = "number";

    @TempDir(cleanup = CleanupMode.ON_SUCCESS)
    Path directory;

    private final AtomicInteger numbers = new AtomicInteger();
    private final BitSet confirmedWork = new BitSet();
    private final BitSet confirmedIn = new BitSet();
    private final BitSet acknowledged = new BitSet();
    /** Acknowledged into the broker's death: whether it was done is known only when they come again, or do not. */
    private final BitSet unknown = new BitSet();

    private final Map<Integer, Integer> handedOut = new HashMap<>();
    private final AtomicInteger moved = new AtomicInteger();
    private final ConcurrentLinkedQueue<String> violations = new ConcurrentLinkedQueue<>();

    private volatile boolean producing = true;
    private volatile boolean stopping;
    private volatile PenstockConnectionFactory byTcp;
    private volatile PenstockConnectionFactory byLocalSocket;

    /** What a client does until the broker dies under it. */
    interface Work {
        void run(Connection connection) throws JMSException;
    }

    @Test
    void nothingConfirmedIsLostAndNothingAcknowledgedReturns() throws Exception {
        try (BrokerProcess broker = new BrokerProcess(directory)) {
            broker.start();
            byTcp = new PenstockConnectionFactory(broker.url() + "?jms.localSocket=false");
            byLocalSocket = new PenstockConnectionFactory(broker.url());
            List<Thread> producers = new ArrayList<>();
            List<Thread> consumers = new ArrayList<>();
            for (int i = 0; i < THREADS; i++) {
                producers.add(client("work-producer-" + i, connection -> produce(connection, "work", confirmedWork)));
                producers.add(client("in-producer-" + i, connection -> produce(connection, "in", confirmedIn)));
                consumers.add(client("receiver-" + i, this::receive));
                consumers.add(client("mover-" + i, this::move));
            }
            for (int kill = 0; kill < KILLS; kill++) {
                progress();
                broker.kill();
                broker.start();
            }
            progress();
            producing = false;
            for (Thread producer : producers) {
                producer.join();
            }
            await("all work is acknowledged", () -> missing(confirmedWork, settled()) == 0);
            stopping = true;
            for (Thread consumer : consumers) {
                consumer.join();
            }
            checkAcknowledged();
            checkMoved(broker);
        }
        assertEquals(List.of(), List.copyOf(violations));
        System.out.printf(
                "%d kills: %d of work and %d with a lost answer, %d moved, %d handed out again%n",
                KILLS,
                acknowledged.cardinality(),
                unknown.cardinality(),
                confirmedIn.cardinality(),
                handedOut.values().stream().filter(times -> times > 1).count());
    }

    /** Waits until every kind of client has got some way. */
    private void progress() throws Exception {
        int work = cardinality(confirmedWork) + STEP;
        int in = cardinality(confirmedIn) + STEP;
        int done = cardinality(acknowledged) + STEP;
        int out = moved.get() + STEP / 3;
        await(
                "the load gets on",
                () -> cardinality(confirmedWork) >= work
                        && cardinality(confirmedIn) >= in
                        && cardinality(acknowledged) >= done
                        && moved.get() >= out);
    }

    private Thread client(String name, Work work) {
        Thread thread = new Thread(
                () -> {
                    boolean producer = name.contains("producer");
                    // One of each kind by TCP, the others by the broker's local socket.
                    PenstockConnectionFactory factory = name.endsWith("-0") ? byTcp : byLocalSocket;
                    while (producer ? producing : !stopping) {
                        try (Connection connection = factory.createConnection()) {
                            connection.start();
                            work.run(connection);
                        } catch (JMSException brokerGone) {
                            // A new connection, until the broker is back.
                            Thread.onSpinWait();
                        } catch (RuntimeException e) {
                            violations.add(name + " failed: " + e);
                            return;
                        }
                    }
                },
                name);
        thread.setDaemon(true);
        thread.start();
        return thread;
    }

    private void produce(Connection connection, String queue, BitSet confirmed) throws JMSException {
        Session session = connection.createSession(Session.AUTO_ACKNOWLEDGE);
        MessageProducer producer = session.createProducer(session.createQueue(queue));
        while (producing) {
            int number = numbers.getAndIncrement();
            Message message = session.createMessage();
            message.setIntProperty(NUMBER, number);
            producer.send(message);
            synchronized (this) {
                confirmed.set(number);
            }
        }
    }

    private void receive(Connection connection) throws JMSException {
        Session session = connection.createSession(Session.CLIENT_ACKNOWLEDGE);
        MessageConsumer consumer = session.createConsumer(session.createQueue("work"));
        List<Message> unacknowledged = new ArrayList<>();
        while (!stopping) {
            Message message = consumer.receive(50);
            if (message != null) {
                handedOut(message);
                unacknowledged.add(message);
            }
            if (unacknowledged.size() >= UNACKNOWLEDGED || (message == null && !unacknowledged.isEmpty())) {
                acknowledge(unacknowledged);
                unacknowledged.clear();
            }
        }
    }

    private void acknowledge(List<Message> messages) throws JMSException {
        BitSet found = unknown;
        try {
            messages.get(0).acknowledge();
            found = acknowledged;
        } finally {
            synchronized (this) {
                for (Message each : messages) {
                    found.set(each.getIntProperty(NUMBER));
                }
            }
        }
    }

    private synchronized void handedOut(Message message) throws JMSException {
        int number = message.getIntProperty(NUMBER);
        int count = message.getIntProperty("JMSXDeliveryCount");
        int times = handedOut.merge(number, 1, Integer::sum);
        if (acknowledged.get(number)) {
            violations.add(number + " was acknowledged and came back");
        }
        // It was not done: what is settled does not come again.
        unknown.clear(number);
        if (message.getJMSRedelivered() != count > 1) {
            violations.add(number + " has count " + count + " and redelivered " + message.getJMSRedelivered());
        }
        if (count < times || count > times + KILLS) {
            violations.add(number + " was handed out " + times + " times and counts " + count);
        }
    }

    private void move(Connection connection) throws JMSException {
        Session session = connection.createSession(Session.SESSION_TRANSACTED);
        MessageConsumer consumer = session.createConsumer(session.createQueue("in"));
        MessageProducer producer = session.createProducer(session.createQueue("out"));
        while (!stopping) {
            Message message = consumer.receive(50);
            if (message != null) {
                Message on = session.createMessage();
                on.setIntProperty(NUMBER, message.getIntProperty(NUMBER));
                producer.send(on);
                session.commit();
                moved.incrementAndGet();
            }
        }
    }

    /** What of an acknowledgement whose answer was lost was not done has come again; then nothing is left. */
    private void checkAcknowledged() throws Exception {
        int open = cardinality(unknown);
        assertTrue(open <= KILLS * THREADS * UNACKNOWLEDGED, () -> open + " acknowledgements had no answer");
        BitSet left = new BitSet();
        drain("work", left);
        left.and(acknowledged);
        assertEquals(0, left.cardinality(), "acknowledged and still there");
    }

    private synchronized BitSet settled() {
        BitSet settled = (BitSet) acknowledged.clone();
        settled.or(unknown);
        return settled;
    }

    /** Whatever was decided by a commit whose answer was lost: each number is there once, moved or not. */
    private void checkMoved(BrokerProcess broker) throws Exception {
        BitSet found = new BitSet();
        drain("out", found);
        assertTrue(found.cardinality() >= moved.get(), () -> moved + " commits confirmed, " + found.cardinality());
        drain("in", found);
        assertEquals(0, missing(confirmedIn, found), "confirmed and gone; see " + broker.directory());
    }

    private void drain(String queue, BitSet found) throws Exception {
        try (Connection connection = byLocalSocket.createConnection();
                Session session = connection.createSession(Session.AUTO_ACKNOWLEDGE)) {
            connection.start();
            MessageConsumer consumer = session.createConsumer(session.createQueue(queue));
            // Longer than what a dead session holds stays with it.
            for (Message message = consumer.receive(3000); message != null; message = consumer.receive(3000)) {
                int number = message.getIntProperty(NUMBER);
                if (found.get(number)) {
                    violations.add(number + " is there twice");
                }
                found.set(number);
            }
        }
    }

    private synchronized int missing(BitSet wanted, BitSet present) {
        BitSet missing = (BitSet) wanted.clone();
        missing.andNot(present);
        return missing.cardinality();
    }

    private synchronized int cardinality(BitSet set) {
        return set.cardinality();
    }

    /** A condition. */
    interface Condition {
        boolean holds();
    }

    private void await(String what, Condition condition) throws InterruptedException {
        long limit = System.nanoTime() + TimeUnit.SECONDS.toNanos(60);
        while (!condition.holds()) {
            assertTrue(violations.isEmpty(), () -> violations.toString());
            assertTrue(
                    System.nanoTime() < limit,
                    () -> what + ": confirmed " + cardinality(confirmedWork) + " and " + cardinality(confirmedIn)
                            + ", acknowledged " + cardinality(acknowledged) + " and perhaps "
                            + cardinality(unknown) + ", moved " + moved + "; see " + directory);
            TimeUnit.MILLISECONDS.sleep(5);
        }
    }
}
