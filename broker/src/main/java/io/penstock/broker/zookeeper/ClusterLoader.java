package io.penstock.broker.zookeeper;

import io.penstock.broker.metadata.ClusterImage;
import io.penstock.broker.metadata.PartitionImage;
import io.penstock.broker.metadata.TopicImage;
import io.penstock.broker.zookeeper.ZNodeJson.BrokerNode;
import io.penstock.broker.zookeeper.ZNodeJson.EpochNode;
import io.penstock.broker.zookeeper.ZNodeJson.TopicNode;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import org.apache.zookeeper.Op;
import org.apache.zookeeper.OpResult;
import org.apache.zookeeper.OpResult.GetDataResult;

/**
 * Reads parts of the cluster from ZooKeeper, many nodes in one round trip and the trips pipelined, so that ten
 * thousand topics cost some dozens of them. Stateless; on the store's thread.
 */
final class ClusterLoader {
    private static final int NODES_IN_ONE_READ = 400;
    /** Stands for a partition that the controller has not made yet. */
    static final int NO_EPOCH = -1;

    private ClusterLoader() {}

    /** Reads nodes; those that are not there are missing from the result. */
    static CompletableFuture<Map<String, GetDataResult>> read(ZooKeeperSession session, List<String> paths) {
        Map<String, GetDataResult> found = new HashMap<>(paths.size() * 2);
        List<CompletableFuture<?>> reads = new ArrayList<>();
        for (int from = 0; from < paths.size(); from += NODES_IN_ONE_READ) {
            List<String> some = paths.subList(from, Math.min(paths.size(), from + NODES_IN_ONE_READ));
            reads.add(session.read(some.stream().map(Op::getData).toList()).thenAccept(results -> {
                for (int i = 0; i < results.size(); i++) {
                    OpResult result = results.get(i);
                    if (result instanceof GetDataResult data) {
                        found.put(some.get(i), data);
                    }
                }
            }));
        }
        return CompletableFuture.allOf(reads.toArray(CompletableFuture[]::new)).thenApply(done -> found);
    }

    static CompletableFuture<Members> members(ZooKeeperSession session, int ownId) {
        return session.children(ZNodes.BROKER_IDS).thenCompose(ids -> {
            List<String> paths = new ArrayList<>();
            ids.forEach(id -> {
                paths.add(ZNodes.BROKER_IDS + "/" + id);
                paths.add(ZNodes.BROKER_EPOCHS + "/" + id);
            });
            paths.add(ZNodes.CONTROLLER);
            paths.add(ZNodes.CONTROLLER_EPOCH);
            paths.add(ZNodes.brokerEpoch(ownId));
            return read(session, paths).thenApply(found -> members(found, ownId));
        });
    }

    private static Members members(Map<String, GetDataResult> found, int ownId) {
        Map<Integer, Members.Broker> brokers = new HashMap<>();
        found.forEach((path, node) -> {
            String id = ZNodes.childBelow(ZNodes.BROKER_IDS, path);
            if (id != null) {
                int broker = Integer.parseInt(id);
                BrokerNode present = ZNodeJson.broker(path, broker, node.getData());
                String epochPath = ZNodes.brokerEpoch(broker);
                GetDataResult epoch = found.get(epochPath);
                boolean fits = epoch != null
                        && ZNodeJson.brokerEpoch(epochPath, epoch.getData()).epoch()
                                == present.image().epoch();
                brokers.put(
                        broker,
                        new Members.Broker(
                                present,
                                node.getStat().getEphemeralOwner(),
                                node.getStat().getVersion(),
                                fits ? epoch.getStat().getVersion() : -1));
            }
        });
        GetDataResult controller = found.get(ZNodes.CONTROLLER);
        GetDataResult epoch = found.get(ZNodes.CONTROLLER_EPOCH);
        if (epoch == null) {
            throw new MalformedZNodeException(ZNodes.CONTROLLER_EPOCH, "is missing", null);
        }
        String ownPath = ZNodes.brokerEpoch(ownId);
        GetDataResult own = found.get(ownPath);
        EpochNode last = own == null ? new EpochNode(0, -1) : ZNodeJson.brokerEpoch(ownPath, own.getData());
        return new Members(
                brokers,
                controller == null
                        ? null
                        : new Members.Controller(
                                ZNodeJson.controller(controller.getData()),
                                controller.getStat().getEphemeralOwner(),
                                controller.getStat().getVersion()),
                (int) ZNodeJson.number(ZNodes.CONTROLLER_EPOCH, "epoch", epoch.getData()),
                epoch.getStat().getVersion(),
                last.epoch(),
                last.uncleanEpoch(),
                own == null ? -1 : own.getStat().getVersion());
    }

    /** All names of topics, with those that have settings. */
    static CompletableFuture<Map<String, TopicImage>> allTopics(ZooKeeperSession session, NodeVersions versions) {
        CompletableFuture<List<String>> names = session.children(ZNodes.TOPICS);
        CompletableFuture<List<String>> configured = session.children(ZNodes.CONFIG_TOPICS);
        return names.thenCompose(topics ->
                configured.thenCompose(withConfig -> topics(session, topics, new HashSet<>(withConfig), versions)));
    }

    /** Some topics; those that are gone are missing from the result. */
    static CompletableFuture<Map<String, TopicImage>> topics(
            ZooKeeperSession session, Collection<String> names, NodeVersions versions) {
        return topics(session, names, new HashSet<>(names), versions);
    }

    private static CompletableFuture<Map<String, TopicImage>> topics(
            ZooKeeperSession session, Collection<String> names, Set<String> configured, NodeVersions versions) {
        List<String> paths = new ArrayList<>(names.size() * 2);
        for (String name : names) {
            paths.add(ZNodes.topic(name));
            if (configured.contains(name)) {
                paths.add(ZNodes.topicConfig(name));
            }
        }
        return read(session, paths).thenCompose(found -> {
            found.forEach((path, node) -> versions.found(path, node.getStat().getVersion()));
            Map<String, TopicNode> nodes = new HashMap<>();
            List<String> states = new ArrayList<>();
            for (String name : names) {
                GetDataResult node = found.get(ZNodes.topic(name));
                if (node != null) {
                    TopicNode topic = ZNodeJson.topic(ZNodes.topic(name), node.getData());
                    nodes.put(name, topic);
                    for (int i = 0; i < topic.replicas().size(); i++) {
                        states.add(ZNodes.state(name, i));
                    }
                }
            }
            return read(session, states).thenApply(stateNodes -> {
                Map<String, TopicImage> topics = new HashMap<>(nodes.size() * 2);
                nodes.forEach((name, node) -> topics.put(name, topic(name, node, found, stateNodes)));
                return topics;
            });
        });
    }

    private static TopicImage topic(
            String name, TopicNode node, Map<String, GetDataResult> found, Map<String, GetDataResult> states) {
        List<PartitionImage> partitions = new ArrayList<>(node.replicas().size());
        for (int i = 0; i < node.replicas().size(); i++) {
            String path = ZNodes.state(name, i);
            List<Integer> replicas = node.replicas().get(i);
            GetDataResult state = states.get(path);
            partitions.add(
                    state == null
                            ? new PartitionImage(i, -1, NO_EPOCH, replicas, replicas)
                            : ZNodeJson.state(
                                    path,
                                    i,
                                    replicas,
                                    state.getData(),
                                    state.getStat().getVersion()));
        }
        GetDataResult config = found.get(ZNodes.topicConfig(name));
        return new TopicImage(
                name,
                node.id(),
                List.copyOf(partitions),
                config == null ? Map.of() : Map.copyOf(ZNodeJson.config(ZNodes.topicConfig(name), config.getData())));
    }

    /** Some states of replicated topics; one whose topic is gone, or another by now, is missing from the result. */
    static CompletableFuture<Map<PartitionKey, StateUpdate>> states(
            ZooKeeperSession session, Collection<PartitionKey> keys, ClusterImage image) {
        Set<String> paths = new LinkedHashSet<>();
        for (PartitionKey key : keys) {
            paths.add(ZNodes.identity(key.topic(), key.topicId()));
            paths.add(ZNodes.state(key.topic(), key.index()));
        }
        return read(session, List.copyOf(paths)).thenApply(found -> {
            Map<PartitionKey, StateUpdate> states = new HashMap<>();
            for (PartitionKey key : keys) {
                String path = ZNodes.state(key.topic(), key.index());
                GetDataResult state = found.get(path);
                List<Integer> replicas = image.topic(key.topicId())
                        .filter(topic -> key.index() < topic.partitions().size())
                        .map(topic -> topic.partitions().get(key.index()).replicas())
                        .orElse(null);
                if (state != null
                        && replicas != null
                        && found.containsKey(ZNodes.identity(key.topic(), key.topicId()))) {
                    PartitionImage read = ZNodeJson.state(
                            path,
                            key.index(),
                            replicas,
                            state.getData(),
                            state.getStat().getVersion());
                    states.put(key, new StateUpdate(key, read, state.getStat().getMzxid()));
                }
            }
            return states;
        });
    }

    /** What was set at run time for brokers, -1 for all, and for destinations; and the users. */
    static CompletableFuture<Map<Integer, Map<String, String>>> configs(
            ZooKeeperSession session, NodeVersions versions) {
        return session.children(ZNodes.CONFIG_BROKERS).thenCompose(children -> {
            List<String> paths = new ArrayList<>();
            children.forEach(child -> paths.add(ZNodes.CONFIG_BROKERS + "/" + child));
            paths.add(ZNodes.CONFIG_DESTINATIONS);
            paths.add(ZNodes.CONFIG_USERS);
            return read(session, paths).thenApply(found -> {
                Map<Integer, Map<String, String>> configs = new HashMap<>();
                found.forEach((path, node) -> {
                    versions.found(path, node.getStat().getVersion());
                    configs.put(ZNodes.brokerOfConfig(path), ZNodeJson.config(path, node.getData()));
                });
                return configs;
            });
        });
    }
}
