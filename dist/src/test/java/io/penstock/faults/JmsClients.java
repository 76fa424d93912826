package io.penstock.faults;

import io.penstock.faults.Event.Outcome;
import io.penstock.faults.Event.Received;
import io.penstock.faults.Event.Sent;
import io.penstock.faults.Event.Settled;
import io.penstock.jms.PenstockConnectionFactory;
import jakarta.jms.Connection;
import jakarta.jms.JMSException;
import jakarta.jms.Message;
import jakarta.jms.MessageConsumer;
import jakarta.jms.MessageProducer;
import jakarta.jms.Session;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.atomic.AtomicInteger;

/** What the JMS loads have in common: numbered messages, senders and readers of one destination. Shared by a load's threads. */
final class JmsClients {
    static final int PARTITIONS = 3;
    private static final String NUMBER = "number";
    private static final String SENDER = "sender";
    private static final long RECEIVE_MILLIS = 100;
    /** A reader that acknowledges by itself does so after so many, or when nothing comes. */
    private static final int GATHERED = 5;

    private final Course course;
    private final AtomicInteger clients = new AtomicInteger();
    private final AtomicInteger numbers = new AtomicInteger();

    JmsClients(Course course) {
        this.course = course;
    }

    /** The work of a life with a connection, whose first broker is another one for each client. */
    interface Work {
        void run(Connection connection) throws JMSException;
    }

    ClientThread sender(String name, Work work) {
        return start(name, true, null, work);
    }

    /** @param clientId null for none */
    ClientThread reader(String name, String clientId, Work work) {
        return start(name, false, clientId, work);
    }

    private ClientThread start(String name, boolean sends, String clientId, Work work) {
        int first = clients.getAndIncrement() % course.cluster().ids().size() + 1;
        PenstockConnectionFactory factory =
                new PenstockConnectionFactory(course.cluster().url(first));
        return ClientThread.start(name, course, sends ? course::sending : course::reading, JMSException.class, () -> {
            try (Connection connection = factory.createConnection()) {
                if (clientId != null) {
                    connection.setClientID(clientId);
                }
                connection.start();
                work.run(connection);
            }
        });
    }

    /** Blocking sends of PERSISTENT messages over all partitions. */
    void send(Connection connection, String stream, boolean topic, int sender, Pulse pulse, long pauseMillis)
            throws JMSException {
        Session session = connection.createSession(false, Session.AUTO_ACKNOWLEDGE);
        MessageProducer producer =
                session.createProducer(topic ? session.createTopic(stream) : session.createQueue(stream));
        while (course.sending()) {
            int number = numbers.getAndIncrement();
            Outcome outcome = Outcome.UNKNOWN;
            try {
                producer.send(message(session, number, sender));
                outcome = Outcome.DONE;
                pulse.beat(System.nanoTime());
            } finally {
                course.saw(new Sent(stream, number, lane(number, sender), outcome));
            }
            ClientThread.pause(pauseMillis);
        }
    }

    /** Order holds within a partition. */
    private static int lane(int number, int sender) {
        return sender * PARTITIONS + number % PARTITIONS;
    }

    static Message message(Session session, int number, int sender) throws JMSException {
        Message message = session.createTextMessage("message " + number);
        message.setIntProperty(NUMBER, number);
        message.setIntProperty(SENDER, sender);
        message.setIntProperty("JMS_Penstock_Partition", number % PARTITIONS);
        return message;
    }

    static int number(Message message) throws JMSException {
        return message.getIntProperty(NUMBER);
    }

    /** Records a delivery. */
    void saw(Message message, String stream, String subscription, int reader) throws JMSException {
        int number = number(message);
        course.saw(new Received(
                stream,
                number,
                subscription,
                lane(number, message.getIntProperty(SENDER)),
                reader,
                message.getJMSRedelivered(),
                message.getIntProperty("JMSXDeliveryCount")));
    }

    /** Receives, and acknowledges or commits as the session is, until it is enough. */
    void read(Session session, MessageConsumer consumer, String stream, String subscription, int reader, Pulse pulse)
            throws JMSException {
        List<Message> open = new ArrayList<>();
        while (course.reading()) {
            Message message = consumer.receive(RECEIVE_MILLIS);
            if (message != null) {
                saw(message, stream, subscription, reader);
                pulse.beat(System.nanoTime());
                open.add(message);
            }
            if (open.size() >= GATHERED || (message == null && !open.isEmpty())) {
                settle(session, open, stream, subscription);
                open.clear();
            }
        }
    }

    private void settle(Session session, List<Message> messages, String stream, String subscription)
            throws JMSException {
        // An automatic acknowledgement is on its way some time after the receipt; nobody is told when it is done.
        Outcome outcome = Outcome.UNKNOWN;
        try {
            if (session.getTransacted()) {
                session.commit();
                outcome = Outcome.DONE;
            } else if (session.getAcknowledgeMode() == Session.CLIENT_ACKNOWLEDGE) {
                messages.get(0).acknowledge();
                outcome = Outcome.DONE;
            }
        } finally {
            for (Message each : messages) {
                course.saw(new Settled(stream, number(each), subscription, outcome));
            }
        }
    }
}
