package io.penstock.broker.request.transaction;

import io.penstock.broker.group.GroupCoordinator;
import io.penstock.broker.request.KafkaHandler;
import io.penstock.broker.transaction.kafka.ProducerIdentity;
import io.penstock.broker.transaction.kafka.TransactionCoordinator;
import io.penstock.broker.transaction.kafka.TransactionError;
import io.penstock.broker.transaction.kafka.TransactionPartition;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import org.apache.kafka.common.message.AddOffsetsToTxnRequestData;
import org.apache.kafka.common.message.AddOffsetsToTxnResponseData;
import org.apache.kafka.common.protocol.ApiKeys;
import org.apache.kafka.common.protocol.Errors;
import org.apache.kafka.common.requests.AddOffsetsToTxnRequest;

/** AddOffsetsToTxn: adds the partition that holds a group's offsets. */
final class AddOffsetsToTxnHandler implements KafkaHandler<AddOffsetsToTxnRequest> {
    private static final int KNOWS_FENCED = 2;

    private final TransactionCoordinator coordinator;
    private final GroupCoordinator groups;

    AddOffsetsToTxnHandler(TransactionCoordinator coordinator, GroupCoordinator groups) {
        this.coordinator = coordinator;
        this.groups = groups;
    }

    @Override
    public ApiKeys key() {
        return ApiKeys.ADD_OFFSETS_TO_TXN;
    }

    @Override
    public void handle(Call call, AddOffsetsToTxnRequest request) {
        AddOffsetsToTxnRequestData data = request.data();
        if (data.transactionalId().isEmpty() || data.groupId().isEmpty()) {
            Errors error = data.groupId().isEmpty() ? Errors.INVALID_GROUP_ID : Errors.INVALID_REQUEST;
            call.reply(new AddOffsetsToTxnResponseData().setErrorCode(error.code()));
            return;
        }
        groups.place(data.groupId())
                .thenCompose(place -> coordinator.add(
                        data.transactionalId(),
                        new ProducerIdentity(data.producerId(), data.producerEpoch()),
                        Set.of(new TransactionPartition(place.topicId(), place.topic(), place.index())),
                        1))
                .exceptionallyCompose(
                        failure -> CompletableFuture.completedFuture(TransactionError.COORDINATOR_NOT_AVAILABLE))
                .thenAccept(error -> call.reply(new AddOffsetsToTxnResponseData()
                        .setErrorCode(TransactionErrors.of(error, call.version() >= KNOWS_FENCED)
                                .code())));
    }
}
