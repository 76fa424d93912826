package io.penstock.benchmarks;

import java.io.ByteArrayOutputStream;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * Runs Kafka's own performance tools, unmodified, inside the load's process, and reads what they print.
 * A tool that fails ends the process, and the run counts as failed.
 */
final class PerfToolLoad {
    private static final int RECORD_BYTES = 100;
    private static final Pattern PRODUCED = Pattern.compile("(\\d+) records sent, ([\\d.]+) records/sec");

    private PerfToolLoad() {}

    static void run(String load, LoadOptions options) throws Exception {
        String server = options.url().replace("penstock://", "");
        KafkaLoad.createTopic(server, options.name(), 1);
        int records = Math.max(options.backlog(), 100_000) * 2;
        produce(server, options.name(), records / 4);
        Window window = new Window();
        if (load.equals("perf-produce")) {
            window.begin();
            produce(server, options.name(), records);
            window.messages(records);
            window.end();
        } else {
            produce(server, options.name(), records);
            consume(server, options.name(), records / 4);
            window.begin();
            consume(server, options.name(), records);
            window.messages(records);
            window.end();
        }
    }

    private static void produce(String server, String topic, int records) throws Exception {
        String output = captured("org.apache.kafka.tools.ProducerPerformance", new String[] {
            "--topic", topic,
            "--num-records", "" + records,
            "--record-size", "" + RECORD_BYTES,
            "--throughput", "-1",
            "--producer-props", "bootstrap.servers=" + server
        });
        Matcher matcher = PRODUCED.matcher(output);
        long sent = 0;
        while (matcher.find()) {
            sent = Math.max(sent, Long.parseLong(matcher.group(1)));
        }
        if (sent != records) {
            throw new IllegalStateException("sent " + sent + " of " + records + ": " + output);
        }
    }

    private static void consume(String server, String topic, int records) throws Exception {
        captured("org.apache.kafka.tools.ConsumerPerformance", new String[] {
            "--bootstrap-server", server, "--topic", topic, "--num-records", "" + records, "--timeout", "60000"
        });
    }

    private static String captured(String tool, String[] args) throws Exception {
        PrintStream standard = System.out;
        ByteArrayOutputStream bytes = new ByteArrayOutputStream();
        try (PrintStream capture = new PrintStream(bytes, true, StandardCharsets.UTF_8)) {
            System.setOut(capture);
            Class.forName(tool).getMethod("main", String[].class).invoke(null, (Object) args);
        } finally {
            System.setOut(standard);
        }
        return bytes.toString(StandardCharsets.UTF_8);
    }
}
