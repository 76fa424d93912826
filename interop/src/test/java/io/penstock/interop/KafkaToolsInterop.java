package io.penstock.interop;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashSet;
import java.util.List;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** Kafka's own command line tools. */
@Timeout(300)
class KafkaToolsInterop {
    private static final String TOOLS = "org.apache.kafka.tools.";
    private static final String GROUPS = "org.apache.kafka.tools.consumer.group.ConsumerGroupCommand";
    private static final String CONSOLE_CONSUMER = "org.apache.kafka.tools.consumer.ConsoleConsumer";

    private final String broker = InteropBroker.address();

    @Test
    void topicsAreMadeListedDescribedGrownAndDeleted() {
        String topic = InteropBroker.fresh("tool-topics");
        topics("--create", "--topic", topic, "--partitions", "3", "--config", "retention.ms=100000")
                .ok();
        assertTrue(topics("--list").ok().lines().contains(topic));
        String described = topics("--describe", "--topic", topic).ok().out();
        assertTrue(described.contains("PartitionCount: 3"), described);
        assertTrue(described.contains("retention.ms=100000"), described);
        topics("--alter", "--topic", topic, "--partitions", "5").ok();
        assertTrue(topics("--describe", "--topic", topic).ok().out().contains("PartitionCount: 5"));
        assertNotEquals(0, topics("--create", "--topic", topic).exitCode(), "it exists");
        topics("--delete", "--topic", topic).ok();
        Command.until("it is gone", () -> !topics("--list").ok().lines().contains(topic));
    }

    @Test
    void consoleProducerAndConsumer() {
        String topic = InteropBroker.fresh("tool-console");
        List<String> lines =
                IntStream.range(0, 1_000).mapToObj(i -> "line " + i + " ä").toList();
        produce(topic, lines);
        assertEquals(
                lines,
                consume("--topic", topic, "--from-beginning", "--max-messages", "1000")
                        .ok()
                        .lines());
        assertEquals(
                lines.subList(990, 1_000),
                consume("--topic", topic, "--partition", "0", "--offset", "990", "--max-messages", "10")
                        .ok()
                        .lines());
        String group = InteropBroker.fresh("g");
        assertEquals(
                lines,
                consume("--topic", topic, "--group", group, "--from-beginning", "--max-messages", "1000")
                        .ok()
                        .lines());
        produce(topic, List.of("next"));
        assertEquals(
                List.of("next"),
                consume("--topic", topic, "--group", group, "--from-beginning", "--max-messages", "1")
                        .ok()
                        .lines());
    }

    @Test
    void consoleClientsWithKeysAndCompression() {
        String topic = InteropBroker.fresh("tool-keys");
        for (String codec : List.of("none", "gzip", "snappy", "lz4", "zstd")) {
            Command.start(
                            codec + ":value\n",
                            Command.tool(
                                    TOOLS + "ConsoleProducer",
                                    "--bootstrap-server",
                                    broker,
                                    "--topic",
                                    topic,
                                    "--compression-codec",
                                    codec,
                                    "--reader-property",
                                    "parse.key=true",
                                    "--reader-property",
                                    "key.separator=:"))
                    .await()
                    .ok();
        }
        List<String> read = consume(
                        "--topic",
                        topic,
                        "--from-beginning",
                        "--max-messages",
                        "5",
                        "--formatter-property",
                        "print.key=true",
                        "--formatter-property",
                        "key.separator==")
                .ok()
                .lines();
        assertEquals(List.of("none=value", "gzip=value", "snappy=value", "lz4=value", "zstd=value"), read);
    }

    @Test
    void consumerGroupsAreListedDescribedResetAndDeleted() {
        String topic = InteropBroker.fresh("tool-groups");
        String group = InteropBroker.fresh("g");
        produce(topic, List.of("a", "b", "c", "d"));
        try (Command member = Command.start(
                null,
                Command.tool(
                        CONSOLE_CONSUMER,
                        "--bootstrap-server",
                        broker,
                        "--topic",
                        topic,
                        "--group",
                        group,
                        "--from-beginning"))) {
            Command.until("it reads", () -> member.lines().size() == 4);
            Command.until("the commit is shown", () -> groups("--describe", "--group", group)
                    .out()
                    .matches("(?s).*" + group + "\\s+" + topic + "\\s+0\\s+(-\\s+)?4\\s+4\\s+0\\s+console-consumer.*"));
            String members = groups("--describe", "--group", group, "--members", "--verbose")
                    .ok()
                    .out();
            assertTrue(members.contains("console-consumer"), members);
            String state =
                    groups("--describe", "--group", group, "--state").ok().out();
            assertTrue(state.contains("Stable") && state.contains("range"), state);
            Command.Ended refused = groups("--delete", "--group", group);
            assertTrue((refused.out() + refused.err()).contains("not empty"), refused.out() + refused.err());
            member.stop();
        }
        assertTrue(groups("--list").ok().lines().contains(group));
        assertTrue(groups("--list", "--state").ok().out().contains("Empty"));
        groups("--group", group, "--topic", topic, "--reset-offsets", "--to-earliest", "--execute")
                .ok();
        assertEquals(
                List.of("a", "b"),
                consume("--topic", topic, "--group", group, "--max-messages", "2")
                        .ok()
                        .lines());
        groups("--delete-offsets", "--group", group, "--topic", topic).ok();
        groups("--delete", "--group", group).ok();
        assertTrue(!groups("--list").ok().lines().contains(group));
    }

    @Test
    void offsetsTopicIsReadableByKafkasFormatters() {
        String topic = InteropBroker.fresh("tool-offsets");
        String group = InteropBroker.fresh("g");
        produce(topic, List.of("a", "b"));
        consume("--topic", topic, "--group", group, "--from-beginning", "--max-messages", "2")
                .ok();
        String offsets = formatted("OffsetsMessageFormatter");
        assertTrue(
                offsets.contains("\"group\":\"" + group + "\",\"topic\":\"" + topic + "\",\"partition\":0"), offsets);
        String groups = formatted("GroupMetadataMessageFormatter");
        assertTrue(groups.contains("\"group\":\"" + group + "\""), groups);
        assertTrue(groups.contains("\"protocolType\":\"consumer\""), groups);
    }

    private String formatted(String formatter) {
        return consume(
                        "--topic",
                        "__consumer_offsets",
                        "--from-beginning",
                        "--timeout-ms",
                        "8000",
                        "--formatter",
                        "org.apache.kafka.tools.consumer." + formatter)
                .out();
    }

    @Test
    void offsetShellTellsEarliestAndLatest() {
        String topic = InteropBroker.fresh("tool-shell");
        produce(topic, List.of("a", "b", "c"));
        assertEquals(topic + ":0:3", offsets(topic, "-1"));
        assertEquals(topic + ":0:0", offsets(topic, "-2"));
        assertEquals(topic + ":0:2", offsets(topic, "max-timestamp").replaceAll(":[01]$", ":2"));
    }

    private String offsets(String topic, String time) {
        return tool("GetOffsetShell", "--bootstrap-server", broker, "--topic", topic, "--time", time)
                .ok()
                .out()
                .trim();
    }

    @Test
    void recordsAreDeletedByTheTool() throws IOException {
        String topic = InteropBroker.fresh("tool-delete");
        produce(topic, List.of("a", "b", "c"));
        Path file = Files.createTempFile(Files.createDirectories(Path.of("target", "interop")), "delete", ".json");
        Files.writeString(
                file, "{\"partitions\":[{\"topic\":\"" + topic + "\",\"partition\":0,\"offset\":2}],\"version\":1}");
        tool("DeleteRecordsCommand", "--bootstrap-server", broker, "--offset-json-file", file.toString())
                .ok();
        assertEquals(topic + ":0:2", offsets(topic, "-2"));
        assertEquals(
                List.of("c"),
                consume("--topic", topic, "--from-beginning", "--max-messages", "1")
                        .ok()
                        .lines());
    }

    @Test
    void verifiableProducerAndConsumer() {
        String topic = InteropBroker.fresh("tool-verifiable");
        Command.Ended produced = tool(
                        "VerifiableProducer",
                        "--bootstrap-server",
                        broker,
                        "--topic",
                        topic,
                        "--max-messages",
                        "2000",
                        "--acks",
                        "-1")
                .ok();
        assertEquals(2_000, count(produced.lines(), "\"producer_send_success\""));
        assertTrue(produced.out().contains("\"acked\":2000"), "the summary says so");
        Command.Ended consumed = tool(
                        "VerifiableConsumer",
                        "--bootstrap-server",
                        broker,
                        "--topic",
                        topic,
                        "--group-id",
                        InteropBroker.fresh("g"),
                        "--max-messages",
                        "2000",
                        "--verbose",
                        "--reset-policy",
                        "earliest")
                .ok();
        assertEquals(2_000, count(consumed.lines(), "\"record_data\""));
        assertEquals(
                2_000,
                new HashSet<>(consumed.lines().stream()
                                .filter(line -> line.contains("\"record_data\""))
                                .map(line -> line.replaceAll(".*\"value\":\"(\\d+)\".*", "$1"))
                                .toList())
                        .size());
        assertTrue(consumed.out().contains("\"offsets_committed\""));
    }

    @Test
    void performanceToolsMoveEverything() {
        String topic = InteropBroker.fresh("tool-perf");
        Command.Ended produced = tool(
                        "ProducerPerformance",
                        "--topic",
                        topic,
                        "--num-records",
                        "100000",
                        "--record-size",
                        "100",
                        "--throughput",
                        "-1",
                        "--producer-props",
                        "bootstrap.servers=" + broker)
                .ok();
        assertTrue(produced.out().contains("100000 records sent"), produced.out());
        Command.Ended consumed = tool(
                        "ConsumerPerformance",
                        "--bootstrap-server",
                        broker,
                        "--topic",
                        topic,
                        "--messages",
                        "100000",
                        "--timeout",
                        "60000",
                        "--hide-header")
                .ok();
        String last = consumed.lines().get(consumed.lines().size() - 1);
        assertTrue(Long.parseLong(last.split(",")[4].trim()) >= 100_000, consumed.out());
        System.out.println("producer: " + produced.lines().get(produced.lines().size() - 1));
        System.out.println("consumer: " + last);
    }

    @Test
    void brokerAnswersApiVersionsTool() {
        String versions = tool("BrokerApiVersionsCommand", "--bootstrap-server", broker)
                .ok()
                .out();
        assertTrue(versions.contains("JoinGroup(11): 0 to 9"), versions);
        assertTrue(versions.contains("OffsetFetch(9): 1 to 10"), versions);
    }

    private void produce(String topic, List<String> lines) {
        Command.start(
                        String.join("\n", lines) + "\n",
                        Command.tool(TOOLS + "ConsoleProducer", "--bootstrap-server", broker, "--topic", topic))
                .await()
                .ok();
    }

    private Command.Ended consume(String... arguments) {
        return Command.start(null, Command.tool(CONSOLE_CONSUMER, with(arguments)))
                .await();
    }

    private Command.Ended topics(String... arguments) {
        return tool("TopicCommand", with(arguments));
    }

    private Command.Ended groups(String... arguments) {
        return Command.start(null, Command.tool(GROUPS, with(arguments))).await();
    }

    private static Command.Ended tool(String name, String... arguments) {
        return Command.start(null, Command.tool(TOOLS + name, arguments)).await();
    }

    private String[] with(String... arguments) {
        return Stream.concat(Stream.of("--bootstrap-server", broker), Stream.of(arguments))
                .toArray(String[]::new);
    }

    private static long count(List<String> lines, String part) {
        return lines.stream().filter(line -> line.contains(part)).count();
    }
}
