package io.penstock.interop;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.ExecutionException;
import org.apache.kafka.clients.admin.Admin;

/** Three broker processes and a ZooKeeper server, all of the distribution; for one test class, which stops it. */
final class InteropCluster {
    private final Process zookeeper;
    private final TreeMap<Integer, InteropBroker> brokers = new TreeMap<>();

    InteropCluster() {
        try {
            Path parent = Files.createDirectories(Path.of("target", "interop"));
            Path data = Files.createTempDirectory(parent, "zookeeper").toAbsolutePath();
            int port = freePort();
            Path config = data.resolve("zoo.cfg");
            Files.writeString(
                    config,
                    "tickTime=500\ndataDir=" + data.resolve("data") + "\nclientPortAddress=127.0.0.1\nclientPort="
                            + port + "\nadmin.enableServer=false\n");
            zookeeper = new ProcessBuilder(
                            Path.of(System.getProperty("java.home"), "bin", "java")
                                    .toString(),
                            "-Xmx192m",
                            "-cp",
                            Command.property("interop.dist") + "/*",
                            "io.penstock.cli.Penstock",
                            "zookeeper",
                            "start",
                            "--config",
                            config.toString())
                    .redirectErrorStream(true)
                    .redirectOutput(data.resolve("out.txt").toFile())
                    .start();
            Runtime.getRuntime().addShutdownHook(new Thread(zookeeper::destroyForcibly));
            for (int id = 1; id <= 3; id++) {
                brokers.put(
                        id,
                        InteropBroker.startNew(Map.of(
                                "broker.id",
                                Integer.toString(id),
                                "zookeeper.connect",
                                "127.0.0.1:" + port,
                                "default.replication.factor",
                                "3",
                                "auto.leader.rebalance.enable",
                                "false")));
            }
            awaitAll();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** A broker may be ready before the others have heard of it. */
    private void awaitAll() {
        for (InteropBroker broker : brokers.values()) {
            try (Admin admin = Admin.create(Map.of("bootstrap.servers", broker.bootstrap()))) {
                Command.until("three brokers are there", () -> {
                    try {
                        return admin.describeCluster().nodes().get().size() == brokers.size();
                    } catch (InterruptedException | ExecutionException e) {
                        throw new AssertionError(e);
                    }
                });
            }
        }
    }

    private static int freePort() throws IOException {
        try (ServerSocket socket = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
            return socket.getLocalPort();
        }
    }

    String bootstrap() {
        return String.join(
                ",", brokers.values().stream().map(InteropBroker::bootstrap).toList());
    }

    InteropBroker broker(int id) {
        return brokers.get(id);
    }

    void stop() throws InterruptedException {
        for (InteropBroker broker : brokers.values()) {
            broker.stop();
        }
        zookeeper.destroyForcibly().waitFor();
    }
}
