package io.penstock.broker.request.transaction;

import io.penstock.broker.request.KafkaHandler;
import io.penstock.broker.transaction.kafka.TransactionCoordinator;
import io.penstock.broker.transaction.kafka.TransactionDescription;
import io.penstock.broker.transaction.kafka.TransactionError;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import org.apache.kafka.common.message.DescribeTransactionsResponseData;
import org.apache.kafka.common.message.DescribeTransactionsResponseData.TopicData;
import org.apache.kafka.common.message.DescribeTransactionsResponseData.TransactionState;
import org.apache.kafka.common.protocol.ApiKeys;
import org.apache.kafka.common.requests.DescribeTransactionsRequest;

/** DescribeTransactions: of a decided transaction those partitions that have not got their marker. */
final class DescribeTransactionsHandler implements KafkaHandler<DescribeTransactionsRequest> {
    private final TransactionCoordinator coordinator;

    DescribeTransactionsHandler(TransactionCoordinator coordinator) {
        this.coordinator = coordinator;
    }

    @Override
    public ApiKeys key() {
        return ApiKeys.DESCRIBE_TRANSACTIONS;
    }

    @Override
    public void handle(Call call, DescribeTransactionsRequest request) {
        List<CompletableFuture<TransactionState>> all = new ArrayList<>();
        for (String id : request.data().transactionalIds()) {
            all.add(coordinator.describe(id).thenApply(DescribeTransactionsHandler::state));
        }
        CompletableFuture.allOf(all.toArray(CompletableFuture[]::new)).thenRun(() -> {
            DescribeTransactionsResponseData response = new DescribeTransactionsResponseData();
            all.forEach(each -> response.transactionStates().add(each.join()));
            call.reply(response);
        });
    }

    private static TransactionState state(TransactionDescription of) {
        TransactionState state = new TransactionState()
                .setErrorCode(TransactionErrors.of(of.error()).code())
                .setTransactionalId(of.id());
        if (of.error() != TransactionError.NONE) {
            return state;
        }
        state.setTransactionState(of.phase().displayName())
                .setTransactionTimeoutMs(of.timeoutMillis())
                .setTransactionStartTimeMs(of.startMillis())
                .setProducerId(of.producer().producerId())
                .setProducerEpoch(of.producer().epoch());
        of.partitions().forEach(partition -> {
            TopicData topic = state.topics().find(partition.topic());
            if (topic == null) {
                topic = new TopicData().setTopic(partition.topic());
                state.topics().add(topic);
            }
            topic.partitions().add(partition.index());
        });
        return state;
    }
}
