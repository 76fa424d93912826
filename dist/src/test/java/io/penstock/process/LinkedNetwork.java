package io.penstock.process;

import java.io.IOException;
import java.net.BindException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.function.Predicate;
import java.util.stream.Collectors;

/**
 * A network of {@link LinkProxy links} in which every pair has one of its own: between brokers, from clients to brokers, from
 * brokers to ZooKeeper servers. A broker is known by a name; each source has a file of its own
 * ({@code -Djdk.net.hosts.file}) that says at which loopback address its link to that name begins, so that nobody needs
 * privileges. Sources are numbered as brokers are; {@link #CLIENTS} is the test's own process, for which
 * {@code src/test/hosts} says the same. The test's thread; closed by who made it.
 */
public final class LinkedNetwork implements AutoCloseable {
    /** The number of the test's own process as a source. */
    public static final int CLIENTS = 0;

    private static final int BROKERS_MAX = 5;
    private static final int ATTEMPTS = 20;

    /** @param to of a broker, or of a ZooKeeper server where {@code keeper} is true */
    private record Link(int from, int to, boolean keeper) {}

    private final int brokers;
    private final Path directory;
    private final Map<Integer, Integer> ports = new TreeMap<>();
    private final Map<Link, LinkProxy> links = new HashMap<>();
    private final List<InetSocketAddress> keepers;

    /**
     * @param brokers how many, numbered from 1
     * @param keepers where the ZooKeeper servers really listen
     * @param directory where the files of names go
     */
    public LinkedNetwork(int brokers, List<InetSocketAddress> keepers, Path directory) throws IOException {
        if (brokers > BROKERS_MAX) {
            throw new IllegalArgumentException("src/test/hosts knows " + BROKERS_MAX + " brokers");
        }
        this.brokers = brokers;
        this.keepers = keepers;
        this.directory = Files.createDirectories(directory);
        for (int to = 1; to <= brokers; to++) {
            linkBroker(to);
        }
        for (int from = 1; from <= brokers; from++) {
            for (int to = 0; to < keepers.size(); to++) {
                links.put(
                        new Link(from, to, true),
                        new LinkProxy(at("127.78." + from + "." + (to + 1), 0), keepers.get(to)));
            }
            writeNames(from);
        }
    }

    /** The port of a broker is one for all sources, since its name comes with it. */
    private void linkBroker(int to) throws IOException {
        for (int attempt = 0; ; attempt++) {
            Map<Link, LinkProxy> opened = new HashMap<>();
            int port = FreePorts.take(1)[0];
            try {
                for (int from = CLIENTS; from <= brokers; from++) {
                    if (from != to) {
                        opened.put(
                                new Link(from, to, false),
                                new LinkProxy(at(address(from, to), port), at(listenAddress(to), port)));
                    }
                }
                links.putAll(opened);
                ports.put(to, port);
                return;
            } catch (BindException taken) {
                closeAll(opened.values());
                if (attempt == ATTEMPTS) {
                    throw taken;
                }
            }
        }
    }

    private static InetSocketAddress at(String address, int port) throws IOException {
        return new InetSocketAddress(InetAddress.getByName(address), port);
    }

    private static String address(int from, int to) {
        return "127.77." + from + "." + to;
    }

    private void writeNames(int from) throws IOException {
        List<String> lines = new ArrayList<>(List.of("127.0.0.1 localhost"));
        for (int to = 1; to <= brokers; to++) {
            lines.add((to == from ? listenAddress(to) : address(from, to)) + " " + name(to));
        }
        Files.write(names(from), lines);
    }

    /** For {@code -Djdk.net.hosts.file} of a broker. */
    public Path names(int from) {
        return directory.resolve("hosts-of-" + from);
    }

    public static String name(int broker) {
        return "broker-" + broker + ".penstock.test";
    }

    /** Where a broker really listens. */
    public static String listenAddress(int broker) {
        return "127.77.255." + broker;
    }

    public int port(int broker) {
        return ports.get(broker);
    }

    /** {@code zookeeper.connect} of a broker. */
    public String zookeeperConnect(int broker) {
        List<String> addresses = new ArrayList<>();
        for (int to = 0; to < keepers.size(); to++) {
            InetSocketAddress address = toKeeper(broker, to).address();
            addresses.add(address.getAddress().getHostAddress() + ":" + address.getPort());
        }
        return String.join(",", addresses);
    }

    /** @param from a broker, or {@link #CLIENTS} */
    public LinkProxy link(int from, int to) {
        return links.get(new Link(from, to, false));
    }

    private LinkProxy toKeeper(int from, int to) {
        return links.get(new Link(from, to, true));
    }

    public List<LinkProxy> toZooKeeper(int broker) {
        return select(link -> link.keeper && link.from == broker);
    }

    /** From and to other brokers. */
    public List<LinkProxy> toPeers(int broker) {
        return select(link -> !link.keeper && link.from != CLIENTS && (link.from == broker || link.to == broker));
    }

    public List<LinkProxy> fromClients(int broker) {
        return select(link -> !link.keeper && link.from == CLIENTS && link.to == broker);
    }

    public List<LinkProxy> ofBroker(int broker) {
        return select(link -> link.from == broker || (!link.keeper && link.to == broker));
    }

    public List<LinkProxy> all() {
        return List.copyOf(links.values());
    }

    /** Whether connections over the link are made by this broker. */
    public boolean begins(LinkProxy link, int broker) {
        return links.entrySet().stream().anyMatch(each -> each.getValue() == link && each.getKey().from == broker);
    }

    private List<LinkProxy> select(Predicate<Link> wanted) {
        return links.entrySet().stream()
                .filter(each -> wanted.test(each.getKey()))
                .map(Map.Entry::getValue)
                .collect(Collectors.toList());
    }

    private static void closeAll(Collection<LinkProxy> links) throws IOException {
        for (LinkProxy each : links) {
            each.close();
        }
    }

    @Override
    public void close() throws IOException {
        closeAll(links.values());
    }
}
