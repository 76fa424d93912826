package io.penstock.cli;

import io.penstock.protocol.message.DestinationDescription;
import io.penstock.protocol.message.DestinationKind;
import java.io.PrintStream;
import java.util.List;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Parameters;

/** {@code penstock subscription}: the subscriptions of JMS topics, by their group ids. */
@Command(
        name = "subscription",
        mixinStandardHelpOptions = true,
        description = "Lists and replays the subscriptions of JMS topics.")
final class SubscriptionCommand {
    private final PrintStream out = System.out;

    @Command(
            name = "list",
            mixinStandardHelpOptions = true,
            description = "Lists subscriptions with what waits for them.")
    int list(@Mixin BrokerOption broker) throws Exception {
        out.printf("%-40s %-30s %12s %10s %10s%n", "SUBSCRIPTION", "TOPIC", "WAITING", "DELIVERING", "CONSUMERS");
        ClusterDestinations.of(broker).stream()
                .filter(destination -> destination.kind() == DestinationKind.TOPIC)
                .forEach(topic -> topic.groups()
                        .forEach(group -> out.printf(
                                "%-40s %-30s %,12d %,10d %,10d%n",
                                group.groupId(), topic.name(), group.waiting(), group.acquired(), group.consumers())));
        return 0;
    }

    @Command(
            name = "replay",
            mixinStandardHelpOptions = true,
            description =
                    "Delivers messages once more that a durable subscription has settled and that are still kept; they"
                            + " carry the property JMS_Penstock_Replayed.")
    int replay(
            @Mixin BrokerOption broker,
            @Mixin Replay replay,
            @Parameters(paramLabel = "SUBSCRIPTION", description = "as 'subscription list' shows it") String groupId)
            throws Exception {
        List<String> topics = ClusterDestinations.of(broker).stream()
                .filter(topic -> topic.kind() == DestinationKind.TOPIC
                        && topic.groups().stream()
                                .anyMatch(group -> group.groupId().equals(groupId)))
                .map(DestinationDescription::name)
                .toList();
        if (topics.isEmpty()) {
            throw new UsageException("there is no subscription " + groupId + "; 'subscription list' shows all");
        }
        for (String topic : topics) {
            replay.run(broker, topic, groupId, out);
        }
        return 0;
    }
}
