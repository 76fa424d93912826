package io.penstock.cli;

import io.penstock.protocol.message.PenstockApi;
import io.penstock.protocol.message.ReplayRequest;
import io.penstock.protocol.message.ReplayResponse;
import java.io.PrintStream;
import java.time.Instant;
import java.time.LocalDateTime;
import java.time.OffsetDateTime;
import java.time.ZoneId;
import java.time.format.DateTimeParseException;
import java.util.List;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.common.TopicPartitionInfo;
import picocli.CommandLine.ArgGroup;
import picocli.CommandLine.Option;

/** Where a replay of a queue or of a subscription begins, and the asking of each partition's leader for it. */
final class Replay {

    @ArgGroup(multiplicity = "1")
    private Start start;

    @Option(names = "--partition", paramLabel = "N", description = "this partition alone (default: all)")
    private Integer onlyPartition;

    /** One of both. */
    static final class Start {
        @Option(
                names = "--from-offset",
                paramLabel = "OFFSET",
                required = true,
                description = "of each partition; 0 for all that is kept")
        private Long offset;

        @Option(
                names = "--from-time",
                paramLabel = "TIME",
                required = true,
                description =
                        "what was written then or later: 2026-11-21T09:00:00Z, the same without Z in this machine's"
                                + " time zone, or milliseconds since 1970")
        private String time;
    }

    /** @param groupId of a subscription; null for a queue's own group */
    void run(BrokerOption broker, String destination, String groupId, PrintStream out) throws Exception {
        long fromMillis = start.time == null ? 0 : millis(start.time);
        long fromOffset = start.offset == null ? ReplayRequest.BY_TIME : start.offset;
        if (start.offset != null && start.offset < 0) {
            throw new UsageException("offset " + start.offset + " is negative");
        }
        List<TopicPartitionInfo> partitions;
        try (Admin admin = broker.admin()) {
            partitions = admin.describeTopics(List.of(destination))
                    .allTopicNames()
                    .get()
                    .get(destination)
                    .partitions();
        }
        if (onlyPartition != null && (onlyPartition < 0 || onlyPartition >= partitions.size())) {
            throw new UsageException(destination + " has partitions 0 to " + (partitions.size() - 1));
        }
        for (TopicPartitionInfo partition : partitions) {
            if (onlyPartition == null || onlyPartition == partition.partition()) {
                ReplayResponse replayed = ReplayResponse.read(
                        BrokerCalls.ask(
                                broker,
                                partition.leader().host() + ":"
                                        + partition.leader().port(),
                                PenstockApi.REPLAY,
                                new ReplayRequest(destination, groupId, partition.partition(), fromOffset, fromMillis)),
                        (short) 0);
                out.printf(
                        "%s-%d: %,d messages again, from offset %d on%n",
                        destination, partition.partition(), replayed.records(), replayed.fromOffset());
            }
        }
    }

    static long millis(String time) throws UsageException {
        try {
            if (time.matches("\\d+")) {
                return Long.parseLong(time);
            }
            return time.matches(".*(Z|[+-]\\d\\d:\\d\\d)")
                    ? OffsetDateTime.parse(time).toInstant().toEpochMilli()
                    : LocalDateTime.parse(time)
                            .atZone(ZoneId.systemDefault())
                            .toInstant()
                            .toEpochMilli();
        } catch (DateTimeParseException | NumberFormatException e) {
            throw new UsageException("'" + time + "' is no time such as " + Instant.EPOCH + ": " + e.getMessage());
        }
    }
}
