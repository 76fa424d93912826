package io.penstock.broker.request.transaction;

import io.penstock.broker.group.CommittedOffset;
import io.penstock.broker.group.GroupCoordinator;
import io.penstock.broker.group.GroupError;
import io.penstock.broker.group.GroupMemberId;
import io.penstock.broker.group.OffsetsGate;
import io.penstock.broker.group.TopicPartitionKey;
import io.penstock.broker.metadata.ClusterImage;
import io.penstock.broker.metadata.MetadataStore;
import io.penstock.broker.metadata.TopicImage;
import io.penstock.broker.request.KafkaHandler;
import io.penstock.storage.time.Clock;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import org.apache.kafka.common.message.TxnOffsetCommitRequestData;
import org.apache.kafka.common.message.TxnOffsetCommitRequestData.TxnOffsetCommitRequestPartition;
import org.apache.kafka.common.message.TxnOffsetCommitRequestData.TxnOffsetCommitRequestTopic;
import org.apache.kafka.common.message.TxnOffsetCommitResponseData;
import org.apache.kafka.common.message.TxnOffsetCommitResponseData.TxnOffsetCommitResponsePartition;
import org.apache.kafka.common.message.TxnOffsetCommitResponseData.TxnOffsetCommitResponseTopic;
import org.apache.kafka.common.protocol.ApiKeys;
import org.apache.kafka.common.protocol.Errors;
import org.apache.kafka.common.requests.TxnOffsetCommitRequest;

/**
 * TxnOffsetCommit: offsets that count when the transaction is committed. From version 5 on the broker adds the offsets'
 * partition to the transaction itself, from version 6 on topics come by id.
 */
final class TxnOffsetCommitHandler implements KafkaHandler<TxnOffsetCommitRequest> {
    private static final int ABORTABLE = 4;
    private static final int ADDS = 5;
    private static final int TOPIC_IDS = 6;

    private final GroupCoordinator coordinator;
    private final MetadataStore metadata;
    private final Clock clock;
    private final int metadataBytesMax;

    TxnOffsetCommitHandler(GroupCoordinator coordinator, MetadataStore metadata, Clock clock, int metadataBytesMax) {
        this.coordinator = coordinator;
        this.metadata = metadata;
        this.clock = clock;
        this.metadataBytesMax = metadataBytesMax;
    }

    @Override
    public ApiKeys key() {
        return ApiKeys.TXN_OFFSET_COMMIT;
    }

    @Override
    public void handle(Call call, TxnOffsetCommitRequest request) {
        TxnOffsetCommitRequestData data = request.data();
        boolean byId = call.version() >= TOPIC_IDS;
        TxnOffsetCommitResponseData response = new TxnOffsetCommitResponseData();
        Map<TopicPartitionKey, CommittedOffset> offsets = new LinkedHashMap<>();
        List<TxnOffsetCommitResponsePartition> accepted = new ArrayList<>();
        ClusterImage image = metadata.image();
        for (TxnOffsetCommitRequestTopic topic : data.topics()) {
            TopicImage found = (byId
                            ? image.topic(new UUID(
                                    topic.topicId().getMostSignificantBits(),
                                    topic.topicId().getLeastSignificantBits()))
                            : image.topic(topic.name()))
                    .orElse(null);
            TxnOffsetCommitResponseTopic answer =
                    new TxnOffsetCommitResponseTopic().setName(topic.name()).setTopicId(topic.topicId());
            response.topics().add(answer);
            for (TxnOffsetCommitRequestPartition partition : topic.partitions()) {
                Errors error = check(found, partition, byId);
                TxnOffsetCommitResponsePartition row = new TxnOffsetCommitResponsePartition()
                        .setPartitionIndex(partition.partitionIndex())
                        .setErrorCode(error.code());
                answer.partitions().add(row);
                if (error == Errors.NONE) {
                    accepted.add(row);
                    offsets.put(
                            new TopicPartitionKey(found.name(), partition.partitionIndex()),
                            new CommittedOffset(
                                    partition.committedOffset(),
                                    partition.committedLeaderEpoch(),
                                    partition.committedMetadata() == null ? "" : partition.committedMetadata(),
                                    clock.millis(),
                                    found.id()));
                }
            }
        }
        coordinator
                .commitInTransaction(
                        new GroupMemberId(
                                data.groupId(),
                                data.memberId(),
                                data.groupInstanceId(),
                                data.generationIdOrMemberEpoch()),
                        new OffsetsGate.TransactionMember(
                                data.transactionalId(), data.producerId(), data.producerEpoch()),
                        call.version() >= ADDS,
                        offsets)
                .thenAccept(error -> {
                    short code = code(error, call.version());
                    accepted.forEach(row -> row.setErrorCode(code));
                    call.reply(response);
                });
    }

    private static short code(GroupError error, short version) {
        if (error == GroupError.INVALID_TXN_STATE && version >= ABORTABLE) {
            return Errors.TRANSACTION_ABORTABLE.code();
        }
        return Errors.valueOf(error.name()).code();
    }

    private Errors check(TopicImage topic, TxnOffsetCommitRequestPartition partition, boolean byId) {
        if (topic == null) {
            return byId ? Errors.UNKNOWN_TOPIC_ID : Errors.UNKNOWN_TOPIC_OR_PARTITION;
        }
        int index = partition.partitionIndex();
        if (index < 0 || index >= topic.partitions().size()) {
            return Errors.UNKNOWN_TOPIC_OR_PARTITION;
        }
        String text = partition.committedMetadata();
        boolean tooLarge = text != null && text.getBytes(StandardCharsets.UTF_8).length > metadataBytesMax;
        return tooLarge ? Errors.OFFSET_METADATA_TOO_LARGE : Errors.NONE;
    }
}
