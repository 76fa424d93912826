package io.penstock.broker.request.group;

import io.penstock.broker.group.GroupCoordinator;
import io.penstock.broker.group.GroupMemberId;
import io.penstock.broker.metadata.MetadataStore;
import io.penstock.broker.request.KafkaHandler;
import io.penstock.storage.time.Clock;
import org.apache.kafka.common.message.OffsetCommitRequestData;
import org.apache.kafka.common.message.OffsetCommitRequestData.OffsetCommitRequestPartition;
import org.apache.kafka.common.message.OffsetCommitRequestData.OffsetCommitRequestTopic;
import org.apache.kafka.common.message.OffsetCommitResponseData;
import org.apache.kafka.common.message.OffsetCommitResponseData.OffsetCommitResponsePartition;
import org.apache.kafka.common.message.OffsetCommitResponseData.OffsetCommitResponseTopic;
import org.apache.kafka.common.protocol.ApiKeys;
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
        OffsetCommitResponseData response = new OffsetCommitResponseData();
        GatheredOffsets gathered =
                new GatheredOffsets(metadata.image(), call.version() >= TOPIC_IDS, clock.millis(), metadataBytesMax);
        for (OffsetCommitRequestTopic topic : data.topics()) {
            OffsetCommitResponseTopic answer =
                    new OffsetCommitResponseTopic().setName(topic.name()).setTopicId(topic.topicId());
            response.topics().add(answer);
            gathered.topic(topic.name(), topic.topicId());
            for (OffsetCommitRequestPartition partition : topic.partitions()) {
                OffsetCommitResponsePartition row =
                        new OffsetCommitResponsePartition().setPartitionIndex(partition.partitionIndex());
                answer.partitions().add(row);
                gathered.add(
                        partition.partitionIndex(),
                        partition.committedOffset(),
                        partition.committedLeaderEpoch(),
                        partition.committedMetadata(),
                        row::setErrorCode);
            }
        }
        coordinator
                .commit(
                        new GroupMemberId(
                                data.groupId(),
                                data.memberId(),
                                data.groupInstanceId(),
                                data.generationIdOrMemberEpoch()),
                        gathered.offsets())
                .thenAccept(error -> {
                    gathered.answer(GroupErrors.code(error));
                    call.reply(response);
                });
    }
}
