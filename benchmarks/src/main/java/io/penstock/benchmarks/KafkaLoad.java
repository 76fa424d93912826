package io.penstock.benchmarks;

import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Properties;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.Semaphore;
import java.util.concurrent.atomic.AtomicReference;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.admin.NewTopic;
import org.apache.kafka.clients.consumer.ConsumerRecords;
import org.apache.kafka.clients.consumer.KafkaConsumer;
import org.apache.kafka.clients.consumer.OffsetAndMetadata;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.errors.TopicExistsException;

/** The same scenarios through Kafka's own clients, as well as a consumer group can play a queue. */
final class KafkaLoad {
    private static final int ASYNC_WINDOW = 1000;
    /** By default it waits 30 s for a broker that stands still, however soon another one leads. */
    private static final Map<String, String> PROBING = Map.of("linger.ms", "0", "request.timeout.ms", "3000");

    private final LoadOptions options;
    private final Window window = new Window();
    private final byte[] body;
    private final List<Thread> threads = new ArrayList<>();
    private volatile boolean stopped;

    KafkaLoad(LoadOptions options) {
        this.options = options;
        this.body = new byte[options.bodyBytes()];
    }

    void run(String load) throws Exception {
        createTopic(options.url(), options.name(), load.equals("blocking") ? options.width() : 1);
        switch (load) {
            case "blocking" -> blocking();
            case "async" -> {
                consume("group", false);
                async();
            }
            case "transacted" -> transacted();
            case "backlog-send" -> backlog(true);
            case "backlog-drain" -> backlog(false);
            case "probe" -> {
                try (KafkaProducer<byte[], byte[]> producer = producer(PROBING)) {
                    new Probe(options).run(body -> producer.send(new ProducerRecord<>(options.name(), body))
                            .get());
                }
            }
            case "topic" -> {
                for (int i = 0; i < options.width(); i++) {
                    consume("group-" + i, false);
                }
                async();
            }
            default -> throw new IllegalArgumentException(load);
        }
    }

    /** Makes a topic with as many replicas as the brokers are told to; one that is there already is taken. */
    static void createTopic(String servers, String name, int partitions) throws Exception {
        try (Admin admin = Admin.create(Map.of("bootstrap.servers", servers))) {
            admin.createTopics(List.of(new NewTopic(name, Optional.of(partitions), Optional.empty())))
                    .all()
                    .get();
        } catch (ExecutionException e) {
            if (!(e.getCause() instanceof TopicExistsException)) {
                throw e;
            }
        }
    }

    private KafkaProducer<byte[], byte[]> producer(Map<String, String> further) {
        Properties properties = new Properties();
        properties.put("bootstrap.servers", options.url());
        properties.put("key.serializer", "org.apache.kafka.common.serialization.ByteArraySerializer");
        properties.put("value.serializer", "org.apache.kafka.common.serialization.ByteArraySerializer");
        properties.putAll(further);
        return new KafkaProducer<>(properties);
    }

    private KafkaConsumer<byte[], byte[]> consumer(String group, Map<String, String> further) {
        Properties properties = new Properties();
        properties.put("bootstrap.servers", options.url());
        properties.put("group.id", options.name() + "-" + group);
        properties.put("auto.offset.reset", "earliest");
        properties.put("key.deserializer", "org.apache.kafka.common.serialization.ByteArrayDeserializer");
        properties.put("value.deserializer", "org.apache.kafka.common.serialization.ByteArrayDeserializer");
        properties.putAll(further);
        KafkaConsumer<byte[], byte[]> consumer = new KafkaConsumer<>(properties);
        consumer.subscribe(List.of(options.name()));
        return consumer;
    }

    private interface Work {
        void run() throws Exception;
    }

    private void spawn(Work work) {
        Thread thread = new Thread(() -> {
            try {
                work.run();
            } catch (Exception e) {
                if (!stopped) {
                    e.printStackTrace();
                    System.exit(1);
                }
            }
        });
        thread.setDaemon(true);
        threads.add(thread);
        thread.start();
    }

    private void measure() throws InterruptedException {
        window.run(options);
        stopped = true;
        for (Thread thread : threads) {
            thread.join(5000);
        }
    }

    /** One consumer; with {@code each} set it commits after every poll, which in a blocking run is every message. */
    private void consume(String group, boolean each) {
        spawn(() -> {
            try (KafkaConsumer<byte[], byte[]> consumer =
                    consumer(group, each ? Map.of("enable.auto.commit", "false") : Map.of())) {
                while (!stopped) {
                    ConsumerRecords<byte[], byte[]> records = consumer.poll(Duration.ofMillis(100));
                    if (each && !records.isEmpty()) {
                        consumer.commitAsync();
                    }
                    window.messages(records.count());
                }
            }
        });
    }

    private void blocking() throws Exception {
        for (int pair = 0; pair < options.width(); pair++) {
            consume("group", true);
        }
        for (int pair = 0; pair < options.width(); pair++) {
            spawn(() -> {
                try (KafkaProducer<byte[], byte[]> producer = producer(Map.of("linger.ms", "0"))) {
                    while (!stopped) {
                        long begin = System.nanoTime();
                        producer.send(new ProducerRecord<>(options.name(), body))
                                .get();
                        window.latency(System.nanoTime() - begin);
                    }
                }
            });
        }
        measure();
    }

    private void async() throws Exception {
        spawn(() -> {
            try (KafkaProducer<byte[], byte[]> producer = producer(Map.of())) {
                Semaphore permits = new Semaphore(ASYNC_WINDOW);
                AtomicReference<Exception> failure = new AtomicReference<>();
                while (!stopped) {
                    send(producer, permits, failure);
                }
            }
        });
        measure();
    }

    private void send(KafkaProducer<byte[], byte[]> producer, Semaphore permits, AtomicReference<Exception> failure)
            throws Exception {
        permits.acquire();
        if (failure.get() != null) {
            throw failure.get();
        }
        producer.send(new ProducerRecord<>(options.name(), body), (metadata, exception) -> {
            if (exception != null) {
                failure.set(exception);
            }
            permits.release();
        });
    }

    private void transacted() throws Exception {
        Semaphore inFlight = new Semaphore(10_000);
        spawn(() -> {
            try (KafkaProducer<byte[], byte[]> producer =
                    producer(Map.of("transactional.id", options.name() + "-in"))) {
                producer.initTransactions();
                while (!stopped) {
                    inFlight.acquire(100);
                    producer.beginTransaction();
                    for (int i = 0; i < 100; i++) {
                        producer.send(new ProducerRecord<>(options.name(), body));
                    }
                    producer.commitTransaction();
                }
            }
        });
        spawn(() -> {
            Map<String, String> settings = Map.of(
                    "enable.auto.commit", "false", "max.poll.records", "100", "isolation.level", "read_committed");
            try (KafkaConsumer<byte[], byte[]> consumer = consumer("group", settings);
                    KafkaProducer<byte[], byte[]> producer =
                            producer(Map.of("transactional.id", options.name() + "-out"))) {
                producer.initTransactions();
                while (!stopped) {
                    ConsumerRecords<byte[], byte[]> records = consumer.poll(Duration.ofMillis(100));
                    if (!records.isEmpty()) {
                        producer.beginTransaction();
                        Map<TopicPartition, OffsetAndMetadata> offsets = records.nextOffsets();
                        producer.sendOffsetsToTransaction(offsets, consumer.groupMetadata());
                        producer.commitTransaction();
                        window.messages(records.count());
                        inFlight.release(records.count());
                    }
                }
            }
        });
        measure();
    }

    private void backlog(boolean measureSend) throws Exception {
        Semaphore permits = new Semaphore(ASYNC_WINDOW);
        AtomicReference<Exception> failure = new AtomicReference<>();
        long warmUpEnd = System.nanoTime() + options.warmUpMillis() * 1_000_000;
        try (KafkaProducer<byte[], byte[]> producer = producer(Map.of())) {
            long warmUps = 0;
            while (System.nanoTime() < warmUpEnd) {
                send(producer, permits, failure);
                warmUps++;
            }
            producer.flush();
            try (KafkaConsumer<byte[], byte[]> consumer = consumer("group", Map.of())) {
                drain(consumer, warmUps);
                if (measureSend) {
                    window.begin();
                }
                for (int i = 0; i < options.backlog(); i++) {
                    send(producer, permits, failure);
                }
                producer.flush();
                if (measureSend) {
                    window.messages(options.backlog());
                    window.end();
                } else {
                    window.begin();
                    drain(consumer, options.backlog());
                    window.messages(options.backlog());
                    window.end();
                }
            }
        }
    }

    private static void drain(KafkaConsumer<byte[], byte[]> consumer, long count) {
        long left = count;
        while (left > 0) {
            left -= consumer.poll(Duration.ofMillis(100)).count();
        }
    }
}
