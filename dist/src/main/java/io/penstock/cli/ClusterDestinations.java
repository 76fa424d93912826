package io.penstock.cli;

import io.penstock.protocol.message.DescribeDestinationsRequest;
import io.penstock.protocol.message.DescribeDestinationsResponse;
import io.penstock.protocol.message.DestinationDescription;
import io.penstock.protocol.message.GroupDescription;
import io.penstock.protocol.message.PenstockApi;
import java.util.Collection;
import java.util.Map;
import java.util.TreeMap;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.common.Node;

/** Queues and topics with what waits in them: each broker is asked for what it leads. */
final class ClusterDestinations {
    private final Map<String, DestinationDescription> byName = new TreeMap<>();

    private ClusterDestinations() {}

    /** All of them, by name. */
    static Collection<DestinationDescription> of(BrokerOption broker) throws Exception {
        BrokerCalls.probe(broker.address()); // Kafka's client would look for a broker that is not there for long.
        Collection<Node> brokers;
        try (Admin admin = broker.admin()) {
            brokers = admin.describeCluster().nodes().get();
        }
        ClusterDestinations all = new ClusterDestinations();
        for (Node node : brokers) {
            DescribeDestinationsResponse described = DescribeDestinationsResponse.read(
                    BrokerCalls.ask(
                            broker,
                            node.host() + ":" + node.port(),
                            PenstockApi.DESCRIBE_DESTINATIONS,
                            new DescribeDestinationsRequest(null)),
                    (short) 0);
            described.entries().forEach(one -> all.byName.merge(one.name(), one, ClusterDestinations::sum));
        }
        return all.byName.values();
    }

    private static DestinationDescription sum(DestinationDescription a, DestinationDescription b) {
        Map<String, GroupDescription> groups = new TreeMap<>();
        a.groups().forEach(group -> groups.put(group.groupId(), group));
        b.groups().forEach(group -> groups.merge(group.groupId(), group, GroupDescription::plus));
        return new DestinationDescription(
                a.name(), a.kind(), a.partitions(), groups.values().stream().toList());
    }
}
