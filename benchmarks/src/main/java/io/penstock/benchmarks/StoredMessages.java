package io.penstock.benchmarks;

import java.nio.ByteBuffer;
import java.time.Duration;
import java.util.BitSet;
import java.util.List;
import java.util.Map;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.consumer.KafkaConsumer;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.serialization.ByteArrayDeserializer;

/** What a topic holds of the numbered messages of a {@link Probe}, read by a Kafka consumer from the beginning. */
record StoredMessages(long once, long twice) {

    static StoredMessages read(String bootstrap, String topic) {
        TopicPartition partition = new TopicPartition(topic, 0);
        BitSet seen = new BitSet();
        long twice = 0;
        try (KafkaConsumer<byte[], byte[]> consumer = new KafkaConsumer<>(
                Map.of("bootstrap.servers", bootstrap), new ByteArrayDeserializer(), new ByteArrayDeserializer())) {
            consumer.assign(List.of(partition));
            consumer.seekToBeginning(List.of(partition));
            long end = consumer.endOffsets(List.of(partition)).get(partition);
            while (consumer.position(partition) < end) {
                for (ConsumerRecord<byte[], byte[]> record : consumer.poll(Duration.ofMillis(500))) {
                    long number = ByteBuffer.wrap(record.value()).getLong();
                    if (number >= 0) {
                        twice += seen.get((int) number) ? 1 : 0;
                        seen.set((int) number);
                    }
                }
            }
        }
        return new StoredMessages(seen.cardinality(), twice);
    }
}
