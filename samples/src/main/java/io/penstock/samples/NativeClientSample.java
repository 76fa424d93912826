package io.penstock.samples;

import io.penstock.jms.PenstockConnectionFactory;
import jakarta.jms.JMSContext;
import jakarta.jms.JMSException;
import jakarta.jms.Message;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.consumer.ConsumerRecords;
import org.apache.kafka.clients.consumer.KafkaConsumer;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.common.serialization.StringDeserializer;
import org.apache.kafka.common.serialization.StringSerializer;

/** One record, two worlds: a Kafka producer writes to a JMS queue, and a Kafka consumer reads what JMS has sent. */
public final class NativeClientSample {
    private NativeClientSample() {}

    public static void main(String[] args) throws Exception {
        String url = args.length > 0 ? args[0] : "penstock://127.0.0.1:9092";
        System.out.println(run(url));
    }

    static List<String> run(String url) throws Exception {
        String bootstrap = url.replace("penstock://", "");
        String fromJms;
        try (JMSContext context = new PenstockConnectionFactory(url).createContext()) {
            context.createProducer()
                    .setProperty("priority", "high")
                    .send(context.createQueue("sample-work"), "from JMS");

            Map<String, Object> settings = Map.of("bootstrap.servers", bootstrap);
            try (KafkaProducer<String, String> producer =
                    new KafkaProducer<>(settings, new StringSerializer(), new StringSerializer())) {
                ProducerRecord<String, String> record = new ProducerRecord<>("sample-work", "from Kafka");
                record.headers().add("priority", "low".getBytes(StandardCharsets.UTF_8));
                producer.send(record).get();
            }
            var worker = context.createConsumer(context.createQueue("sample-work"));
            fromJms = describe(worker.receive(5000)) + ", " + describe(worker.receive(5000));
        }
        return List.of("JMS received " + fromJms, "Kafka read " + readAll(bootstrap, 2));
    }

    private static String describe(Message message) throws JMSException {
        return message.getBody(String.class) + " (" + message.getStringProperty("priority") + ")";
    }

    /** Readers see the records until retention reclaims what the queue has settled. */
    private static String readAll(String bootstrap, int count) {
        Map<String, Object> settings =
                Map.of("bootstrap.servers", bootstrap, "group.id", "sample-reader", "auto.offset.reset", "earliest");
        StringBuilder read = new StringBuilder();
        try (KafkaConsumer<String, String> consumer =
                new KafkaConsumer<>(settings, new StringDeserializer(), new StringDeserializer())) {
            consumer.subscribe(List.of("sample-work"));
            int seen = 0;
            for (int polls = 0; seen < count && polls < 100; polls++) {
                ConsumerRecords<String, String> records = consumer.poll(Duration.ofMillis(200));
                for (ConsumerRecord<String, String> record : records) {
                    read.append(seen++ == 0 ? "" : ", ").append(record.value());
                    read.append(" (").append(header(record, "priority")).append(")");
                }
            }
        }
        return read.toString();
    }

    private static String header(ConsumerRecord<String, String> record, String name) {
        return new String(record.headers().lastHeader(name).value(), StandardCharsets.UTF_8);
    }
}
