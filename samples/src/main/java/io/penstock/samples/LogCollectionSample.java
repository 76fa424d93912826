package io.penstock.samples;

import io.penstock.jms.PenstockConnectionFactory;
import jakarta.jms.JMSConsumer;
import jakarta.jms.JMSContext;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.Map;
import java.util.TreeMap;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.common.serialization.StringSerializer;

/**
 * Log collection: agents on many hosts write lines with a Kafka producer, a JMS application counts them by hour and
 * level through a durable subscription, so that a restart of the application loses no line.
 */
public final class LogCollectionSample {
    private static final String TOPIC = "sample-logs";
    private static final String[] LEVELS = {"INFO", "INFO", "INFO", "WARN", "ERROR"};

    private LogCollectionSample() {}

    public static void main(String[] args) {
        String url = args.length > 0 ? args[0] : "penstock://127.0.0.1:9092";
        run(url, 4, 500).forEach((hour, levels) -> System.out.println(hour + "  " + levels));
    }

    /** Returns the number of lines by hour and level. */
    static Map<Instant, Map<String, Integer>> run(String url, int hosts, int linesPerHost) {
        // The subscription is there before the first line is written.
        statistics(url, 0);
        collect(url.replace("penstock://", ""), hosts, linesPerHost);
        return statistics(url, hosts * linesPerHost);
    }

    /** What an agent on each host does: a line a few seconds apart, its time as the record's timestamp. */
    private static void collect(String bootstrap, int hosts, int linesPerHost) {
        Map<String, Object> settings = Map.of("bootstrap.servers", bootstrap, "compression.type", "lz4");
        Instant begin = Instant.parse("2026-01-01T08:00:00Z");
        try (KafkaProducer<String, String> producer =
                new KafkaProducer<>(settings, new StringSerializer(), new StringSerializer())) {
            for (int host = 0; host < hosts; host++) {
                for (int line = 0; line < linesPerHost; line++) {
                    long timestamp = begin.plus(line * 20L, ChronoUnit.SECONDS).toEpochMilli();
                    String text = LEVELS[(host + line) % LEVELS.length] + " request " + line + " served";
                    producer.send(new ProducerRecord<>(TOPIC, null, timestamp, "host-" + host, text));
                }
            }
        }
    }

    private static Map<Instant, Map<String, Integer>> statistics(String url, int lines) {
        Map<Instant, Map<String, Integer>> byHour = new TreeMap<>();
        try (JMSContext context = new PenstockConnectionFactory(url).createContext(JMSContext.CLIENT_ACKNOWLEDGE)) {
            context.setClientID("log-statistics");
            JMSConsumer consumer = context.createDurableConsumer(context.createTopic(TOPIC), "hourly");
            for (int i = 0; i < lines; i++) {
                var message = consumer.receive(5000);
                if (message == null) {
                    throw new IllegalStateException("only " + i + " of " + lines + " lines came");
                }
                Instant hour = Instant.ofEpochMilli(message.getJMSTimestamp()).truncatedTo(ChronoUnit.HOURS);
                String level = message.getBody(String.class).split(" ", 2)[0];
                byHour.computeIfAbsent(hour, h -> new TreeMap<>()).merge(level, 1, Integer::sum);
            }
            context.acknowledge();
        } catch (jakarta.jms.JMSException e) {
            throw new IllegalStateException(e);
        }
        return byHour;
    }
}
