package io.penstock.broker.zookeeper;

import static org.junit.jupiter.api.Assertions.assertEquals;

import io.penstock.broker.Broker;
import io.penstock.broker.BrokerConfig;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.ServerSocket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Properties;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.admin.NewTopic;
import org.apache.kafka.clients.admin.TopicDescription;
import org.apache.kafka.common.errors.UnknownTopicOrPartitionException;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** Three brokers on an ensemble of three {@code penstock zookeeper start} servers are one cluster. */
@Timeout(180)
class EnsembleIT {
    @TempDir
    Path directory;

    private final List<ZooKeeperNode> servers = new ArrayList<>();
    private final List<Thread> threads = new ArrayList<>();
    private final List<Broker> brokers = new ArrayList<>();

    @Test
    void threeBrokersOnAnEnsembleOfThreeAreOneCluster() throws Exception {
        String connect = ensemble();
        try {
            List<String> addresses = new ArrayList<>();
            for (int id = 1; id <= 3; id++) {
                Broker broker = start(id, connect);
                brokers.add(broker);
                addresses.add(broker.host() + ":" + broker.port());
            }
            try (Admin admin = Admin.create(Map.of("bootstrap.servers", String.join(",", addresses)))) {
                assertEquals(
                        3,
                        admin.describeCluster()
                                .nodes()
                                .get(60, TimeUnit.SECONDS)
                                .size());
                servers.get(2).stop();
                admin.createTopics(List.of(new NewTopic("t", 3, (short) 3)))
                        .all()
                        .get(60, TimeUnit.SECONDS);
                TopicDescription topic = described(admin);
                assertEquals(
                        3,
                        topic.partitions().stream()
                                .map(partition -> partition.leader().id())
                                .distinct()
                                .count());
            }
        } finally {
            brokers.forEach(Broker::close);
            servers.forEach(ZooKeeperNode::stop);
            for (Thread thread : threads) {
                thread.join();
            }
        }
    }

    /** The broker that is asked may hear of the topic a moment after the one that made it. */
    private static TopicDescription described(Admin admin) throws Exception {
        while (true) {
            try {
                return admin.describeTopics(List.of("t"))
                        .allTopicNames()
                        .get(60, TimeUnit.SECONDS)
                        .get("t");
            } catch (ExecutionException e) {
                if (!(e.getCause() instanceof UnknownTopicOrPartitionException)) {
                    throw e;
                }
                TimeUnit.MILLISECONDS.sleep(50); // The class's time-out ends this.
            }
        }
    }

    private Broker start(int id, String connect) throws Exception {
        Properties properties = new Properties();
        properties.put("broker.id", Integer.toString(id));
        properties.put("listeners", "PLAINTEXT://127.0.0.1:0");
        properties.put("log.dirs", directory.resolve("broker-" + id).toString());
        properties.put("zookeeper.connect", connect);
        return Broker.start(BrokerConfig.parse(properties));
    }

    private String ensemble() throws IOException {
        int[] ports = freePorts(9);
        StringBuilder members = new StringBuilder("initLimit=10\nsyncLimit=5\n");
        StringBuilder connect = new StringBuilder();
        for (int id = 1; id <= 3; id++) {
            members.append("server." + id + "=127.0.0.1:" + ports[id + 2] + ":" + ports[id + 5] + "\n");
            connect.append(id == 1 ? "" : ",").append("127.0.0.1:").append(ports[id - 1]);
        }
        for (int id = 1; id <= 3; id++) {
            Path data = Files.createDirectories(directory.resolve("data" + id));
            Files.writeString(data.resolve("myid"), Integer.toString(id));
            Path file = Files.writeString(
                    data.resolve("zoo.cfg"),
                    "tickTime=500\ndataDir=" + data + "\nclientPort=" + ports[id - 1]
                            + "\nclientPortAddress=127.0.0.1\n" + members);
            ZooKeeperNode server = new ZooKeeperNode(file);
            Thread thread = new Thread(
                    () -> {
                        try {
                            server.run();
                        } catch (IOException e) {
                            throw new UncheckedIOException(e);
                        }
                    },
                    "server-" + id);
            servers.add(server);
            threads.add(thread);
            thread.start();
        }
        return connect.toString();
    }

    private static int[] freePorts(int count) throws IOException {
        List<ServerSocket> sockets = new ArrayList<>();
        int[] ports = new int[count];
        for (int i = 0; i < count; i++) {
            sockets.add(new ServerSocket(0));
            ports[i] = sockets.get(i).getLocalPort();
        }
        for (ServerSocket socket : sockets) {
            socket.close();
        }
        return ports;
    }
}
