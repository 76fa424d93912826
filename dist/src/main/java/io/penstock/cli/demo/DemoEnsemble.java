package io.penstock.cli.demo;

import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/** A demo's ZooKeeper ensemble: {@code penstock zookeeper start} in child processes, ended by their {@link DemoPlace}. */
final class DemoEnsemble {
    private static final List<String> JVM_OPTIONS = List.of("-Xmx96m", "-XX:+UseSerialGC", "-XX:TieredStopAtLevel=1");

    private final List<String> addresses = new ArrayList<>();

    /** Starts the processes; brokers wait until they have found each other. */
    static DemoEnsemble start(DemoPlace place, int size) throws IOException {
        DemoEnsemble ensemble = new DemoEnsemble();
        List<Integer> ports = freePorts(3 * size);
        List<String> servers = new ArrayList<>();
        for (int id = 1; id <= size; id++) {
            servers.add("server." + id + "=127.0.0.1:" + ports.get(3 * id - 2) + ":" + ports.get(3 * id - 1));
        }
        for (int id = 1; id <= size; id++) {
            Path directory = Files.createDirectories(place.directory().resolve("zookeeper-" + id));
            Path data = Files.createDirectories(directory.resolve("data"));
            Files.writeString(data.resolve("myid"), Integer.toString(id));
            int port = ports.get(3 * id - 3);
            List<String> lines = new ArrayList<>(servers);
            lines.addAll(List.of(
                    "tickTime=500",
                    "initLimit=60",
                    "syncLimit=20",
                    "dataDir=" + data,
                    "clientPort=" + port,
                    "clientPortAddress=127.0.0.1"));
            Path config = Files.write(directory.resolve("zoo.cfg"), lines);
            place.run(
                    JVM_OPTIONS,
                    directory.resolve("zookeeper.log"),
                    "zookeeper",
                    "start",
                    "--config",
                    config.toString());
            ensemble.addresses.add("127.0.0.1:" + port);
        }
        return ensemble;
    }

    String connect() {
        return String.join(",", addresses);
    }

    /** Different ones, for they are open at the same time. */
    private static List<Integer> freePorts(int count) throws IOException {
        List<ServerSocket> sockets = new ArrayList<>();
        try {
            for (int i = 0; i < count; i++) {
                sockets.add(new ServerSocket(0, 1, InetAddress.getLoopbackAddress()));
            }
            return sockets.stream().map(ServerSocket::getLocalPort).toList();
        } finally {
            for (ServerSocket socket : sockets) {
                socket.close();
            }
        }
    }
}
