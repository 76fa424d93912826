package io.penstock.faults;

import io.penstock.faults.Event.Received;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.consumer.KafkaConsumer;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.serialization.StringDeserializer;
import org.apache.kafka.common.serialization.StringSerializer;

/** What the Kafka loads have in common: clients that notice faults soon, and the reading of whole logs. Any thread. */
final class KafkaClients {
    static final int PARTITIONS = 3;
    static final String LOG = "log";
    private static final int CALL_MILLIS = 5_000;
    private static final int GIVE_UP_MILLIS = 90_000;
    private static final Duration POLL = Duration.ofMillis(200);
    private static final long READ_NANOS = 60_000_000_000L;

    private final Course course;

    KafkaClients(Course course) {
        this.course = course;
    }

    private Map<String, Object> common() {
        Map<String, Object> settings = new HashMap<>();
        settings.put("bootstrap.servers", course.cluster().bootstrap());
        settings.put("request.timeout.ms", CALL_MILLIS);
        settings.put("reconnect.backoff.ms", 20);
        settings.put("reconnect.backoff.max.ms", 200);
        settings.put("retry.backoff.ms", 20);
        settings.put("retry.backoff.max.ms", 200);
        return settings;
    }

    KafkaProducer<String, String> producer(Map<String, Object> more) {
        Map<String, Object> settings = common();
        settings.put("acks", "all");
        settings.put("enable.idempotence", true);
        settings.put("linger.ms", 1);
        settings.put("delivery.timeout.ms", GIVE_UP_MILLIS);
        settings.put("max.block.ms", GIVE_UP_MILLIS);
        settings.putAll(more);
        return new KafkaProducer<>(settings, new StringSerializer(), new StringSerializer());
    }

    KafkaConsumer<String, String> consumer(Map<String, Object> more) {
        Map<String, Object> settings = common();
        settings.put("auto.offset.reset", "earliest");
        settings.put("enable.auto.commit", false);
        settings.put("default.api.timeout.ms", 6 * CALL_MILLIS);
        settings.putAll(more);
        return new KafkaConsumer<>(settings, new StringDeserializer(), new StringDeserializer());
    }

    static List<TopicPartition> partitions(String topic) {
        List<TopicPartition> partitions = new ArrayList<>();
        for (int i = 0; i < PARTITIONS; i++) {
            partitions.add(new TopicPartition(topic, i));
        }
        return partitions;
    }

    Received received(ConsumerRecord<String, String> record, String subscription) {
        return new Received(
                record.topic(), Integer.parseInt(record.value()), subscription, 1, record.partition(), false, 0);
    }

    /** Records all that lies in a topic's log, as a reader of what is committed sees it. */
    void readLog(String topic) {
        try (KafkaConsumer<String, String> consumer = consumer(Map.of("isolation.level", "read_committed"))) {
            List<TopicPartition> partitions = partitions(topic);
            consumer.assign(partitions);
            Map<TopicPartition, Long> ends = consumer.endOffsets(partitions);
            long limit = System.nanoTime() + READ_NANOS;
            while (partitions.stream().anyMatch(each -> consumer.position(each) < ends.get(each))) {
                consumer.poll(POLL).forEach(record -> course.saw(received(record, LOG)));
                if (System.nanoTime() - limit > 0) {
                    course.trouble(topic + ": its log could not be read to the end, " + ends);
                    return;
                }
            }
        }
    }
}
