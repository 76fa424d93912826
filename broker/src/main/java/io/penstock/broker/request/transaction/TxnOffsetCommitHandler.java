package io.penstock.broker.request.transaction;

import io.penstock.broker.group.GroupCoordinator;
import io.penstock.broker.group.GroupError;
import io.penstock.broker.group.GroupMemberId;
import io.penstock.broker.group.OffsetsGate;
import io.penstock.broker.metadata.MetadataStore;
import io.penstock.broker.request.KafkaHandler;
import io.penstock.broker.request.group.GatheredOffsets;
import io.penstock.storage.time.Clock;
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
        TxnOffsetCommitResponseData response = new TxnOffsetCommitResponseData();
        GatheredOffsets gathered =
                new GatheredOffsets(metadata.image(), call.version() >= TOPIC_IDS, clock.millis(), metadataBytesMax);
        for (TxnOffsetCommitRequestTopic topic : data.topics()) {
            TxnOffsetCommitResponseTopic answer =
                    new TxnOffsetCommitResponseTopic().setName(topic.name()).setTopicId(topic.topicId());
            response.topics().add(answer);
            gathered.topic(topic.name(), topic.topicId());
            for (TxnOffsetCommitRequestPartition partition : topic.partitions()) {
                TxnOffsetCommitResponsePartition row =
                        new TxnOffsetCommitResponsePartition().setPartitionIndex(partition.partitionIndex());
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
                .commitInTransaction(
                        new GroupMemberId(
                                data.groupId(),
                                data.memberId(),
                                data.groupInstanceId(),
                                data.generationIdOrMemberEpoch()),
                        new OffsetsGate.TransactionMember(
                                data.transactionalId(), data.producerId(), data.producerEpoch()),
                        call.version() >= ADDS,
                        gathered.offsets())
                .thenAccept(error -> {
                    gathered.answer(code(error, call.version()));
                    call.reply(response);
                });
    }

    private static short code(GroupError error, short version) {
        if (error == GroupError.INVALID_TXN_STATE && version >= ABORTABLE) {
            return Errors.TRANSACTION_ABORTABLE.code();
        }
        return Errors.valueOf(error.name()).code();
    }
}
