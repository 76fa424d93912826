package io.penstock.faults;

import io.penstock.faults.Event.Outcome;
import io.penstock.faults.Event.Sent;
import io.penstock.faults.Event.Settled;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.atomic.AtomicInteger;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.consumer.ConsumerRecords;
import org.apache.kafka.clients.consumer.KafkaConsumer;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.common.KafkaException;

/** An idempotent producer with acks=all, and a group of two that commits what it has read. */
final class KafkaLogLoad implements Load {
    private static final long PAUSE_MILLIS = 5;
    private static final Duration POLL = Duration.ofMillis(100);
    private static final int MEMBERS = 2;
    private static final String GROUP = "group";
    private static final int GROUP_SESSION_MILLIS = 6_000;

    private final Course course;
    private final String topic;
    private final KafkaClients clients;
    private final AtomicInteger numbers = new AtomicInteger();
    private final List<ClientThread> members = new ArrayList<>();
    private ClientThread producer;

    KafkaLogLoad(Course course, String topic) {
        this.course = course;
        this.topic = topic;
        this.clients = new KafkaClients(course);
    }

    @Override
    public void start() throws Exception {
        course.cluster().create(topic, KafkaClients.PARTITIONS, "");
        Pulse reads = course.pulse(topic + " group reads");
        for (int i = 0; i < MEMBERS; i++) {
            members.add(ClientThread.start(
                    topic + "-member-" + i, course, course::reading, KafkaException.class, () -> consume(reads)));
        }
        Pulse sends = course.pulse(topic + " sends");
        producer = ClientThread.start(
                topic + "-producer", course, course::sending, KafkaException.class, () -> produce(sends));
    }

    private void produce(Pulse sends) {
        try (KafkaProducer<String, String> producer = clients.producer(Map.of())) {
            while (course.sending()) {
                int number = numbers.getAndIncrement();
                producer.send(
                        new ProducerRecord<>(topic, number % KafkaClients.PARTITIONS, null, Integer.toString(number)),
                        (where, failure) -> ended(number, failure, sends));
                ClientThread.pause(PAUSE_MILLIS);
            }
        }
    }

    private void ended(int number, Exception failure, Pulse sends) {
        course.saw(new Sent(topic, number, 1, failure == null ? Outcome.DONE : Outcome.UNKNOWN));
        if (failure == null) {
            sends.beat(System.nanoTime());
        } else {
            System.out.println(topic + " " + number + " failed: " + failure);
        }
    }

    private void consume(Pulse reads) {
        Map<String, Object> settings = Map.of("group.id", topic + "-group", "session.timeout.ms", GROUP_SESSION_MILLIS);
        try (KafkaConsumer<String, String> consumer = clients.consumer(settings)) {
            consumer.subscribe(List.of(topic));
            while (course.reading()) {
                ConsumerRecords<String, String> records = consumer.poll(POLL);
                for (ConsumerRecord<String, String> each : records) {
                    course.saw(clients.received(each, GROUP));
                    reads.beat(System.nanoTime());
                }
                if (!records.isEmpty()) {
                    commit(consumer, records);
                }
            }
        }
    }

    private void commit(KafkaConsumer<String, String> consumer, ConsumerRecords<String, String> records) {
        Outcome outcome = Outcome.UNKNOWN;
        try {
            consumer.commitSync();
            outcome = Outcome.DONE;
        } catch (KafkaException e) {
            // Another member may have the partitions now, and reads again from the last commit.
            System.out.println(topic + " commit failed: " + e);
        } finally {
            for (ConsumerRecord<String, String> each : records) {
                course.saw(new Settled(topic, Integer.parseInt(each.value()), GROUP, outcome));
            }
        }
    }

    @Override
    public List<Promise> promises() {
        return List.of(Promise.onceInOrder(topic, KafkaClients.LOG), Promise.atLeastOnce(topic, GROUP));
    }

    @Override
    public void joinSenders() throws InterruptedException {
        producer.join();
    }

    @Override
    public void finish() throws InterruptedException {
        for (ClientThread each : members) {
            each.join();
        }
        clients.readLog(topic);
    }
}
