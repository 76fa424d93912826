package io.penstock.broker;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.lang.reflect.Field;
import java.lang.reflect.Method;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Properties;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.admin.NewTopic;
import org.apache.kafka.clients.consumer.KafkaConsumer;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.clients.producer.RecordMetadata;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.serialization.StringDeserializer;
import org.apache.kafka.common.serialization.StringSerializer;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/**
 * The unmodified Java producer sends EndTxn before the transaction's first batch when its network thread has just seen
 * that no batch is unfinished, and the application sends and commits before that thread takes its next request. The
 * producer's own monitors make the two threads meet so here.
 */
@Timeout(60)
class OvertakingCommitIT {
    @TempDir
    Path directory;

    private static Object field(Object of, String name) throws ReflectiveOperationException {
        Field field = of.getClass().getDeclaredField(name);
        field.setAccessible(true);
        return field.get(of);
    }

    private static Object call(Object of, String name, Object... arguments) throws ReflectiveOperationException {
        for (Method method : of.getClass().getDeclaredMethods()) {
            if (method.getName().equals(name) && method.getParameterCount() == arguments.length) {
                method.setAccessible(true);
                return method.invoke(of, arguments);
            }
        }
        throw new NoSuchMethodException(name);
    }

    /** Whether a thread waits for a monitor in a method, or in what that calls. */
    private static boolean blocked(Thread thread, String method) {
        if (thread.getState() != Thread.State.BLOCKED) {
            return false;
        }
        for (StackTraceElement each : thread.getStackTrace()) {
            if (each.getMethodName().equals(method)) {
                return true;
            }
        }
        return false;
    }

    private static void sendAndCommit(KafkaProducer<String, String> producer, String value) throws Exception {
        Object transactions = field(producer, "transactionManager");
        Object incomplete = field(field(field(producer, "accumulator"), "incomplete"), "incomplete");
        Thread network = (Thread) field(producer, "ioThread");
        Future<RecordMetadata> sent;
        Object result;
        synchronized (incomplete) {
            producer.flush();
            while (!blocked(network, "hasIncomplete")) {
                TimeUnit.MILLISECONDS.sleep(1);
            }
            synchronized (transactions) {
                while (!blocked(network, "nextRequest")) {
                    // Lets it look whether a batch is unfinished.
                    incomplete.wait(5);
                }
                producer.beginTransaction();
                sent = producer.send(new ProducerRecord<>("t", 0, null, value));
                // The first half of commitTransaction, which would wait inside of the monitor.
                result = call(transactions, "beginCommit");
            }
        }
        call(field(producer, "sender"), "wakeup");
        call(result, "await", 30_000L, TimeUnit.MILLISECONDS, "a commit");
        sent.get(30, TimeUnit.SECONDS);
    }

    @Test
    void aCommitThatOvertakesItsFirstBatchCommitsIt() throws Exception {
        Properties properties = new Properties();
        properties.put("listeners", "PLAINTEXT://127.0.0.1:0");
        properties.put("log.dirs", directory.toString());
        try (Broker broker = Broker.start(BrokerConfig.parse(properties))) {
            Map<String, Object> client = Map.of("bootstrap.servers", "127.0.0.1:" + broker.port());
            try (Admin admin = Admin.create(client)) {
                admin.createTopics(List.of(new NewTopic("t", 1, (short) 1)))
                        .all()
                        .get(30, TimeUnit.SECONDS);
            }
            Map<String, Object> transactional =
                    Map.of("bootstrap.servers", "127.0.0.1:" + broker.port(), "transactional.id", "tx");
            try (KafkaProducer<String, String> producer =
                    new KafkaProducer<>(transactional, new StringSerializer(), new StringSerializer())) {
                producer.initTransactions();
                // So that a send need not wait for the network thread.
                producer.partitionsFor("t");
                sendAndCommit(producer, "behind no transaction");
                sendAndCommit(producer, "behind one");
            }
            assertEquals(List.of("behind no transaction", "behind one"), committed(broker));
        }
    }

    private static List<String> committed(Broker broker) {
        Map<String, Object> reader = Map.of(
                "bootstrap.servers", "127.0.0.1:" + broker.port(),
                "isolation.level", "read_committed",
                "auto.offset.reset", "earliest");
        List<String> values = new ArrayList<>();
        try (KafkaConsumer<String, String> consumer =
                new KafkaConsumer<>(reader, new StringDeserializer(), new StringDeserializer())) {
            consumer.assign(List.of(new TopicPartition("t", 0)));
            while (values.size() < 2) {
                consumer.poll(Duration.ofMillis(100)).forEach(record -> values.add(record.value()));
            }
        }
        return values;
    }
}
