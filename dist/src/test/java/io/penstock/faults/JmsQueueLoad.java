package io.penstock.faults;

import jakarta.jms.Session;
import java.util.ArrayList;
import java.util.List;

/** A queue with blocking senders, and several readers that acknowledge in one of the ways that there are. */
final class JmsQueueLoad implements Load {
    private static final long PAUSE_MILLIS = 10;
    private static final int SENDERS = 2;
    private static final int READERS = 2;
    private static final String ALL = "readers";

    private final Course course;
    private final String queue;
    private final int acknowledgeMode;
    private final JmsClients clients;
    private final List<ClientThread> senders = new ArrayList<>();
    private final List<ClientThread> readers = new ArrayList<>();

    /** @param acknowledgeMode as {@link Session} names it, SESSION_TRANSACTED among them */
    JmsQueueLoad(Course course, String queue, int acknowledgeMode) {
        this.course = course;
        this.queue = queue;
        this.acknowledgeMode = acknowledgeMode;
        this.clients = new JmsClients(course);
    }

    @Override
    public void start() throws Exception {
        course.cluster().create(queue, JmsClients.PARTITIONS, "queue");
        Pulse receives = course.pulse(queue + " receives");
        for (int i = 0; i < READERS; i++) {
            int reader = i;
            readers.add(clients.reader(queue + "-reader-" + i, null, connection -> {
                Session session = connection.createSession(acknowledgeMode);
                clients.read(session, session.createConsumer(session.createQueue(queue)), queue, ALL, reader, receives);
            }));
        }
        Pulse sends = course.pulse(queue + " sends");
        for (int i = 0; i < SENDERS; i++) {
            int sender = i;
            senders.add(clients.sender(
                    queue + "-sender-" + i,
                    connection -> clients.send(connection, queue, false, sender, sends, PAUSE_MILLIS)));
        }
    }

    @Override
    public List<Promise> promises() {
        return List.of(Promise.flagged(queue, ALL));
    }

    @Override
    public void joinSenders() throws InterruptedException {
        for (ClientThread each : senders) {
            each.join();
        }
    }

    @Override
    public void finish() throws InterruptedException {
        for (ClientThread each : readers) {
            each.join();
        }
    }
}
