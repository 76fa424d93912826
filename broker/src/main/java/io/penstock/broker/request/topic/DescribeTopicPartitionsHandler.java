package io.penstock.broker.request.topic;

import io.penstock.broker.metadata.ClusterImage;
import io.penstock.broker.metadata.MetadataStore;
import io.penstock.broker.metadata.PartitionImage;
import io.penstock.broker.metadata.TopicImage;
import io.penstock.broker.metadata.TopicNames;
import io.penstock.broker.request.KafkaHandler;
import java.util.List;
import java.util.NavigableSet;
import java.util.TreeSet;
import org.apache.kafka.common.errors.InvalidRequestException;
import org.apache.kafka.common.message.DescribeTopicPartitionsRequestData;
import org.apache.kafka.common.message.DescribeTopicPartitionsRequestData.TopicRequest;
import org.apache.kafka.common.message.DescribeTopicPartitionsResponseData;
import org.apache.kafka.common.message.DescribeTopicPartitionsResponseData.Cursor;
import org.apache.kafka.common.message.DescribeTopicPartitionsResponseData.DescribeTopicPartitionsResponsePartition;
import org.apache.kafka.common.message.DescribeTopicPartitionsResponseData.DescribeTopicPartitionsResponseTopic;
import org.apache.kafka.common.protocol.ApiKeys;
import org.apache.kafka.common.protocol.Errors;
import org.apache.kafka.common.requests.DescribeTopicPartitionsRequest;

/**
 * DescribeTopicPartitions (KIP-966): topics in the order of their names, at most so many partitions in one answer,
 * and a cursor where the next one begins.
 */
final class DescribeTopicPartitionsHandler implements KafkaHandler<DescribeTopicPartitionsRequest> {
    private static final int PARTITIONS_MAX = 2_000;

    private final MetadataStore store;

    DescribeTopicPartitionsHandler(MetadataStore store) {
        this.store = store;
    }

    @Override
    public ApiKeys key() {
        return ApiKeys.DESCRIBE_TOPIC_PARTITIONS;
    }

    @Override
    public void handle(Call call, DescribeTopicPartitionsRequest request) {
        DescribeTopicPartitionsRequestData asked = request.data();
        ClusterImage image = store.image();
        boolean all = asked.topics() == null || asked.topics().isEmpty();
        NavigableSet<String> names = new TreeSet<>();
        if (all) {
            image.topics().forEach(topic -> names.add(topic.name()));
        } else {
            for (TopicRequest topic : asked.topics()) {
                names.add(topic.name());
            }
        }
        String firstName = "";
        int firstPartition = 0;
        if (asked.cursor() != null) {
            firstName = asked.cursor().topicName();
            firstPartition = asked.cursor().partitionIndex();
            if (firstPartition < 0) {
                throw new InvalidRequestException("The cursor's partition " + firstPartition + " is negative");
            }
        }
        int room = Math.min(PARTITIONS_MAX, Math.max(1, asked.responsePartitionLimit()));
        DescribeTopicPartitionsResponseData response = new DescribeTopicPartitionsResponseData();
        for (String name : names.tailSet(firstName, true)) {
            int from = name.equals(firstName) ? firstPartition : 0;
            TopicImage topic = image.topic(name).orElse(null);
            if (topic == null) {
                response.topics().add(absent(name));
                continue;
            }
            if (room == 0) {
                response.setNextCursor(new Cursor().setTopicName(name).setPartitionIndex(from));
                break;
            }
            int total = topic.partitions().size();
            int to = Math.min(total, from + room);
            response.topics().add(describe(image, topic, Math.min(from, total), to));
            room -= Math.max(0, to - from);
            if (to < total) {
                response.setNextCursor(new Cursor().setTopicName(name).setPartitionIndex(to));
                break;
            }
        }
        call.reply(response);
    }

    private static DescribeTopicPartitionsResponseTopic absent(String name) {
        Errors error =
                TopicNames.fault(name) == null ? Errors.UNKNOWN_TOPIC_OR_PARTITION : Errors.INVALID_TOPIC_EXCEPTION;
        return new DescribeTopicPartitionsResponseTopic()
                .setName(name)
                .setErrorCode(error.code())
                .setIsInternal(TopicNames.internal(name));
    }

    private static DescribeTopicPartitionsResponseTopic describe(
            ClusterImage image, TopicImage topic, int from, int to) {
        DescribeTopicPartitionsResponseTopic described = new DescribeTopicPartitionsResponseTopic()
                .setName(topic.name())
                .setTopicId(KafkaView.id(topic.id()))
                .setIsInternal(topic.internal())
                .setTopicAuthorizedOperations(KafkaView.TOPIC_OPERATIONS);
        for (PartitionImage partition : topic.partitions().subList(from, Math.max(from, to))) {
            described
                    .partitions()
                    .add(new DescribeTopicPartitionsResponsePartition()
                            .setErrorCode(KafkaView.error(image, partition).code())
                            .setPartitionIndex(partition.index())
                            .setLeaderId(KafkaView.leader(image, partition))
                            .setLeaderEpoch(partition.leaderEpoch())
                            .setReplicaNodes(partition.replicas())
                            .setIsrNodes(partition.isr())
                            .setEligibleLeaderReplicas(partition.eligible())
                            .setLastKnownElr(List.of())
                            .setOfflineReplicas(KafkaView.offline(image, partition)));
        }
        return described;
    }
}
