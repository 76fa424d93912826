package io.penstock.broker.request.transaction;

import io.penstock.broker.request.KafkaHandler;
import io.penstock.broker.transaction.kafka.ProducerIdentity;
import io.penstock.broker.transaction.kafka.TransactionCoordinator;
import org.apache.kafka.common.message.EndTxnRequestData;
import org.apache.kafka.common.message.EndTxnResponseData;
import org.apache.kafka.common.protocol.ApiKeys;
import org.apache.kafka.common.protocol.Errors;
import org.apache.kafka.common.requests.EndTxnRequest;

/** EndTxn: decides a transaction. From version 5 on the client gets its next epoch with the answer (KIP-890). */
final class EndTxnHandler implements KafkaHandler<EndTxnRequest> {
    private static final int KNOWS_FENCED = 2;
    private static final int BUMPS_EPOCH = 5;

    private final TransactionCoordinator coordinator;

    EndTxnHandler(TransactionCoordinator coordinator) {
        this.coordinator = coordinator;
    }

    @Override
    public ApiKeys key() {
        return ApiKeys.END_TXN;
    }

    @Override
    public void handle(Call call, EndTxnRequest request) {
        EndTxnRequestData data = request.data();
        if (data.transactionalId().isEmpty()) {
            call.reply(new EndTxnResponseData().setErrorCode(Errors.INVALID_REQUEST.code()));
            return;
        }
        boolean bumps = call.version() >= BUMPS_EPOCH;
        coordinator
                .end(
                        data.transactionalId(),
                        new ProducerIdentity(data.producerId(), data.producerEpoch()),
                        data.committed(),
                        bumps ? 2 : 1)
                .thenAccept(result -> {
                    EndTxnResponseData response = new EndTxnResponseData()
                            .setErrorCode(TransactionErrors.of(result.error(), call.version() >= KNOWS_FENCED)
                                    .code());
                    if (bumps) {
                        response.setProducerId(result.producer().producerId())
                                .setProducerEpoch(result.producer().epoch());
                    }
                    call.reply(response);
                });
    }
}
