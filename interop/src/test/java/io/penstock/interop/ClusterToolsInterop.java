package io.penstock.interop;

import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** Kafka's command line tools that look after a cluster: moves of partitions, leaders, settings, growth. */
@Timeout(600)
class ClusterToolsInterop {
    private static final String TOOLS = "org.apache.kafka.tools.";
    private static final String REASSIGN = TOOLS + "reassign.ReassignPartitionsCommand";
    private static final String CONFIGS = "kafka.admin.ConfigCommand";

    private static InteropCluster cluster;

    @BeforeAll
    static void start() {
        cluster = new InteropCluster();
    }

    @AfterAll
    static void stop() throws InterruptedException {
        if (cluster != null) {
            cluster.stop();
        }
    }

    @Test
    void partitionsAreMovedWithAThrottle() throws IOException {
        String topic = InteropBroker.fresh("moved");
        create(topic, "1:2");
        produce(topic, 2_000);
        Path plan = plan(topic, "[2,3]");

        String begun = reassign(plan, "--execute", "--throttle", "2000").ok().out();
        assertTrue(begun.contains("Successfully started partition reassignment"), begun);
        assertTrue(run(REASSIGN, "--list").ok().out().contains("adding: 3"), "it takes a while");
        Command.until("its replicas are throttled", () -> configs("topics", topic)
                .contains("leader.replication.throttled.replicas=0:1,0:2"));
        Command.until("the brokers are throttled", () -> configs("brokers", "3")
                .contains("follower.replication.throttled.rate=2000"));
        assertNotEquals(0, reassign(plan, "--execute").exitCode(), "a move is under way");
        // Another throttle, for a move that has begun.
        reassign(plan, "--execute", "--additional", "--throttle", "50000000").ok();

        Command.until(
                "it is complete", () -> reassign(plan, "--verify").ok().out().contains("is completed"));

        Command.until("it has moved", () -> described(topic).contains("Replicas: 2,3"));
        Command.until(
                "throttles are taken away", () -> !configs("topics", topic).contains("throttled"));
        Command.until("throttles are taken away", () -> !configs("brokers", "3").contains("throttled"));
        assertTrue(run(REASSIGN, "--list").ok().out().contains("No partition reassignments found."));
    }

    @Test
    void aMoveIsCancelled() throws IOException {
        String topic = InteropBroker.fresh("cancelled");
        create(topic, "1:2");
        produce(topic, 2_000);
        Path plan = plan(topic, "[3]");

        reassign(plan, "--execute", "--throttle", "1000").ok();
        String cancelled = reassign(plan, "--cancel").ok().out();

        assertTrue(cancelled.contains("Successfully cancelled"), cancelled);
        Command.until("it is where it was", () -> described(topic).contains("Replicas: 1,2"));
        Command.until(
                "throttles are taken away", () -> !configs("topics", topic).contains("throttled"));
    }

    @Test
    void leadersAreElected() throws IOException {
        String topic = InteropBroker.fresh("elected");
        create(topic, "2:3:1");
        String needless = elect("--topic", topic, "--partition", "0");
        assertTrue(needless.contains("Valid replica already elected"), needless);
        // The same replicas, another one preferred: the leader stays until there is an election.
        reassign(plan(topic, "[3,2,1]"), "--execute").ok();
        Command.until("another is preferred", () -> described(topic).contains("Leader: 2\tReplicas: 3,2,1"));

        elect("--all-topic-partitions");

        Command.until("it leads", () -> described(topic).contains("Leader: 3\tReplicas: 3,2,1"));
    }

    private static String elect(String... which) {
        List<String> arguments = new ArrayList<>(List.of("--election-type", "PREFERRED"));
        arguments.addAll(List.of(which));
        return run(TOOLS + "LeaderElectionCommand", arguments.toArray(String[]::new))
                .ok()
                .out();
    }

    @Test
    void topicsGrowAndSettingsChange() {
        String topic = InteropBroker.fresh("grown");
        create(topic, "1:2");
        run(TOOLS + "TopicCommand", "--alter", "--topic", topic, "--partitions", "4")
                .ok();
        Command.until("it has grown", () -> described(topic).contains("PartitionCount: 4"));
        run(CONFIGS, "--alter", "--entity-type", "topics", "--entity-name", topic, "--add-config", "retention.ms=7777")
                .ok();
        Command.until("it is set", () -> configs("topics", topic).contains("retention.ms=7777"));
        run(
                        CONFIGS,
                        "--alter",
                        "--entity-type",
                        "brokers",
                        "--entity-default",
                        "--add-config",
                        "log.retention.ms=88888")
                .ok();
        Command.until("it is set", () -> run(CONFIGS, "--describe", "--entity-type", "brokers", "--entity-default")
                .ok()
                .out()
                .contains("log.retention.ms=88888"));
        run(CONFIGS, "--alter", "--entity-type", "brokers", "--entity-default", "--delete-config", "log.retention.ms")
                .ok();
    }

    private static void create(String topic, String replicas) {
        run(TOOLS + "TopicCommand", "--create", "--topic", topic, "--replica-assignment", replicas)
                .ok();
        Command.until("all are in sync", () -> {
            String isr = replicas.replace(':', ',');
            return described(topic).contains("Replicas: " + isr)
                    && described(topic).contains("Isr: " + isr);
        });
    }

    private static String described(String topic) {
        return run(TOOLS + "TopicCommand", "--describe", "--topic", topic).ok().out();
    }

    private static void produce(String topic, int records) {
        List<String> lines = new ArrayList<>();
        for (int i = 0; i < records; i++) {
            lines.add("a record that is about a hundred bytes long, number " + i + " of many that are to be moved");
        }
        Command.start(
                        String.join("\n", lines) + "\n",
                        Command.tool(
                                TOOLS + "ConsoleProducer", "--bootstrap-server", cluster.bootstrap(), "--topic", topic))
                .await()
                .ok();
    }

    private static Path plan(String topic, String replicas) throws IOException {
        Path file = Files.createTempFile(Path.of("target", "interop"), "plan", ".json");
        Files.writeString(
                file,
                "{\"version\":1,\"partitions\":[{\"topic\":\"" + topic + "\",\"partition\":0,\"replicas\":" + replicas
                        + "}]}");
        return file;
    }

    private static Command.Ended reassign(Path plan, String... arguments) {
        List<String> all = new ArrayList<>(List.of("--reassignment-json-file", plan.toString()));
        all.addAll(List.of(arguments));
        return run(REASSIGN, all.toArray(String[]::new));
    }

    private static String configs(String type, String name) {
        return run(CONFIGS, "--describe", "--entity-type", type, "--entity-name", name)
                .ok()
                .out();
    }

    private static Command.Ended run(String tool, String... arguments) {
        List<String> all = new ArrayList<>(List.of("--bootstrap-server", cluster.bootstrap()));
        all.addAll(List.of(arguments));
        return Command.start(null, Command.tool(tool, all.toArray(String[]::new)))
                .await();
    }
}
