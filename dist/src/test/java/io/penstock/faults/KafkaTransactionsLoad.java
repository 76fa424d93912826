package io.penstock.faults;

import io.penstock.faults.Event.Outcome;
import io.penstock.faults.Event.Sent;
import java.util.List;
import java.util.Map;
import java.util.concurrent.atomic.AtomicInteger;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.common.KafkaException;
import org.apache.kafka.common.errors.TimeoutException;

/** Kafka transactions, each of one record in either of two topics; every tenth is aborted on purpose. */
final class KafkaTransactionsLoad implements Load {
    private static final long PAUSE_MILLIS = 20;
    private static final int ABORT_EVERY = 10;
    private static final int TRANSACTION_MILLIS = 20_000;
    private static final int COMMIT_ATTEMPTS = 3;

    private final Course course;
    private final List<String> topics;
    private final String id;
    private final KafkaClients clients;
    private final AtomicInteger numbers = new AtomicInteger();
    private ClientThread producer;

    KafkaTransactionsLoad(Course course, String name) {
        this.course = course;
        this.id = name;
        this.topics = List.of(name + "-a", name + "-b");
        this.clients = new KafkaClients(course);
    }

    @Override
    public void start() throws Exception {
        for (String topic : topics) {
            course.cluster().create(topic, KafkaClients.PARTITIONS, "");
        }
        Pulse commits = course.pulse(id + " commits");
        producer = ClientThread.start(
                id + "-producer", course, course::sending, KafkaException.class, () -> produce(commits));
    }

    /** A life of a producer, which takes over from the one before: what that one had open is aborted. */
    private void produce(Pulse commits) {
        Map<String, Object> settings = Map.of("transactional.id", id, "transaction.timeout.ms", TRANSACTION_MILLIS);
        try (KafkaProducer<String, String> producer = clients.producer(settings)) {
            producer.initTransactions();
            while (course.sending()) {
                int number = numbers.getAndIncrement();
                Outcome outcome = Outcome.UNKNOWN;
                try {
                    outcome = transaction(producer, number);
                } finally {
                    for (String topic : topics) {
                        course.saw(new Sent(topic, number, 1, outcome));
                    }
                }
                if (outcome == Outcome.DONE) {
                    commits.beat(System.nanoTime());
                }
                ClientThread.pause(PAUSE_MILLIS);
            }
        }
    }

    private Outcome transaction(KafkaProducer<String, String> producer, int number) {
        producer.beginTransaction();
        for (int i = 0; i < topics.size(); i++) {
            producer.send(new ProducerRecord<>(
                    topics.get(i), (number + i) % KafkaClients.PARTITIONS, null, Integer.toString(number)));
        }
        if (number % ABORT_EVERY == 0) {
            producer.abortTransaction();
            return Outcome.NOT_DONE;
        }
        for (int attempt = 1; ; attempt++) {
            try {
                producer.commitTransaction();
                return Outcome.DONE;
            } catch (TimeoutException e) {
                if (attempt == COMMIT_ATTEMPTS) {
                    throw e;
                }
            }
        }
    }

    @Override
    public List<Promise> promises() {
        return List.of(
                Promise.onceInOrder(topics.get(0), KafkaClients.LOG),
                Promise.onceInOrder(topics.get(1), KafkaClients.LOG));
    }

    @Override
    public void joinSenders() throws InterruptedException {
        producer.join();
    }

    @Override
    public void finish() {
        topics.forEach(clients::readLog);
    }

    @Override
    public void check(HistoryChecker checker) {
        checker.checkSame(promises().get(0), promises().get(1));
    }
}
