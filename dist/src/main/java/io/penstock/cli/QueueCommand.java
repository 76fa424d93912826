package io.penstock.cli;

import io.penstock.protocol.message.DestinationKind;
import java.io.PrintStream;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.apache.kafka.clients.admin.Admin;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** {@code penstock queue}: queues and what waits in them. */
@Command(name = "queue", mixinStandardHelpOptions = true, description = "Creates, lists, replays, deletes queues.")
final class QueueCommand {
    private final PrintStream out = System.out;

    @Command(name = "create", mixinStandardHelpOptions = true, description = "Creates a queue.")
    int create(
            @Mixin BrokerOption broker,
            @Parameters(paramLabel = "NAME") String name,
            @Option(names = "--partitions", paramLabel = "N", defaultValue = "1", description = "default 1")
                    int partitions,
            @Option(names = "--config", paramLabel = "KEY=VALUE") Map<String, String> config)
            throws Exception {
        Map<String, String> settings = new HashMap<>(config == null ? Map.of() : config);
        settings.put("penstock.kind", "queue");
        // As of one that JMS makes: what nobody has consumed does not go by time.
        settings.putIfAbsent("retention.ms", "-1");
        TopicCommand.createTopic(broker, name, partitions, settings);
        return 0;
    }

    @Command(name = "list", mixinStandardHelpOptions = true, description = "Lists queues with their depth.")
    int list(@Mixin BrokerOption broker) throws Exception {
        out.printf("%-40s %10s %12s %10s %10s%n", "QUEUE", "PARTITIONS", "WAITING", "DELIVERING", "CONSUMERS");
        ClusterDestinations.of(broker).stream()
                .filter(destination -> destination.kind() == DestinationKind.QUEUE)
                .forEach(queue -> out.printf(
                        "%-40s %10d %,12d %,10d %,10d%n",
                        queue.name(),
                        queue.partitions(),
                        queue.groups().stream()
                                .mapToLong(group -> group.waiting())
                                .sum(),
                        queue.groups().stream()
                                .mapToLong(group -> group.acquired())
                                .sum(),
                        queue.groups().stream()
                                .mapToLong(group -> group.consumers())
                                .sum()));
        return 0;
    }

    @Command(
            name = "replay",
            mixinStandardHelpOptions = true,
            description = "Delivers messages once more that were settled and are still kept; they carry the property"
                    + " JMS_Penstock_Replayed.")
    int replay(@Mixin BrokerOption broker, @Mixin Replay replay, @Parameters(paramLabel = "NAME") String name)
            throws Exception {
        replay.run(broker, name, null, out);
        return 0;
    }

    @Command(name = "delete", mixinStandardHelpOptions = true, description = "Deletes queues with all their messages.")
    int delete(@Mixin BrokerOption broker, @Parameters(paramLabel = "NAME", arity = "1..*") List<String> names)
            throws Exception {
        try (Admin admin = broker.admin()) {
            admin.deleteTopics(names).all().get();
        }
        return 0;
    }
}
