package io.penstock.cli.demo;

import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.consumer.KafkaConsumer;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.common.header.Header;
import org.apache.kafka.common.serialization.StringDeserializer;
import org.apache.kafka.common.serialization.StringSerializer;

/**
 * A Kafka producer and a Kafka consumer with default settings on the destinations of the JMS clients: the producer's
 * records are messages to the queue's JMS consumers, and the consumer reads what everybody sends. They live through
 * the broker's death by themselves.
 */
final class NativeClients {
    private final String bootstrap;
    private volatile boolean stopping;

    NativeClients(String bootstrap) {
        this.bootstrap = bootstrap;
    }

    void stop() {
        stopping = true;
    }

    Thread startProducer(String topic, int ratePerSecond, Track track, Flow flow) {
        return thread("demo-kafka-producer", () -> produce(topic, ratePerSecond, track, flow));
    }

    /** @param tracks by producer's name, of the messages that the consumer has to see */
    Thread startConsumer(String topic, Map<String, Track> tracks, Flow flow) {
        return thread("demo-kafka-consumer", () -> consume(topic, tracks, flow));
    }

    private static Thread thread(String name, Runnable work) {
        Thread thread = new Thread(work, name);
        thread.setDaemon(true);
        thread.start();
        return thread;
    }

    private void produce(String topic, int ratePerSecond, Track track, Flow flow) {
        try (KafkaProducer<String, String> producer = new KafkaProducer<>(
                Map.of("bootstrap.servers", bootstrap), new StringSerializer(), new StringSerializer())) {
            while (!stopping) {
                for (int i = 0; i < Math.max(1, ratePerSecond / 100); i++) {
                    int sequence = track.next();
                    ProducerRecord<String, String> record =
                            new ProducerRecord<>(topic, "written by a Kafka producer, number " + sequence);
                    record.headers().add(Sender.PRODUCER, bytes(track.name)).add(Sender.SEQUENCE, bytes("" + sequence));
                    long begin = System.nanoTime();
                    producer.send(record, (metadata, exception) -> {
                        if (exception == null) {
                            track.confirmed(sequence);
                            flow.message(System.nanoTime() - begin);
                        }
                    });
                }
                TimeUnit.MILLISECONDS.sleep(10);
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    private void consume(String topic, Map<String, Track> tracks, Flow flow) {
        Map<String, Object> settings = Map.of(
                "bootstrap.servers", bootstrap, "group.id", "demo-native-reader", "auto.offset.reset", "earliest");
        try (KafkaConsumer<String, String> consumer =
                new KafkaConsumer<>(settings, new StringDeserializer(), new StringDeserializer())) {
            consumer.subscribe(List.of(topic));
            while (!stopping) {
                for (ConsumerRecord<String, String> record : consumer.poll(Duration.ofMillis(100))) {
                    flow.message((System.currentTimeMillis() - record.timestamp()) * 1_000_000L);
                    Track track = tracks.get(text(record, Sender.PRODUCER));
                    if (track != null) {
                        // A group's reader may see a record again after a crash; Kafka has no redelivered flag.
                        track.received(Integer.parseInt(text(record, Sender.SEQUENCE)), true);
                    }
                }
            }
        }
    }

    private static byte[] bytes(String text) {
        return text.getBytes(StandardCharsets.UTF_8);
    }

    private static String text(ConsumerRecord<String, String> record, String header) {
        Header last = record.headers().lastHeader(header);
        return last == null ? "" : new String(last.value(), StandardCharsets.UTF_8);
    }
}
