package io.penstock.broker;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.penstock.broker.zookeeper.EmbeddedZooKeeper;
import java.io.BufferedReader;
import java.io.InputStreamReader;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Properties;
import java.util.TreeMap;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.admin.NewTopic;
import org.apache.kafka.clients.admin.TopicDescription;
import org.apache.kafka.common.TopicPartitionInfo;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/**
 * Three broker processes, killed with SIGKILL: their deaths are noticed by evidence, since the session's time-out here is
 * longer than the test waits; killed brokers come back with everything, since the machine did not go down.
 */
@Timeout(240)
class ClusterKillIT {
    private static final int SESSION_TIMEOUT_MILLIS = 120_000;
    private static final int LIMIT_MILLIS = 30_000;

    @TempDir
    Path directory;

    private EmbeddedZooKeeper zookeeper;
    private final Map<Integer, Process> processes = new TreeMap<>();
    private final Map<Integer, Integer> ports = new TreeMap<>();

    @AfterEach
    void stop() throws Exception {
        for (Process process : processes.values()) {
            process.destroyForcibly().waitFor();
        }
        if (zookeeper != null) {
            zookeeper.close();
        }
    }

    /** What a child process runs: a broker that serves until it is killed. */
    public static void main(String[] arguments) throws Exception {
        Properties properties = new Properties();
        properties.put("broker.id", arguments[0]);
        properties.put("listeners", "PLAINTEXT://127.0.0.1:" + arguments[3]);
        properties.put("log.dirs", arguments[1]);
        properties.put("zookeeper.connect", arguments[2]);
        properties.put("zookeeper.session.timeout.ms", Integer.toString(SESSION_TIMEOUT_MILLIS));
        properties.put("default.replication.factor", "3");
        Broker broker = Broker.start(BrokerConfig.parse(properties));
        System.out.println("PORT " + broker.port());
        Thread.currentThread().join();
    }

    @Test
    void killedBrokersAreReplacedAtOnceAndComeBackByThemselves() throws Exception {
        zookeeper = EmbeddedZooKeeper.start(directory.resolve("zookeeper"), 0, false);
        for (int id = 1; id <= 3; id++) {
            start(id);
        }
        try (Admin admin = admin()) {
            admin.createTopics(List.of(new NewTopic("t", 12, (short) 3))).all().get(60, TimeUnit.SECONDS);
            int controller = admin.describeCluster()
                    .controller()
                    .get(60, TimeUnit.SECONDS)
                    .id();
            int other = controller % 3 + 1;

            long brokerMillis = kill(admin, other);
            start(other);
            long controllerMillis = kill(admin, controller);
            System.out.println("a killed broker's partitions were led again after " + brokerMillis
                    + " ms, the controller's after " + controllerMillis + " ms");

            // The last two as well: then nobody is left but those who were killed.
            for (int id : List.copyOf(processes.keySet())) {
                processes.remove(id).destroyForcibly().waitFor();
            }
        }
        for (int id = 1; id <= 3; id++) {
            start(id);
        }
        try (Admin admin = admin()) {
            awaitLeaders(admin, -1);
            assertEquals(
                    3, admin.describeCluster().nodes().get(60, TimeUnit.SECONDS).size());
        }
    }

    private long kill(Admin admin, int id) throws Exception {
        processes.remove(id).destroyForcibly().waitFor();
        long begin = System.nanoTime();
        awaitLeaders(admin, id);
        long millis = (System.nanoTime() - begin) / 1_000_000;
        assertTrue(millis < LIMIT_MILLIS, "it took " + millis + " ms");
        return millis;
    }

    /** Until every partition has a leader who is not {@code dead}, on the broker that is asked. */
    private static void awaitLeaders(Admin admin, int dead) throws Exception {
        while (true) {
            try {
                TopicDescription topic = admin.describeTopics(List.of("t"))
                        .allTopicNames()
                        .get(60, TimeUnit.SECONDS)
                        .get("t");
                if (topic.partitions().stream().allMatch(partition -> isLed(partition, dead))) {
                    return;
                }
            } catch (ExecutionException e) {
                // Asked a broker that is gone: another is asked.
                Thread.yield();
            }
        }
    }

    private static boolean isLed(TopicPartitionInfo partition, int dead) {
        return partition.leader() != null
                && partition.leader().id() >= 0
                && partition.leader().id() != dead;
    }

    private Admin admin() {
        List<String> addresses = new ArrayList<>();
        ports.values().forEach(port -> addresses.add("127.0.0.1:" + port));
        return Admin.create(Map.of(
                "bootstrap.servers",
                String.join(",", addresses),
                "reconnect.backoff.max.ms",
                "100",
                "default.api.timeout.ms",
                Long.toString(Duration.ofSeconds(60).toMillis())));
    }

    private void start(int id) throws Exception {
        Process process = new ProcessBuilder(
                        Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                        "-Xmx256m",
                        "-XX:TieredStopAtLevel=1",
                        "-cp",
                        System.getProperty("java.class.path"),
                        ClusterKillIT.class.getName(),
                        Integer.toString(id),
                        directory.resolve("broker-" + id).toString(),
                        zookeeper.connectString(),
                        Integer.toString(ports.getOrDefault(id, 0)))
                .redirectError(directory.resolve("broker-" + id + ".err").toFile())
                .start();
        processes.put(id, process);
        BufferedReader lines =
                new BufferedReader(new InputStreamReader(process.getInputStream(), StandardCharsets.UTF_8));
        String line;
        do {
            line = lines.readLine();
            if (line == null) {
                throw new AssertionError("broker " + id + " ended: "
                        + java.nio.file.Files.readString(directory.resolve("broker-" + id + ".err")));
            }
        } while (!line.startsWith("PORT "));
        ports.put(id, Integer.parseInt(line.substring("PORT ".length())));
        Thread drain = new Thread(() -> lines.lines().forEach(ignored -> {}), "broker-" + id);
        drain.setDaemon(true);
        drain.start();
    }
}
