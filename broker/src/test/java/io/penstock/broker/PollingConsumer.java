package io.penstock.broker;

import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Consumer;
import org.apache.kafka.clients.consumer.CloseOptions;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.consumer.KafkaConsumer;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.errors.WakeupException;
import org.apache.kafka.common.serialization.StringDeserializer;

/** A KafkaConsumer with a thread of its own that polls until it is told to stop. */
final class PollingConsumer implements AutoCloseable {
    private final KafkaConsumer<String, String> consumer;
    private final List<ConsumerRecord<String, String>> records = new CopyOnWriteArrayList<>();
    private final AtomicInteger assignments = new AtomicInteger();
    private final Thread thread;
    private volatile Set<TopicPartition> assigned = Set.of();
    private volatile CloseOptions closing = CloseOptions.timeout(Duration.ofSeconds(5));
    private volatile boolean stopped;
    private volatile RuntimeException failure;

    PollingConsumer(String bootstrap, String group, Map<String, Object> more, Consumer<KafkaConsumer<?, ?>> subscribe) {
        Map<String, Object> settings = new HashMap<>(
                Map.of("bootstrap.servers", bootstrap, "group.id", group, "auto.offset.reset", "earliest"));
        settings.putAll(more);
        consumer = new KafkaConsumer<>(settings, new StringDeserializer(), new StringDeserializer());
        subscribe.accept(consumer);
        thread = new Thread(this::poll, "consumer-" + group);
        thread.start();
    }

    PollingConsumer(String bootstrap, String group, String topic) {
        this(bootstrap, group, Map.of("session.timeout.ms", 6000), consumer -> consumer.subscribe(List.of(topic)));
    }

    private void poll() {
        try {
            while (!stopped) {
                Set<TopicPartition> before = assigned;
                consumer.poll(Duration.ofMillis(100)).forEach(records::add);
                assigned = Set.copyOf(consumer.assignment());
                if (!assigned.equals(before)) {
                    assignments.incrementAndGet();
                }
            }
        } catch (WakeupException e) {
            // asked to stop
        } catch (RuntimeException e) {
            failure = e;
        } finally {
            consumer.close(closing);
        }
    }

    Set<TopicPartition> assigned() {
        if (failure != null) {
            throw failure;
        }
        return assigned;
    }

    /** How often the assignment changed. */
    int assignments() {
        return assignments.get();
    }

    List<String> values() {
        List<String> values = new ArrayList<>();
        records.forEach(record -> values.add(record.value()));
        return values;
    }

    /** Goes without a word to the group, as one that is killed does. */
    void vanish() {
        closing = CloseOptions.timeout(Duration.ofSeconds(5))
                .withGroupMembershipOperation(CloseOptions.GroupMembershipOperation.REMAIN_IN_GROUP);
        close();
    }

    /** Asks it to end, and does not wait. */
    void stop() {
        stopped = true;
        consumer.wakeup();
    }

    @Override
    public void close() {
        stop();
        try {
            thread.join(20_000);
        } catch (InterruptedException e) {
            throw new AssertionError(e);
        }
    }
}
