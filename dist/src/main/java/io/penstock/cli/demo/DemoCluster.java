package io.penstock.cli.demo;

import io.penstock.jms.PenstockConnectionFactory;
import jakarta.jms.ConnectionFactory;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.Collectors;

/**
 * Three brokers on a ZooKeeper ensemble of three, each a child process. Everything has three replicas, of which two must
 * have a message before it is confirmed. Ended by its {@link DemoPlace}.
 */
final class DemoCluster {
    static final int SIZE = 3;
    private static final int SESSION_TIMEOUT_MILLIS = 6000;

    private final Map<Integer, DemoBroker> brokers = new TreeMap<>();
    private final AtomicInteger clients = new AtomicInteger();

    /** Starts everything and waits until it serves. */
    static DemoCluster start(DemoPlace place) throws IOException, InterruptedException {
        DemoEnsemble ensemble = DemoEnsemble.start(place, SIZE);
        DemoCluster cluster = new DemoCluster();
        for (int id = 1; id <= SIZE; id++) {
            List<String> settings = List.of(
                    "broker.id=" + id,
                    "zookeeper.connect=" + ensemble.connect(),
                    "zookeeper.session.timeout.ms=" + SESSION_TIMEOUT_MILLIS,
                    "zookeeper.connection.timeout.ms=60000",
                    "default.replication.factor=" + SIZE,
                    "min.insync.replicas=2");
            DemoBroker broker = new DemoBroker(place, place.directory().resolve("broker-" + id), settings);
            cluster.brokers.put(id, broker);
            broker.begin();
        }
        for (DemoBroker broker : cluster.brokers.values()) {
            broker.awaitServing();
        }
        return cluster;
    }

    DemoBroker broker(int id) {
        return brokers.get(id);
    }

    /** For Kafka's clients. */
    String bootstrap() {
        return brokers.values().stream().map(DemoBroker::address).collect(Collectors.joining(","));
    }

    /** For one more JMS client: all brokers, each time another one first, so that clients spread over them. */
    ConnectionFactory factory() {
        List<String> addresses = new ArrayList<>();
        int first = clients.getAndIncrement();
        for (int i = 0; i < SIZE; i++) {
            addresses.add(brokers.get((first + i) % SIZE + 1).address());
        }
        return new PenstockConnectionFactory("penstock://" + String.join(",", addresses));
    }
}
