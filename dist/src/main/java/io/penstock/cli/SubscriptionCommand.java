package io.penstock.cli;

import io.penstock.protocol.message.DescribeDestinationsResponse;
import io.penstock.protocol.message.DestinationKind;
import java.io.PrintStream;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;

/** {@code penstock subscription}: the subscriptions of JMS topics, by their group ids. */
@Command(name = "subscription", mixinStandardHelpOptions = true, description = "Lists the subscriptions of JMS topics.")
final class SubscriptionCommand {
    private final PrintStream out = System.out;

    @Command(
            name = "list",
            mixinStandardHelpOptions = true,
            description = "Lists subscriptions with what waits for them.")
    int list(@Mixin BrokerOption broker) throws Exception {
        DescribeDestinationsResponse described = BrokerCalls.destinations(broker.address(), null);
        out.printf("%-40s %-30s %12s %10s %10s%n", "SUBSCRIPTION", "TOPIC", "WAITING", "DELIVERING", "CONSUMERS");
        described.entries().stream()
                .filter(destination -> destination.kind() == DestinationKind.TOPIC)
                .forEach(topic -> topic.groups()
                        .forEach(group -> out.printf(
                                "%-40s %-30s %,12d %,10d %,10d%n",
                                group.groupId(), topic.name(), group.waiting(), group.acquired(), group.consumers())));
        return 0;
    }
}
