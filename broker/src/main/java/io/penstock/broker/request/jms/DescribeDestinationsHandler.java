package io.penstock.broker.request.jms;

import io.penstock.broker.delivery.GroupStatistics;
import io.penstock.broker.delivery.SharePartition;
import io.penstock.broker.metadata.MetadataStore;
import io.penstock.broker.metadata.PartitionImage;
import io.penstock.broker.metadata.TopicImage;
import io.penstock.broker.partition.PartitionUnavailableException;
import io.penstock.protocol.message.DescribeDestinationsRequest;
import io.penstock.protocol.message.DescribeDestinationsResponse;
import io.penstock.protocol.message.DestinationDescription;
import io.penstock.protocol.message.DestinationKind;
import io.penstock.protocol.message.GroupDescription;
import io.penstock.protocol.message.PenstockApi;
import io.penstock.protocol.message.PenstockError;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.CompletableFuture;

/**
 * DescribeDestinations: queues and topics of JMS with their groups' counts on the partitions that this broker leads; a pattern has {@code *} for any characters.
 * Rule: describe each; what may not be described is left out.
 */
final class DescribeDestinationsHandler extends JmsHandler {
    private static final int DESTINATIONS_MAX = 1_000;
    private static final int PATTERN_MAX = 500;

    private final JmsGate gate;
    private final MetadataStore metadata;
    private final Deliveries deliveries;

    DescribeDestinationsHandler(JmsGate gate, MetadataStore metadata, Deliveries deliveries) {
        super(PenstockApi.DESCRIBE_DESTINATIONS, gate);
        this.gate = gate;
        this.metadata = metadata;
        this.deliveries = deliveries;
    }

    @Override
    void serve(JmsCall call, ByteBuffer body) throws FrontException {
        String pattern = DescribeDestinationsRequest.read(body, call.version()).namePattern();
        if (pattern != null && pattern.length() > PATTERN_MAX) {
            throw FrontException.invalid("a pattern of " + pattern.length() + " characters");
        }
        List<TopicImage> topics = new ArrayList<>();
        for (TopicImage topic : metadata.image().topics()) {
            if (Destinations.kind(topic) != null
                    && (pattern == null || matches(pattern, topic.name()))
                    && gate.authoriser()
                            .allows(call.connection().principal(), Authoriser.Right.DESCRIBE, topic.name())) {
                topics.add(topic);
            }
        }
        if (topics.size() > DESTINATIONS_MAX) {
            throw new FrontException(
                    PenstockError.LIMIT_EXCEEDED,
                    topics.size() + " destinations fit the pattern; at most " + DESTINATIONS_MAX
                            + " are described at a time");
        }
        topics.sort(Comparator.comparing(TopicImage::name));
        List<CompletableFuture<DestinationDescription>> parts =
                topics.stream().map(this::describe).toList();
        CompletableFuture.allOf(parts.toArray(CompletableFuture[]::new)).whenComplete((nothing, failure) -> {
            if (failure != null) {
                call.fail(failure);
            } else {
                call.reply(new MessageFrame(new DescribeDestinationsResponse(
                        parts.stream().map(CompletableFuture::join).toList())));
            }
        });
    }

    private CompletableFuture<DestinationDescription> describe(TopicImage topic) {
        Map<String, GroupDescription> groups = new TreeMap<>();
        CompletableFuture<?>[] partitions = topic.partitions().stream()
                .map(partition -> onPartition(topic, partition, groups))
                .toArray(CompletableFuture[]::new);
        return CompletableFuture.allOf(partitions).thenApply(nothing -> {
            synchronized (groups) {
                return new DestinationDescription(
                        topic.name(),
                        Destinations.kind(topic),
                        topic.partitions().size(),
                        List.copyOf(groups.values()));
            }
        });
    }

    private CompletableFuture<Void> onPartition(
            TopicImage topic, PartitionImage partition, Map<String, GroupDescription> groups) {
        CompletableFuture<Void> done = new CompletableFuture<>();
        deliveries.with(
                topic.id(),
                partition.index(),
                delivery -> {
                    synchronized (groups) {
                        for (SharePartition group : delivery.groups()) {
                            GroupStatistics counts = group.statistics();
                            groups.merge(
                                    counts.groupId(),
                                    new GroupDescription(
                                            counts.groupId(),
                                            counts.waiting(),
                                            counts.acquired(),
                                            counts.settledTotal(),
                                            counts.consumers()),
                                    GroupDescription::plus);
                        }
                        if (Destinations.kind(topic) == DestinationKind.QUEUE
                                && delivery.group(topic.name()).isEmpty()) {
                            // Nobody has listened yet: the group begins with what is there.
                            long waiting = delivery.partition().highWatermark()
                                    - delivery.partition().log().startOffset();
                            groups.merge(
                                    topic.name(),
                                    new GroupDescription(topic.name(), waiting, 0, 0, 0),
                                    GroupDescription::plus);
                        }
                    }
                    done.complete(null);
                },
                failure -> {
                    if (isLedElsewhere(failure)) {
                        done.complete(null);
                    } else {
                        done.completeExceptionally(failure);
                    }
                });
        return done;
    }

    /** Its leader tells of it, or, when it has none or is gone, nobody. */
    private static boolean isLedElsewhere(Throwable failure) {
        return FrontErrors.unwrap(failure) instanceof PartitionUnavailableException;
    }

    /** Stars match any run of characters; linear but for the last star, which is tried again from each place. */
    static boolean matches(String pattern, String name) {
        int p = 0;
        int n = 0;
        int star = -1;
        int starAt = 0;
        while (n < name.length()) {
            if (p < pattern.length() && pattern.charAt(p) == '*') {
                star = p++;
                starAt = n;
            } else if (p < pattern.length() && pattern.charAt(p) == name.charAt(n)) {
                p++;
                n++;
            } else if (star >= 0) {
                p = star + 1;
                n = ++starAt;
            } else {
                return false;
            }
        }
        while (p < pattern.length() && pattern.charAt(p) == '*') {
            p++;
        }
        return p == pattern.length();
    }
}
