package io.penstock.broker.zookeeper;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.penstock.broker.config.BrokerSettings;
import io.penstock.broker.metadata.BrokerImage;
import io.penstock.broker.metadata.MetadataStore.NewTopic;
import io.penstock.storage.time.SystemClock;
import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** Servers of our own distribution: one alone, and an ensemble of three in this process. */
@Timeout(60)
class ZooKeeperNodeIT {
    @TempDir
    Path directory;

    private final List<ZooKeeperNode> nodes = new ArrayList<>();
    private final List<Thread> threads = new ArrayList<>();

    @Test
    void anEnsembleOfThreeServesAndSurvivesTheLossOfOne() throws Exception {
        int[] ports = freePorts(9);
        StringBuilder members = new StringBuilder();
        for (int id = 1; id <= 3; id++) {
            members.append("server.")
                    .append(id)
                    .append("=127.0.0.1:")
                    .append(ports[id + 2])
                    .append(':')
                    .append(ports[id + 5])
                    .append('\n');
        }
        for (int id = 1; id <= 3; id++) {
            Path data = Files.createDirectories(directory.resolve("data" + id));
            Files.writeString(data.resolve("myid"), Integer.toString(id));
            run(config(data, ports[id - 1], "initLimit=10\nsyncLimit=5\n" + members));
        }
        String connect = "127.0.0.1:" + ports[0] + ",127.0.0.1:" + ports[1] + ",127.0.0.1:" + ports[2];
        try (ZooKeeperMetadataStore store = open(connect)) {
            store.register(new BrokerImage(1, 0, "h", 1, null))
                    .toCompletableFuture()
                    .join();
            create(store, "before");
            nodes.get(2).stop();
            create(store, "after");
            assertEquals(2, store.image().topics().size());
        }
        stop();
    }

    @Test
    void aServerAloneServes() throws Exception {
        int port = freePorts(1)[0];
        run(config(Files.createDirectories(directory.resolve("alone")), port, ""));
        try (ZooKeeperMetadataStore store = open("127.0.0.1:" + port)) {
            store.register(new BrokerImage(1, 0, "h", 1, null))
                    .toCompletableFuture()
                    .join();
            create(store, "t");
            assertTrue(store.image().topic("t").isPresent());
        }
        stop();
    }

    @Test
    void aWrongFileIsNamed() throws IOException {
        Path file = Files.writeString(directory.resolve("zoo.cfg"), "clientPort=x\n");

        IllegalArgumentException wrong = assertThrows(IllegalArgumentException.class, () -> new ZooKeeperNode(file));
        assertTrue(wrong.getMessage().contains("zoo.cfg"), wrong.getMessage());
    }

    private Path config(Path data, int port, String more) throws IOException {
        return Files.writeString(
                data.resolve("zoo.cfg"),
                "tickTime=500\ndataDir=" + data + "\nclientPort=" + port + "\nclientPortAddress=127.0.0.1\n" + more);
    }

    private void run(Path config) {
        ZooKeeperNode node = new ZooKeeperNode(config);
        Thread thread = new Thread(
                () -> {
                    try {
                        node.run();
                    } catch (IOException e) {
                        throw new java.io.UncheckedIOException(e);
                    }
                },
                "node-" + nodes.size());
        nodes.add(node);
        threads.add(thread);
        thread.start();
    }

    private void stop() throws InterruptedException {
        nodes.forEach(ZooKeeperNode::stop);
        for (Thread thread : threads) {
            thread.join();
        }
    }

    private ZooKeeperMetadataStore open(String connect) throws IOException {
        return ZooKeeperMetadataStore.open(
                new ZooKeeperMetadataStore.Settings(
                        connect, 6_000, 30_000, 1, List.of(directory.resolve("log")), BrokerSettings.of(1, Map.of())),
                new SystemClock());
    }

    private static void create(ZooKeeperMetadataStore store, String name) {
        store.createTopic(new NewTopic(name, 1, (short) 1, null, Map.of()))
                .toCompletableFuture()
                .join();
    }

    private static int[] freePorts(int count) throws IOException {
        List<ServerSocket> sockets = new ArrayList<>();
        int[] ports = new int[count];
        for (int i = 0; i < count; i++) {
            sockets.add(new ServerSocket(0, 1, InetAddress.getLoopbackAddress()));
            ports[i] = sockets.get(i).getLocalPort();
        }
        for (ServerSocket socket : sockets) {
            socket.close();
        }
        return ports;
    }
}
