package io.penstock.cli;

import java.io.PrintStream;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.admin.AlterConfigOp;
import org.apache.kafka.clients.admin.ConfigEntry;
import org.apache.kafka.clients.admin.NewPartitions;
import org.apache.kafka.clients.admin.NewTopic;
import org.apache.kafka.clients.admin.TopicDescription;
import org.apache.kafka.common.config.ConfigResource;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** {@code penstock topic}: topics as Kafka and JMS see them. */
@Command(
        name = "topic",
        mixinStandardHelpOptions = true,
        description = "Creates, lists, describes, changes, deletes topics.")
final class TopicCommand {
    private static final String KIND = "penstock.kind";

    private final PrintStream out = System.out;

    @Command(name = "create", mixinStandardHelpOptions = true, description = "Creates a topic.")
    int create(
            @Mixin BrokerOption broker,
            @Parameters(paramLabel = "NAME") String name,
            @Option(names = "--partitions", paramLabel = "N", description = "default: the broker's") Integer partitions,
            @Option(names = "--config", paramLabel = "KEY=VALUE") Map<String, String> config)
            throws Exception {
        createTopic(broker, name, partitions, config == null ? Map.of() : config);
        return 0;
    }

    static void createTopic(BrokerOption broker, String name, Integer partitions, Map<String, String> config)
            throws Exception {
        try (Admin admin = broker.admin()) {
            NewTopic topic = new NewTopic(name, Optional.ofNullable(partitions), Optional.empty()).configs(config);
            admin.createTopics(List.of(topic)).all().get();
        }
    }

    @Command(name = "list", mixinStandardHelpOptions = true, description = "Lists topics and queues with their kind.")
    int list(@Mixin BrokerOption broker) throws Exception {
        try (Admin admin = broker.admin()) {
            Map<String, TopicDescription> topics = new TreeMap<>(
                    admin.describeTopics(admin.listTopics().names().get())
                            .allTopicNames()
                            .get());
            Map<String, String> kinds = kinds(admin, topics.keySet());
            out.printf("%-40s %-6s %10s%n", "NAME", "KIND", "PARTITIONS");
            topics.forEach((name, topic) -> out.printf(
                    "%-40s %-6s %10d%n",
                    name, kinds.get(name), topic.partitions().size()));
        }
        return 0;
    }

    private static Map<String, String> kinds(Admin admin, Collection<String> names) throws Exception {
        List<ConfigResource> resources = new ArrayList<>();
        names.forEach(name -> resources.add(new ConfigResource(ConfigResource.Type.TOPIC, name)));
        Map<String, String> kinds = new HashMap<>();
        admin.describeConfigs(resources).all().get().forEach((resource, config) -> {
            ConfigEntry kind = config.get(KIND);
            boolean set = kind != null && kind.value() != null && !kind.value().isEmpty();
            kinds.put(resource.name(), set ? kind.value() : "-");
        });
        return kinds;
    }

    @Command(name = "describe", mixinStandardHelpOptions = true, description = "Shows partitions and settings.")
    int describe(@Mixin BrokerOption broker, @Parameters(paramLabel = "NAME") String name) throws Exception {
        try (Admin admin = broker.admin()) {
            TopicDescription topic =
                    admin.describeTopics(List.of(name)).allTopicNames().get().get(name);
            out.println(topic.name() + "  id " + topic.topicId());
            topic.partitions()
                    .forEach(partition -> out.printf(
                            "  partition %d  leader %s  in sync %d of %d%n",
                            partition.partition(),
                            partition.leader() == null
                                    ? "none"
                                    : partition.leader().idString(),
                            partition.isr().size(),
                            partition.replicas().size()));
            ConfigResource resource = new ConfigResource(ConfigResource.Type.TOPIC, name);
            admin.describeConfigs(List.of(resource)).all().get().get(resource).entries().stream()
                    .filter(entry -> entry.source() == ConfigEntry.ConfigSource.DYNAMIC_TOPIC_CONFIG)
                    .forEach(entry -> out.println("  " + entry.name() + " = " + entry.value()));
        }
        return 0;
    }

    @Command(name = "alter", mixinStandardHelpOptions = true, description = "Changes settings, or adds partitions.")
    int alter(
            @Mixin BrokerOption broker,
            @Parameters(paramLabel = "NAME") String name,
            @Option(names = "--partitions", paramLabel = "N", description = "the new total") Integer partitions,
            @Option(names = "--config", paramLabel = "KEY=VALUE") Map<String, String> set,
            @Option(names = "--delete-config", paramLabel = "KEY") List<String> removed)
            throws Exception {
        if (partitions == null && set == null && removed == null) {
            throw new UsageException("nothing to alter: give --partitions, --config or --delete-config");
        }
        try (Admin admin = broker.admin()) {
            if (partitions != null) {
                admin.createPartitions(Map.of(name, NewPartitions.increaseTo(partitions)))
                        .all()
                        .get();
            }
            List<AlterConfigOp> changes = new ArrayList<>();
            if (set != null) {
                set.forEach((key, value) ->
                        changes.add(new AlterConfigOp(new ConfigEntry(key, value), AlterConfigOp.OpType.SET)));
            }
            if (removed != null) {
                removed.forEach(
                        key -> changes.add(new AlterConfigOp(new ConfigEntry(key, null), AlterConfigOp.OpType.DELETE)));
            }
            if (!changes.isEmpty()) {
                admin.incrementalAlterConfigs(Map.of(new ConfigResource(ConfigResource.Type.TOPIC, name), changes))
                        .all()
                        .get();
            }
        }
        return 0;
    }

    @Command(name = "delete", mixinStandardHelpOptions = true, description = "Deletes topics with all their records.")
    int delete(@Mixin BrokerOption broker, @Parameters(paramLabel = "NAME", arity = "1..*") List<String> names)
            throws Exception {
        try (Admin admin = broker.admin()) {
            admin.deleteTopics(names).all().get();
        }
        return 0;
    }
}
