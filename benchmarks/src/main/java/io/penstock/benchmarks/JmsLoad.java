package io.penstock.benchmarks;

import jakarta.jms.BytesMessage;
import jakarta.jms.CompletionListener;
import jakarta.jms.Connection;
import jakarta.jms.ConnectionFactory;
import jakarta.jms.DeliveryMode;
import jakarta.jms.JMSException;
import jakarta.jms.Message;
import jakarta.jms.MessageConsumer;
import jakarta.jms.MessageProducer;
import jakarta.jms.Queue;
import jakarta.jms.Session;
import jakarta.jms.Topic;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.Semaphore;
import java.util.concurrent.atomic.AtomicReference;

/** The load through {@code jakarta.jms} alone, the same code for every provider. */
final class JmsLoad {
    private static final int ASYNC_WINDOW = 1000;
    private static final int COMMIT_EVERY = 100;

    private final LoadOptions options;
    private final ConnectionFactory factory;
    private final Window window = new Window();
    private final byte[] body;
    private volatile boolean stopped;

    JmsLoad(LoadOptions options) throws ReflectiveOperationException {
        this.options = options;
        this.factory = factory(options);
        this.body = new byte[options.bodyBytes()];
    }

    private static ConnectionFactory factory(LoadOptions options) throws ReflectiveOperationException {
        String name = options.target() == Target.ARTEMIS
                ? "org.apache.activemq.artemis.jms.client.ActiveMQConnectionFactory"
                : "io.penstock.jms.PenstockConnectionFactory";
        return (ConnectionFactory)
                Class.forName(name).getConstructor(String.class).newInstance(options.url());
    }

    void run(String load) throws Exception {
        switch (load) {
            case "blocking" -> blocking();
            case "async" -> async();
            case "transacted" -> transacted();
            case "backlog-send" -> backlog(true);
            case "backlog-drain" -> backlog(false);
            case "topic" -> topic();
            case "selectors" -> selectors(0);
            case "selectors-backlog" -> selectors(options.backlog());
            case "non-persistent" -> nonPersistent();
            case "request-reply" -> requestReply();
            case "temporary-queues" -> temporaryQueues();
            case "connect" -> connect();
            case "queues" -> queues();
            case "probe" -> probe();
            default -> throw new IllegalArgumentException(load);
        }
    }

    private Connection started() throws JMSException {
        Connection connection = factory.createConnection();
        connection.start();
        return connection;
    }

    private void listen(Queue queue) throws JMSException {
        Session session = started().createSession(false, Session.AUTO_ACKNOWLEDGE);
        session.createConsumer(queue).setMessageListener(message -> window.message());
    }

    private BytesMessage message(Session session) throws JMSException {
        BytesMessage message = session.createBytesMessage();
        message.writeBytes(body);
        return message;
    }

    private interface Sending {
        void run() throws Exception;
    }

    private Thread sender(String name, Sending sending) {
        Thread thread = new Thread(
                () -> {
                    try {
                        sending.run();
                    } catch (Exception e) {
                        if (!stopped) {
                            e.printStackTrace();
                            System.exit(1);
                        }
                    }
                },
                name);
        thread.setDaemon(true);
        thread.start();
        return thread;
    }

    private void measure(List<Thread> senders) throws InterruptedException {
        window.run(options);
        stopped = true;
        for (Thread sender : senders) {
            sender.join(5000);
        }
    }

    private void blocking() throws Exception {
        List<Thread> senders = new ArrayList<>();
        for (int pair = 0; pair < options.width(); pair++) {
            Session session = started().createSession(false, Session.AUTO_ACKNOWLEDGE);
            Queue queue = session.createQueue(options.name());
            listen(queue);
            MessageProducer producer = session.createProducer(queue);
            senders.add(sender("sender-" + pair, () -> {
                while (!stopped) {
                    Message message = message(session);
                    long begin = System.nanoTime();
                    producer.send(message);
                    window.latency(System.nanoTime() - begin);
                }
            }));
        }
        measure(senders);
    }

    private void probe() throws Exception {
        Session session = started().createSession(false, Session.AUTO_ACKNOWLEDGE);
        MessageProducer producer = session.createProducer(session.createQueue(options.name()));
        new Probe(options).run(numbered -> {
            BytesMessage message = session.createBytesMessage();
            message.writeBytes(numbered);
            producer.send(message);
        });
    }

    private void nonPersistent() throws Exception {
        Session session = started().createSession(false, Session.AUTO_ACKNOWLEDGE);
        Queue queue = session.createQueue(options.name());
        Semaphore inFlight = new Semaphore(ASYNC_WINDOW);
        Session receiving = started().createSession(false, Session.AUTO_ACKNOWLEDGE);
        receiving.createConsumer(queue).setMessageListener(message -> {
            window.message();
            inFlight.release();
        });
        MessageProducer producer = session.createProducer(queue);
        producer.setDeliveryMode(DeliveryMode.NON_PERSISTENT);
        measure(List.of(sender("sender", () -> {
            while (!stopped) {
                inFlight.acquire();
                producer.send(message(session));
            }
        })));
    }

    private final class Stored implements CompletionListener {
        final Semaphore permits = new Semaphore(ASYNC_WINDOW);
        final AtomicReference<Exception> failure = new AtomicReference<>();

        @Override
        public void onCompletion(Message message) {
            permits.release();
        }

        @Override
        public void onException(Message message, Exception exception) {
            failure.set(exception);
            permits.release();
        }

        void send(Session session, MessageProducer producer) throws Exception {
            send(producer, message(session));
        }

        void send(MessageProducer producer, Message message) throws Exception {
            permits.acquire();
            if (failure.get() != null) {
                throw failure.get();
            }
            producer.send(message, this);
        }
    }

    private void async() throws Exception {
        Session session = started().createSession(false, Session.AUTO_ACKNOWLEDGE);
        Queue queue = session.createQueue(options.name());
        listen(queue);
        MessageProducer producer = session.createProducer(queue);
        Stored stored = new Stored();
        measure(List.of(sender("sender", () -> {
            while (!stopped) {
                stored.send(session, producer);
            }
        })));
    }

    private void transacted() throws Exception {
        Session session = started().createSession(true, Session.SESSION_TRANSACTED);
        Queue queue = session.createQueue(options.name());
        MessageProducer producer = session.createProducer(queue);
        Session receiving = started().createSession(true, Session.SESSION_TRANSACTED);
        MessageConsumer consumer = receiving.createConsumer(queue);
        // Bounded, so that a fast sender does not measure a growing backlog.
        Semaphore inFlight = new Semaphore(100 * COMMIT_EVERY);
        measure(List.of(
                sender("sender", () -> {
                    while (!stopped) {
                        inFlight.acquire(COMMIT_EVERY);
                        for (int i = 0; i < COMMIT_EVERY; i++) {
                            producer.send(message(session));
                        }
                        session.commit();
                    }
                }),
                sender("receiver", () -> {
                    while (!stopped) {
                        int received = 0;
                        while (received < COMMIT_EVERY && consumer.receive(1000) != null) {
                            received++;
                        }
                        receiving.commit();
                        inFlight.release(received);
                        window.messages(received);
                    }
                })));
    }

    private void backlog(boolean measureSend) throws Exception {
        warmUp();
        Session session = started().createSession(false, Session.AUTO_ACKNOWLEDGE);
        Queue queue = session.createQueue(options.name());
        MessageProducer producer = session.createProducer(queue);
        Stored stored = new Stored();
        if (measureSend) {
            window.begin();
        }
        for (int i = 0; i < options.backlog(); i++) {
            stored.send(session, producer);
        }
        stored.permits.acquire(ASYNC_WINDOW);
        if (measureSend) {
            window.messages(options.backlog());
            window.end();
        } else {
            window.begin();
        }
        CountDownLatch left = new CountDownLatch(options.backlog());
        Session receiving = started().createSession(false, Session.AUTO_ACKNOWLEDGE);
        receiving.createConsumer(queue).setMessageListener(message -> left.countDown());
        left.await();
        if (!measureSend) {
            window.messages(options.backlog());
            window.end();
        }
    }

    /** Sends and receives on another queue until the code is compiled. */
    private void warmUp() throws Exception {
        Session session = started().createSession(false, Session.AUTO_ACKNOWLEDGE);
        Queue queue = session.createQueue(options.name() + "-warm-up");
        listen(queue);
        MessageProducer producer = session.createProducer(queue);
        Stored stored = new Stored();
        long end = System.nanoTime() + options.warmUpMillis() * 1_000_000;
        while (System.nanoTime() < end) {
            stored.send(session, producer);
        }
        stored.permits.acquire(ASYNC_WINDOW);
    }

    private void topic() throws Exception {
        // At most so many messages are under way to the slowest subscriber.
        List<Semaphore> windows = new ArrayList<>();
        Session session = started().createSession(false, Session.AUTO_ACKNOWLEDGE);
        Topic topic = session.createTopic(options.name());
        for (int i = 0; i < options.width(); i++) {
            Semaphore inFlight = new Semaphore(10 * ASYNC_WINDOW);
            windows.add(inFlight);
            Connection connection = factory.createConnection();
            connection.setClientID(options.name() + "-" + i);
            connection.start();
            Session receiving = connection.createSession(false, Session.AUTO_ACKNOWLEDGE);
            receiving.createDurableSubscriber(topic, "sub").setMessageListener(message -> {
                window.message();
                inFlight.release();
            });
        }
        MessageProducer producer = session.createProducer(topic);
        Stored stored = new Stored();
        measure(List.of(sender("sender", () -> {
            while (!stopped) {
                for (Semaphore inFlight : windows) {
                    inFlight.acquire();
                }
                stored.send(session, producer);
            }
        })));
    }

    /** Each message is for one of the consumers; what lies before them in the queue is for none. */
    private void selectors(int backlog) throws Exception {
        Session session = started().createSession(false, Session.AUTO_ACKNOWLEDGE);
        Queue queue = session.createQueue(options.name());
        MessageProducer producer = session.createProducer(queue);
        Stored stored = new Stored();
        for (int i = 0; i < backlog; i++) {
            Message message = message(session);
            message.setStringProperty("lane", "nobody's");
            stored.send(producer, message);
        }
        Semaphore inFlight = new Semaphore(10 * ASYNC_WINDOW);
        for (int lane = 0; lane < options.width(); lane++) {
            Session receiving = started().createSession(false, Session.AUTO_ACKNOWLEDGE);
            receiving.createConsumer(queue, "lane = 'l" + lane + "'").setMessageListener(message -> {
                window.message();
                inFlight.release();
            });
        }
        measure(List.of(sender("sender", () -> {
            for (int i = 0; !stopped; i++) {
                inFlight.acquire();
                Message message = message(session);
                message.setStringProperty("lane", "l" + i % options.width());
                stored.send(producer, message);
            }
        })));
    }

    /** One request at a time, NON_PERSISTENT both ways, answered by a listener on another connection. */
    private void requestReply() throws Exception {
        Session serving = started().createSession(false, Session.AUTO_ACKNOWLEDGE);
        MessageProducer replies = serving.createProducer(null);
        replies.setDeliveryMode(DeliveryMode.NON_PERSISTENT);
        serving.createConsumer(serving.createQueue(options.name())).setMessageListener(request -> {
            try {
                replies.send(request.getJMSReplyTo(), message(serving));
            } catch (JMSException e) {
                throw new IllegalStateException("the reply was not sent", e);
            }
        });
        Session session = started().createSession(false, Session.AUTO_ACKNOWLEDGE);
        Queue replyTo = session.createTemporaryQueue();
        MessageConsumer consumer = session.createConsumer(replyTo);
        MessageProducer producer = session.createProducer(session.createQueue(options.name()));
        producer.setDeliveryMode(DeliveryMode.NON_PERSISTENT);
        measure(List.of(sender("requester", () -> {
            while (!stopped) {
                Message request = message(session);
                request.setJMSReplyTo(replyTo);
                long begin = System.nanoTime();
                producer.send(request);
                if (consumer.receive(10_000) == null) {
                    throw new IllegalStateException("no reply");
                }
                window.latency(System.nanoTime() - begin);
                window.message();
            }
        })));
    }

    private void temporaryQueues() throws Exception {
        Session session = started().createSession(false, Session.AUTO_ACKNOWLEDGE);
        measure(List.of(sender("creator", () -> {
            while (!stopped) {
                long begin = System.nanoTime();
                jakarta.jms.TemporaryQueue queue = session.createTemporaryQueue();
                window.latency(System.nanoTime() - begin);
                queue.delete();
                window.message();
            }
        })));
    }

    private void connect() throws Exception {
        measure(List.of(sender("opener", () -> {
            while (!stopped) {
                Connection connection = started();
                Session session = connection.createSession(false, Session.AUTO_ACKNOWLEDGE);
                session.createConsumer(session.createQueue(options.name()));
                connection.close();
                window.message();
            }
        })));
    }

    private void queues() throws Exception {
        warmUp();
        Session session = started().createSession(false, Session.AUTO_ACKNOWLEDGE);
        window.begin();
        for (int i = 0; i < options.width(); i++) {
            Queue queue = session.createQueue(options.name() + "-" + i);
            try (MessageProducer producer = session.createProducer(queue)) {
                producer.send(message(session));
            }
            try (MessageConsumer consumer = session.createConsumer(queue)) {
                if (consumer.receive(10_000) == null) {
                    throw new IllegalStateException("nothing received from " + queue);
                }
            }
            window.message();
        }
        window.end();
    }
}
