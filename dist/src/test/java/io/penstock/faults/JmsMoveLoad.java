package io.penstock.faults;

import io.penstock.faults.Event.Outcome;
import io.penstock.faults.Event.Sent;
import io.penstock.faults.Event.Settled;
import jakarta.jms.Connection;
import jakarta.jms.JMSException;
import jakarta.jms.Message;
import jakarta.jms.MessageConsumer;
import jakarta.jms.MessageProducer;
import jakarta.jms.Session;
import jakarta.jms.TransactionRolledBackException;
import java.util.ArrayList;
import java.util.List;

/**
 * Transactions over the partitions of several brokers: each takes a message from a queue and sends two, to other partitions
 * of two other queues. Whatever happens, each message arrives once in both (invariant 23).
 */
final class JmsMoveLoad implements Load {
    private static final long PAUSE_MILLIS = 10;
    private static final long RECEIVE_MILLIS = 100;
    private static final int MOVERS = 2;
    private static final String ALL = "readers";
    private static final String MOVED_BY = "movers";

    private final Course course;
    private final String from;
    private final List<String> targets;
    private final JmsClients clients;
    private final List<ClientThread> readers = new ArrayList<>();
    private ClientThread sender;

    JmsMoveLoad(Course course, String name) {
        this.course = course;
        this.from = name + "-in";
        this.targets = List.of(name + "-out", name + "-audit");
        this.clients = new JmsClients(course);
    }

    @Override
    public void start() throws Exception {
        course.cluster().create(from, JmsClients.PARTITIONS, "queue");
        for (String target : targets) {
            course.cluster().create(target, JmsClients.PARTITIONS, "queue");
            Pulse receives = course.pulse(target + " receives");
            readers.add(clients.reader(target + "-reader", null, connection -> {
                Session session = connection.createSession(Session.AUTO_ACKNOWLEDGE);
                clients.read(session, session.createConsumer(session.createQueue(target)), target, ALL, 1, receives);
            }));
        }
        Pulse commits = course.pulse(from + " commits");
        for (int i = 0; i < MOVERS; i++) {
            int mover = i;
            readers.add(clients.reader(from + "-mover-" + i, null, connection -> move(connection, mover, commits)));
        }
        Pulse sends = course.pulse(from + " sends");
        sender = clients.sender(
                from + "-sender", connection -> clients.send(connection, from, false, 1, sends, PAUSE_MILLIS));
    }

    private void move(Connection connection, int mover, Pulse commits) throws JMSException {
        Session session = connection.createSession(Session.SESSION_TRANSACTED);
        MessageConsumer consumer = session.createConsumer(session.createQueue(from));
        List<MessageProducer> producers = new ArrayList<>();
        for (String target : targets) {
            producers.add(session.createProducer(session.createQueue(target)));
        }
        while (course.reading()) {
            Message message = consumer.receive(RECEIVE_MILLIS);
            if (message == null) {
                continue;
            }
            clients.saw(message, from, MOVED_BY, mover);
            Outcome outcome = Outcome.UNKNOWN;
            int number = JmsClients.number(message);
            try {
                for (int i = 0; i < producers.size(); i++) {
                    Message copy = JmsClients.message(session, number, 1);
                    copy.setIntProperty("JMS_Penstock_Partition", (number + 1 + i) % JmsClients.PARTITIONS);
                    producers.get(i).send(copy);
                }
                session.commit();
                outcome = Outcome.DONE;
                commits.beat(System.nanoTime());
            } catch (TransactionRolledBackException e) {
                outcome = Outcome.NOT_DONE;
            } finally {
                course.saw(new Settled(from, number, MOVED_BY, outcome));
                for (String target : targets) {
                    course.saw(new Sent(target, number, 1, outcome));
                }
            }
        }
    }

    @Override
    public List<Promise> promises() {
        return List.of(
                Promise.flagged(from, MOVED_BY),
                Promise.flagged(targets.get(0), ALL),
                Promise.flagged(targets.get(1), ALL));
    }

    @Override
    public void joinSenders() throws InterruptedException {
        sender.join();
    }

    @Override
    public void finish() throws InterruptedException {
        for (ClientThread each : readers) {
            each.join();
        }
    }

    @Override
    public void checkComplete(HistoryChecker checker) {
        checker.checkArrived(from, promises().get(1));
        checker.checkArrived(from, promises().get(2));
    }

    @Override
    public void check(HistoryChecker checker) {
        checkComplete(checker);
        checker.checkSame(promises().get(1), promises().get(2));
    }
}
