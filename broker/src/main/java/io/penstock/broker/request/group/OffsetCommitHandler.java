package io.penstock.broker.request.group;

import io.penstock.broker.group.CommittedOffset;
import io.penstock.broker.group.GroupCoordinator;
import io.penstock.broker.group.GroupMemberId;
import io.penstock.broker.group.TopicPartitionKey;
import io.penstock.broker.metadata.MetadataStore;
import io.penstock.broker.metadata.TopicImage;
import io.penstock.broker.request.KafkaHandler;
import io.penstock.storage.time.Clock;
import java.nio.charset.StandardCharsets;
import java.util.IdentityHashMap;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;
import java.util.UUID;
import org.apache.kafka.common.Uuid;
import org.apache.kafka.common.message.OffsetCommitRequestData;
import org.apache.kafka.common.message.OffsetCommitRequestData.OffsetCommitRequestPartition;
import org.apache.kafka.common.message.OffsetCommitRequestData.OffsetCommitRequestTopic;
import org.apache.kafka.common.message.OffsetCommitResponseData;
import org.apache.kafka.common.message.OffsetCommitResponseData.OffsetCommitResponsePartition;
import org.apache.kafka.common.message.OffsetCommitResponseData.OffsetCommitResponseTopic;
import org.apache.kafka.common.protocol.ApiKeys;
import org.apache.kafka.common.protocol.Errors;
import org.apache.kafka.common.requests.OffsetCommitRequest;

/**
 * OffsetCommit. Partitions that do not exist are refused one by one, the others are committed together. The retention
 * time that versions 2 to 4 carry is the broker's business, as it is at Kafka from version 5 on.
 */
final class OffsetCommitHandler implements KafkaHandler<OffsetCommitRequest> {
    private static final int TOPIC_IDS = 10;

    private final GroupCoordinator coordinator;
    private final MetadataStore metadata;
    private final Clock clock;
    private final int metadataBytesMax;

    OffsetCommitHandler(GroupCoordinator coordinator, MetadataStore metadata, Clock clock, int metadataBytesMax) {
        this.coordinator = coordinator;
        this.metadata = metadata;
        this.clock = clock;
        this.metadataBytesMax = metadataBytesMax;
    }

    @Override
    public ApiKeys key() {
        return ApiKeys.OFFSET_COMMIT;
    }

    @Override
    public void handle(Call call, OffsetCommitRequest request) {
        OffsetCommitRequestData data = request.data();
        boolean byId = call.version() >= TOPIC_IDS;
        OffsetCommitResponseData response = new OffsetCommitResponseData();
        Map<TopicPartitionKey, CommittedOffset> offsets = new LinkedHashMap<>();
        Map<OffsetCommitResponsePartition, Boolean> accepted = new IdentityHashMap<>();
        for (OffsetCommitRequestTopic topic : data.topics()) {
            Optional<TopicImage> image = byId
                    ? metadata.image().topic(uuid(topic.topicId()))
                    : metadata.image().topic(topic.name());
            OffsetCommitResponseTopic answer =
                    new OffsetCommitResponseTopic().setName(topic.name()).setTopicId(topic.topicId());
            response.topics().add(answer);
            for (OffsetCommitRequestPartition partition : topic.partitions()) {
                Errors error = check(image, partition, byId);
                OffsetCommitResponsePartition one = new OffsetCommitResponsePartition()
                        .setPartitionIndex(partition.partitionIndex())
                        .setErrorCode(error.code());
                answer.partitions().add(one);
                if (error == Errors.NONE) {
                    accepted.put(one, true);
                    offsets.put(
                            new TopicPartitionKey(image.get().name(), partition.partitionIndex()),
                            offset(partition, image.get().id()));
                }
            }
        }
        coordinator
                .commit(
                        new GroupMemberId(
                                data.groupId(),
                                data.memberId(),
                                data.groupInstanceId(),
                                data.generationIdOrMemberEpoch()),
                        offsets)
                .thenAccept(error -> {
                    accepted.keySet().forEach(partition -> partition.setErrorCode(GroupErrors.code(error)));
                    call.reply(response);
                });
    }

    private Errors check(Optional<TopicImage> topic, OffsetCommitRequestPartition partition, boolean byId) {
        if (topic.isEmpty()) {
            return byId ? Errors.UNKNOWN_TOPIC_ID : Errors.UNKNOWN_TOPIC_OR_PARTITION;
        }
        int index = partition.partitionIndex();
        if (index < 0 || index >= topic.get().partitions().size()) {
            return Errors.UNKNOWN_TOPIC_OR_PARTITION;
        }
        String text = partition.committedMetadata();
        boolean tooLarge = text != null
                && text.length() > metadataBytesMax / 4
                && text.getBytes(StandardCharsets.UTF_8).length > metadataBytesMax;
        return tooLarge ? Errors.OFFSET_METADATA_TOO_LARGE : Errors.NONE;
    }

    private CommittedOffset offset(OffsetCommitRequestPartition partition, UUID topicId) {
        return new CommittedOffset(
                partition.committedOffset(),
                partition.committedLeaderEpoch(),
                partition.committedMetadata() == null ? "" : partition.committedMetadata(),
                clock.millis(),
                topicId);
    }

    private static UUID uuid(Uuid id) {
        return new UUID(id.getMostSignificantBits(), id.getLeastSignificantBits());
    }
}
