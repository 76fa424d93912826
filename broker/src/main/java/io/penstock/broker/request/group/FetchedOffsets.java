package io.penstock.broker.request.group;

import io.penstock.broker.group.CommittedOffset;
import io.penstock.broker.group.OffsetFetchResult;
import io.penstock.broker.group.TopicPartitionKey;
import io.penstock.broker.metadata.ClusterImage;
import io.penstock.broker.metadata.TopicImage;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import org.apache.kafka.common.Uuid;
import org.apache.kafka.common.message.OffsetFetchRequestData.OffsetFetchRequestGroup;
import org.apache.kafka.common.message.OffsetFetchRequestData.OffsetFetchRequestTopics;
import org.apache.kafka.common.message.OffsetFetchResponseData;
import org.apache.kafka.common.message.OffsetFetchResponseData.OffsetFetchResponseGroup;
import org.apache.kafka.common.message.OffsetFetchResponseData.OffsetFetchResponsePartition;
import org.apache.kafka.common.message.OffsetFetchResponseData.OffsetFetchResponsePartitions;
import org.apache.kafka.common.message.OffsetFetchResponseData.OffsetFetchResponseTopic;
import org.apache.kafka.common.message.OffsetFetchResponseData.OffsetFetchResponseTopics;
import org.apache.kafka.common.protocol.Errors;

/** Shapes of OffsetFetch's answers. A partition without an offset is answered with offset -1 and no error. */
final class FetchedOffsets {
    private static final int TOP_LEVEL_ERROR = 2;

    private FetchedOffsets() {}

    /** Name of the topic that is asked for, null when its id is unknown. */
    static String name(OffsetFetchRequestTopics topic, ClusterImage image, boolean byId) {
        if (!byId) {
            return topic.name();
        }
        Uuid id = topic.topicId();
        return image.topic(new UUID(id.getMostSignificantBits(), id.getLeastSignificantBits()))
                .map(TopicImage::name)
                .orElse(null);
    }

    static OffsetFetchResponseGroup group(
            OffsetFetchRequestGroup request, OffsetFetchResult result, ClusterImage image, boolean byId) {
        OffsetFetchResponseGroup answer = new OffsetFetchResponseGroup()
                .setGroupId(request.groupId())
                .setErrorCode(GroupErrors.code(result.error()));
        if (OffsetFetchHandler.failed(result)) {
            return answer;
        }
        if (request.topics() == null) {
            everything(answer, result, image, byId);
            return answer;
        }
        for (OffsetFetchRequestTopics topic : request.topics()) {
            String name = name(topic, image, byId);
            OffsetFetchResponseTopics one =
                    new OffsetFetchResponseTopics().setName(topic.name()).setTopicId(topic.topicId());
            answer.topics().add(one);
            for (int index : topic.partitionIndexes()) {
                TopicPartitionKey key = new TopicPartitionKey(name, index);
                CommittedOffset offset = name == null ? null : result.offsets().get(key);
                one.partitions()
                        .add(partition(index, offset, name == null ? Errors.UNKNOWN_TOPIC_ID : stability(result, key)));
            }
        }
        return answer;
    }

    private static Errors stability(OffsetFetchResult result, TopicPartitionKey key) {
        return result.unstable().contains(key) ? Errors.UNSTABLE_OFFSET_COMMIT : Errors.NONE;
    }

    private static void everything(
            OffsetFetchResponseGroup answer, OffsetFetchResult result, ClusterImage image, boolean byId) {
        Map<String, OffsetFetchResponseTopics> topics = new LinkedHashMap<>();
        Map<TopicPartitionKey, CommittedOffset> all = new LinkedHashMap<>(result.offsets());
        result.unstable().forEach(key -> all.putIfAbsent(key, null));
        all.forEach((key, offset) -> {
            OffsetFetchResponseTopics topic =
                    topics.computeIfAbsent(key.topic(), name -> new OffsetFetchResponseTopics()
                            .setName(name)
                            .setTopicId(image.topic(name)
                                    .map(known -> new Uuid(
                                            known.id().getMostSignificantBits(),
                                            known.id().getLeastSignificantBits()))
                                    .orElse(Uuid.ZERO_UUID)));
            topic.partitions().add(partition(key.partition(), offset, stability(result, key)));
        });
        // A topic that is gone cannot be named by an id.
        topics.values().stream()
                .filter(topic -> !byId || !topic.topicId().equals(Uuid.ZERO_UUID))
                .forEach(answer.topics()::add);
    }

    private static OffsetFetchResponsePartitions partition(int index, CommittedOffset offset, Errors error) {
        OffsetFetchResponsePartitions answer =
                new OffsetFetchResponsePartitions().setPartitionIndex(index).setErrorCode(error.code());
        return offset == null || error != Errors.NONE
                ? answer.setCommittedOffset(-1).setMetadata("")
                : answer.setCommittedOffset(offset.offset())
                        .setCommittedLeaderEpoch(offset.leaderEpoch())
                        .setMetadata(offset.metadata());
    }

    /** Versions 1 to 7; the first of them can tell an error for each partition only. */
    static OffsetFetchResponseData single(OffsetFetchRequestGroup request, OffsetFetchResult result, short version) {
        OffsetFetchResponseData answer = new OffsetFetchResponseData().setErrorCode(GroupErrors.code(result.error()));
        if (OffsetFetchHandler.failed(result) && version >= TOP_LEVEL_ERROR) {
            return answer;
        }
        for (OffsetFetchRequestTopics topic : asked(request, result)) {
            OffsetFetchResponseTopic one = new OffsetFetchResponseTopic().setName(topic.name());
            answer.topics().add(one);
            for (int index : topic.partitionIndexes()) {
                TopicPartitionKey key = new TopicPartitionKey(topic.name(), index);
                boolean failed = OffsetFetchHandler.failed(result);
                Errors error = failed ? GroupErrors.of(result.error()) : stability(result, key);
                CommittedOffset offset = error == Errors.NONE ? result.offsets().get(key) : null;
                one.partitions()
                        .add(new OffsetFetchResponsePartition()
                                .setPartitionIndex(index)
                                .setErrorCode(error.code())
                                .setCommittedOffset(offset == null ? -1 : offset.offset())
                                .setCommittedLeaderEpoch(offset == null ? -1 : offset.leaderEpoch())
                                .setMetadata(offset == null ? "" : offset.metadata()));
            }
        }
        return answer;
    }

    private static List<OffsetFetchRequestTopics> asked(OffsetFetchRequestGroup request, OffsetFetchResult result) {
        if (request.topics() != null) {
            return request.topics();
        }
        Map<String, OffsetFetchRequestTopics> topics = new LinkedHashMap<>();
        result.offsets().keySet().forEach(key -> topics.computeIfAbsent(
                        key.topic(), name -> new OffsetFetchRequestTopics().setName(name))
                .partitionIndexes()
                .add(key.partition()));
        return List.copyOf(topics.values());
    }
}
