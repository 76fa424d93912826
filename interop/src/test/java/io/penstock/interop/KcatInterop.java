package io.penstock.interop;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** kcat, that is librdkafka as Debian has it. */
@Timeout(300)
class KcatInterop {
    private final String broker = InteropBroker.address();

    @ParameterizedTest
    @ValueSource(strings = {"none", "gzip", "snappy", "lz4", "zstd"})
    void producesAndConsumesWithEveryCompression(String codec) {
        String topic = InteropBroker.fresh("kcat-" + codec);
        List<String> lines = lines("v", 2_000);
        Command.runWithInput(String.join("\n", lines) + "\n", "kcat", "-P", "-b", broker, "-t", topic, "-z", codec)
                .ok();
        Command.Ended read = Command.run("kcat", "-C", "-b", broker, "-t", topic, "-o", "beginning", "-e", "-q")
                .ok();
        assertEquals(lines, read.lines());
    }

    /** B7a: librdkafka's own SASL. */
    @Test
    void logsInByEachMechanism() throws Exception {
        InteropBroker guarded = InteropBroker.startNew(Map.of("allow.anonymous", "false"));
        guarded.addUser("alice", "a,b=c");
        boolean wrongNonce = repeatsItsNonce();
        for (String mechanism : List.of("PLAIN", "SCRAM-SHA-256", "SCRAM-SHA-512")) {
            if (wrongNonce && !mechanism.equals("PLAIN")) {
                assertNotEquals(0, list(guarded, mechanism, "a,b=c").exitCode(), mechanism);
                continue;
            }
            Command.until(
                    "alice is let in by " + mechanism,
                    () -> list(guarded, mechanism, "a,b=c").exitCode() == 0);
            assertNotEquals(0, list(guarded, mechanism, "wrong").exitCode(), mechanism);
        }
        assertNotEquals(
                0,
                Command.run("kcat", "-L", "-m", "3", "-b", guarded.bootstrap()).exitCode());
        guarded.stop();
    }

    /**
     * librdkafka before 2.6.1 sends its own nonce twice in the last message of SCRAM; whoever checks the nonce (RFC 5802), as
     * Kafka does from 4.0 on and we do, refuses it.
     */
    private static boolean repeatsItsNonce() {
        Matcher version = Pattern.compile("librdkafka (\\d+)\\.(\\d+)\\.(\\d+)")
                .matcher(Command.run("kcat", "-V").out());
        assertTrue(version.find());
        int number = 0;
        for (int part = 1; part <= 3; part++) {
            number = 1000 * number + Integer.parseInt(version.group(part));
        }
        return number < 2_006_001;
    }

    private static Command.Ended list(InteropBroker broker, String mechanism, String password) {
        return Command.run(
                "kcat",
                "-L",
                "-m",
                "10",
                "-b",
                broker.bootstrap(),
                "-X",
                "security.protocol=sasl_plaintext",
                "-X",
                "sasl.mechanisms=" + mechanism,
                "-X",
                "sasl.username=alice",
                "-X",
                "sasl.password=" + password);
    }

    @Test
    void keepsKeysHeadersAndOffsets() {
        String topic = InteropBroker.fresh("kcat-keys");
        Command.runWithInput("k1:one\nk2:two\n", "kcat", "-P", "-b", broker, "-t", topic, "-K", ":", "-H", "a=b")
                .ok();
        Command.Ended read = Command.run(
                        "kcat", "-C", "-b", broker, "-t", topic, "-o", "beginning", "-e", "-q", "-f", "%o %k %s %h\\n")
                .ok();
        assertEquals(List.of("0 k1 one a=b", "1 k2 two a=b"), read.lines());
        Command.Ended second = Command.run(
                        "kcat", "-C", "-b", broker, "-t", topic, "-p", "0", "-o", "1", "-e", "-q", "-f", "%s\\n")
                .ok();
        assertEquals(List.of("two"), second.lines());
    }

    @Test
    void idempotentProducerOfManyRecordsKeepsOrder() {
        String topic = InteropBroker.fresh("kcat-idempotent");
        List<String> lines = lines("i", 20_000);
        Command.runWithInput(
                        String.join("\n", lines) + "\n",
                        "kcat",
                        "-P",
                        "-b",
                        broker,
                        "-t",
                        topic,
                        "-X",
                        "enable.idempotence=true")
                .ok();
        assertEquals(
                lines,
                Command.run("kcat", "-C", "-b", broker, "-t", topic, "-o", "beginning", "-e", "-q")
                        .ok()
                        .lines());
    }

    @Test
    void listsBrokersAndTopics() {
        String topic = InteropBroker.fresh("kcat-list");
        Command.runWithInput("x\n", "kcat", "-P", "-b", broker, "-t", topic).ok();
        String all = Command.run("kcat", "-L", "-b", broker).ok().out();
        assertTrue(all.contains("topic \"" + topic + "\" with 1 partitions"), all);
        assertTrue(all.contains(broker), all);
        String one =
                Command.run("kcat", "-L", "-b", broker, "-t", topic, "-J").ok().out();
        assertTrue(one.contains("\"topic\":\"" + topic + "\""), one);
    }

    @Test
    void findsOffsetsByTimestamp() {
        String topic = InteropBroker.fresh("kcat-query");
        Command.runWithInput("x\ny\n", "kcat", "-P", "-b", broker, "-t", topic).ok();
        String first = Command.run("kcat", "-Q", "-b", broker, "-t", topic + ":0:0")
                .ok()
                .out();
        assertTrue(first.contains("offset 0"), first);
        String end = Command.run("kcat", "-Q", "-b", broker, "-t", topic + ":0:-1")
                .ok()
                .out();
        assertTrue(end.contains("offset 2"), end);
    }

    @Test
    void groupConsumersReadEverythingOnceAndGoOnWhereTheyStopped() {
        String topic = InteropBroker.fresh("kcat-group");
        String group = InteropBroker.fresh("g");
        List<String> lines = lines("g", 500);
        Command.runWithInput(String.join("\n", lines) + "\n", "kcat", "-P", "-b", broker, "-t", topic)
                .ok();
        try (Command consumer = Command.start(
                "kcat", "-b", broker, "-X", "auto.offset.reset=earliest", "-G", group, "-u", "-q", topic)) {
            Command.until("all lines", () -> consumer.lines().size() >= lines.size());
            assertEquals(lines, consumer.lines());
            consumer.stop();
        }
        List<String> more = lines("h", 100);
        Command.runWithInput(String.join("\n", more) + "\n", "kcat", "-P", "-b", broker, "-t", topic)
                .ok();
        try (Command consumer = Command.start(
                "kcat", "-b", broker, "-X", "auto.offset.reset=earliest", "-G", group, "-u", "-q", topic)) {
            Command.until("the new lines", () -> consumer.lines().size() >= more.size());
            assertEquals(more, consumer.lines(), "what was committed is not read again");
        }
    }

    @Test
    void twoGroupConsumersShareAndTheOtherTakesOverAfterADeath() throws InterruptedException {
        String topic = InteropBroker.fresh("kcat-share");
        String group = InteropBroker.fresh("g");
        Command.start(
                        null,
                        Command.tool(
                                "org.apache.kafka.tools.TopicCommand",
                                "--bootstrap-server",
                                broker,
                                "--create",
                                "--topic",
                                topic,
                                "--partitions",
                                "4"))
                .await()
                .ok();
        try (Command one = consumer(group, topic);
                Command two = consumer(group, topic)) {
            Command.until("both have two partitions", () -> {
                produceToAll(topic, "s");
                return partitions(one).size() == 2 && partitions(two).size() == 2;
            });
            HashSet<String> all = new HashSet<>(partitions(one));
            all.addAll(partitions(two));
            assertEquals(4, all.size());
            two.kill();
            Command.until("the first has all", () -> {
                produceToAll(topic, "t");
                return partitions(one).size() == 4;
            });
        }
    }

    private Command consumer(String group, String topic) {
        return Command.start(
                "kcat",
                "-b",
                broker,
                "-X",
                "auto.offset.reset=earliest",
                "-X",
                "session.timeout.ms=6000",
                "-G",
                group,
                "-u",
                "-q",
                "-f",
                "%p\\n",
                topic);
    }

    private void produceToAll(String topic, String text) {
        for (int partition = 0; partition < 4; partition++) {
            Command.runWithInput(text + "\n", "kcat", "-P", "-b", broker, "-t", topic, "-p", "" + partition)
                    .ok();
        }
    }

    /** Partitions in the last few records: those before a rebalance do not count. */
    private static List<String> partitions(Command consumer) {
        List<String> lines = consumer.lines();
        return lines.subList(Math.max(0, lines.size() - 8), lines.size()).stream()
                .distinct()
                .toList();
    }

    private static List<String> lines(String prefix, int count) {
        return new ArrayList<>(
                IntStream.range(0, count).mapToObj(i -> prefix + "-" + i).toList());
    }
}
