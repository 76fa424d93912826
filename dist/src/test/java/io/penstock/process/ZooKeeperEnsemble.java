package io.penstock.process;

import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Collectors;

/**
 * ZooKeeper servers in processes of their own, {@code penstock zookeeper start}: one that stands alone, or an ensemble. The
 * test's thread; closed by who made it.
 */
public final class ZooKeeperEnsemble implements AutoCloseable {
    private static final long START_SECONDS = 60;
    private static final int ANSWER_MILLIS = 1_000;
    /** Sessions may be from two to twenty ticks long. */
    private static final int TICK_MILLIS = 500;

    private final Path directory;
    private final int[] ports;
    private final JvmProcess[] servers;

    /** Starts them, and returns when they serve. */
    public static ZooKeeperEnsemble start(Path directory, int size) throws Exception {
        ZooKeeperEnsemble ensemble = new ZooKeeperEnsemble(directory, size);
        for (int i = 0; i < size; i++) {
            ensemble.begin(i);
        }
        ensemble.awaitServing();
        return ensemble;
    }

    private ZooKeeperEnsemble(Path directory, int size) throws IOException {
        this.directory = directory;
        this.servers = new JvmProcess[size];
        int[] all = FreePorts.take(3 * size);
        ports = java.util.Arrays.copyOf(all, size);
        for (int i = 0; i < size; i++) {
            Path home = Files.createDirectories(home(i));
            List<String> lines = new ArrayList<>(List.of(
                    "tickTime=" + TICK_MILLIS,
                    "dataDir=" + home,
                    "clientPortAddress=127.0.0.1",
                    "clientPort=" + ports[i],
                    "initLimit=20",
                    "syncLimit=10",
                    "admin.enableServer=false"));
            if (size > 1) {
                for (int each = 0; each < size; each++) {
                    lines.add("server." + (each + 1) + "=127.0.0.1:" + all[size + each] + ":" + all[2 * size + each]);
                }
                Files.writeString(home.resolve("myid"), Integer.toString(i + 1));
            }
            Files.write(home.resolve("zoo.cfg"), lines);
        }
    }

    private Path home(int index) {
        return directory.resolve("zookeeper-" + (index + 1));
    }

    public int size() {
        return ports.length;
    }

    public List<InetSocketAddress> addresses() {
        List<InetSocketAddress> addresses = new ArrayList<>();
        for (int port : ports) {
            addresses.add(new InetSocketAddress(InetAddress.getLoopbackAddress(), port));
        }
        return addresses;
    }

    public String connectString() {
        return addresses().stream().map(each -> "127.0.0.1:" + each.getPort()).collect(Collectors.joining(","));
    }

    /** Starts one that is down; {@link #awaitServing} waits for it. */
    public void begin(int index) throws IOException {
        servers[index] = JvmProcess.start(
                // Nothing here loses power, so nothing has to be forced.
                List.of("-Xmx128m", "-XX:TieredStopAtLevel=1", "-Dzookeeper.forceSync=no"),
                List.of(
                        "io.penstock.cli.Penstock",
                        "zookeeper",
                        "start",
                        "--config",
                        home(index).resolve("zoo.cfg").toString()),
                home(index).resolve("server.err"));
        JvmProcess started = servers[index];
        Thread drain = new Thread(() -> drain(started), "zookeeper-stdout");
        drain.setDaemon(true);
        drain.start();
    }

    private static void drain(JvmProcess server) {
        try {
            server.output().transferTo(java.io.OutputStream.nullOutputStream());
        } catch (IOException e) {
            // It was ended.
            return;
        }
    }

    /** Until all that run take part. */
    public void awaitServing() throws InterruptedException {
        for (int i = 0; i < servers.length; i++) {
            int index = i;
            if (servers[i] != null) {
                Waiting.until("ZooKeeper server " + i + " serves; see " + directory, START_SECONDS, () -> !mode(index)
                        .isEmpty());
            }
        }
    }

    /** SIGKILL. */
    public void kill(int index) throws InterruptedException {
        servers[index].kill();
        servers[index] = null;
    }

    public void killAll() throws InterruptedException {
        for (int i = 0; i < servers.length; i++) {
            if (servers[i] != null) {
                kill(i);
            }
        }
    }

    /** Starts all that are down, and waits for them. */
    public void startMissing() throws IOException, InterruptedException {
        for (int i = 0; i < servers.length; i++) {
            if (servers[i] == null) {
                begin(i);
            }
        }
        awaitServing();
    }

    /** Of an ensemble. */
    public int leader() throws InterruptedException {
        int[] found = {-1};
        Waiting.until("ZooKeeper has a leader", START_SECONDS, () -> {
            for (int i = 0; i < servers.length; i++) {
                if (servers[i] != null && mode(i).equals("leader")) {
                    found[0] = i;
                }
            }
            return found[0] >= 0;
        });
        return found[0];
    }

    /** As the server's answer to {@code srvr} says; empty while it does not take part. */
    private String mode(int index) throws IOException {
        try (Socket socket = new Socket()) {
            socket.connect(new InetSocketAddress(InetAddress.getLoopbackAddress(), ports[index]), ANSWER_MILLIS);
            socket.setSoTimeout(ANSWER_MILLIS);
            socket.getOutputStream().write("srvr".getBytes(StandardCharsets.US_ASCII));
            return new String(socket.getInputStream().readAllBytes(), StandardCharsets.US_ASCII)
                    .lines()
                    .filter(line -> line.startsWith("Mode: "))
                    .map(line -> line.substring("Mode: ".length()))
                    .findFirst()
                    .orElse("");
        }
    }

    @Override
    public void close() throws InterruptedException {
        killAll();
    }
}
