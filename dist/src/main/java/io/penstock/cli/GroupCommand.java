package io.penstock.cli;

import java.io.PrintStream;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.stream.Collectors;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.admin.ConsumerGroupDescription;
import org.apache.kafka.clients.admin.GroupListing;
import org.apache.kafka.clients.admin.ListOffsetsResult;
import org.apache.kafka.clients.admin.OffsetSpec;
import org.apache.kafka.clients.consumer.OffsetAndMetadata;
import org.apache.kafka.common.TopicPartition;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Parameters;

/** {@code penstock group}: groups of Kafka consumers. */
@Command(
        name = "group",
        mixinStandardHelpOptions = true,
        description = "Lists, describes, deletes groups of Kafka consumers.")
final class GroupCommand {
    private final PrintStream out = System.out;

    @Command(name = "list", mixinStandardHelpOptions = true, description = "Lists groups.")
    int list(@Mixin BrokerOption broker) throws Exception {
        try (Admin admin = broker.admin()) {
            Map<String, GroupListing> groups = new TreeMap<>(admin.listGroups().all().get().stream()
                    .collect(Collectors.toMap(GroupListing::groupId, group -> group)));
            groups.forEach((id, group) -> out.printf(
                    "%-40s %s%n", id, group.groupState().map(Object::toString).orElse("-")));
        }
        return 0;
    }

    @Command(name = "describe", mixinStandardHelpOptions = true, description = "Shows members, offsets and lag.")
    int describe(@Mixin BrokerOption broker, @Parameters(paramLabel = "GROUP") String groupId) throws Exception {
        try (Admin admin = broker.admin()) {
            ConsumerGroupDescription group =
                    admin.describeConsumerGroups(List.of(groupId)).all().get().get(groupId);
            out.println(groupId + "  " + group.groupState());
            group.members()
                    .forEach(member -> out.printf(
                            "  member %s at %s  %s%n",
                            member.clientId(),
                            member.host(),
                            member.assignment().topicPartitions()));
            Map<TopicPartition, OffsetAndMetadata> offsets = admin.listConsumerGroupOffsets(groupId)
                    .partitionsToOffsetAndMetadata()
                    .get();
            Map<TopicPartition, ListOffsetsResult.ListOffsetsResultInfo> ends = admin.listOffsets(
                            offsets.keySet().stream()
                                    .collect(Collectors.toMap(partition -> partition, p -> OffsetSpec.latest())))
                    .all()
                    .get();
            offsets.forEach((partition, offset) -> out.printf(
                    "  %-40s offset %,d  end %,d  lag %,d%n",
                    partition,
                    offset.offset(),
                    ends.get(partition).offset(),
                    ends.get(partition).offset() - offset.offset()));
        }
        return 0;
    }

    @Command(name = "delete", mixinStandardHelpOptions = true, description = "Deletes groups that have no members.")
    int delete(@Mixin BrokerOption broker, @Parameters(paramLabel = "GROUP", arity = "1..*") List<String> groups)
            throws Exception {
        try (Admin admin = broker.admin()) {
            admin.deleteConsumerGroups(groups).all().get();
        }
        return 0;
    }
}
