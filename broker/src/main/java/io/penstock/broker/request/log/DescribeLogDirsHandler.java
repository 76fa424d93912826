package io.penstock.broker.request.log;

import io.penstock.broker.metadata.ClusterImage;
import io.penstock.broker.metadata.MetadataStore;
import io.penstock.broker.metadata.TopicImage;
import io.penstock.broker.request.KafkaHandler;
import io.penstock.storage.log.LogId;
import io.penstock.storage.log.LogStore;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.UUID;
import java.util.function.Predicate;
import org.apache.kafka.common.message.DescribeLogDirsRequestData.DescribableLogDirTopic;
import org.apache.kafka.common.message.DescribeLogDirsResponseData;
import org.apache.kafka.common.message.DescribeLogDirsResponseData.DescribeLogDirsPartition;
import org.apache.kafka.common.message.DescribeLogDirsResponseData.DescribeLogDirsResult;
import org.apache.kafka.common.message.DescribeLogDirsResponseData.DescribeLogDirsTopic;
import org.apache.kafka.common.protocol.ApiKeys;
import org.apache.kafka.common.requests.DescribeLogDirsRequest;

/**
 * DescribeLogDirs: the replicas on this broker's disk and how large they are, each with its ledger. A broker has one
 * directory; how large its disk is, is not told.
 */
public final class DescribeLogDirsHandler implements KafkaHandler<DescribeLogDirsRequest> {
    private final MetadataStore metadata;
    private final LogStore logs;
    private final String directory;

    /** @param directory as clients see it */
    public DescribeLogDirsHandler(MetadataStore metadata, LogStore logs, String directory) {
        this.metadata = metadata;
        this.logs = logs;
        this.directory = directory;
    }

    @Override
    public ApiKeys key() {
        return ApiKeys.DESCRIBE_LOG_DIRS;
    }

    @Override
    public void handle(Call call, DescribeLogDirsRequest request) {
        ClusterImage image = metadata.image();
        Predicate<LogId> wanted = wanted(image, request);
        List<LogId> ids = logs.logs().stream()
                .filter(id -> image.topic(id.topicId()).isPresent() && wanted.test(id))
                .toList();
        logs.sizesBytes(ids).whenComplete((sizes, failure) -> {
            if (failure != null) {
                call.fail(failure);
            } else {
                call.reply(new DescribeLogDirsResponseData()
                        .setResults(List.of(
                                new DescribeLogDirsResult().setLogDir(directory).setTopics(topics(image, sizes)))));
            }
        });
    }

    private static Predicate<LogId> wanted(ClusterImage image, DescribeLogDirsRequest request) {
        if (request.data().topics() == null) {
            return id -> true;
        }
        Map<UUID, Set<Integer>> named = new HashMap<>();
        for (DescribableLogDirTopic topic : request.data().topics()) {
            image.topic(topic.topic()).ifPresent(found -> named.computeIfAbsent(found.id(), id -> new HashSet<>())
                    .addAll(topic.partitions()));
        }
        return id -> named.getOrDefault(id.topicId(), Set.of()).contains(id.partition());
    }

    private static List<DescribeLogDirsTopic> topics(ClusterImage image, Map<LogId, Long> sizes) {
        Map<String, Map<Integer, Long>> byTopic = new TreeMap<>();
        sizes.forEach((id, bytes) -> {
            String name = image.topic(id.topicId()).map(TopicImage::name).orElseThrow();
            byTopic.computeIfAbsent(name, topic -> new TreeMap<>()).merge(id.partition(), bytes, Long::sum);
        });
        List<DescribeLogDirsTopic> topics = new ArrayList<>();
        byTopic.forEach((name, partitions) -> {
            List<DescribeLogDirsPartition> described = new ArrayList<>();
            partitions.forEach((index, bytes) -> described.add(
                    new DescribeLogDirsPartition().setPartitionIndex(index).setPartitionSize(bytes)));
            topics.add(new DescribeLogDirsTopic().setName(name).setPartitions(described));
        });
        return topics;
    }
}
