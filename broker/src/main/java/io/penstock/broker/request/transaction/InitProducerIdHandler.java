package io.penstock.broker.request.transaction;

import io.penstock.broker.metadata.ProducerIdPool;
import io.penstock.broker.request.KafkaHandler;
import io.penstock.broker.transaction.kafka.ProducerIdentity;
import io.penstock.broker.transaction.kafka.TransactionCoordinator;
import org.apache.kafka.common.message.InitProducerIdRequestData;
import org.apache.kafka.common.message.InitProducerIdResponseData;
import org.apache.kafka.common.protocol.ApiKeys;
import org.apache.kafka.common.protocol.Errors;
import org.apache.kafka.common.requests.InitProducerIdRequest;

/**
 * InitProducerId: a new id for an idempotent producer; for a transactional one what its coordinator says. Prepared
 * transactions of clients (KIP-939) are in no version that is listed.
 */
final class InitProducerIdHandler implements KafkaHandler<InitProducerIdRequest> {
    private static final int KNOWS_FENCED = 4;

    private final TransactionCoordinator coordinator;
    private final ProducerIdPool producerIds;

    InitProducerIdHandler(TransactionCoordinator coordinator, ProducerIdPool producerIds) {
        this.coordinator = coordinator;
        this.producerIds = producerIds;
    }

    @Override
    public ApiKeys key() {
        return ApiKeys.INIT_PRODUCER_ID;
    }

    @Override
    public void handle(Call call, InitProducerIdRequest request) {
        InitProducerIdRequestData data = request.data();
        if (data.transactionalId() == null) {
            // Retriable after a failure: the client asks again.
            producerIds.take(
                    1,
                    id -> call.reply(answer(Errors.NONE, new ProducerIdentity(id, (short) 0))),
                    failure -> call.reply(refusal(Errors.COORDINATOR_LOAD_IN_PROGRESS)));
            return;
        }
        boolean known = data.producerId() >= 0;
        if (data.transactionalId().isEmpty() || known != (data.producerEpoch() >= 0)) {
            call.reply(refusal(Errors.INVALID_REQUEST));
            return;
        }
        coordinator
                .init(
                        data.transactionalId(),
                        data.transactionTimeoutMs(),
                        new ProducerIdentity(data.producerId(), data.producerEpoch()))
                .thenAccept(result -> call.reply(answer(
                        TransactionErrors.of(result.error(), call.version() >= KNOWS_FENCED), result.producer())));
    }

    private static InitProducerIdResponseData answer(Errors error, ProducerIdentity producer) {
        return new InitProducerIdResponseData()
                .setErrorCode(error.code())
                .setProducerId(producer.producerId())
                .setProducerEpoch(producer.epoch());
    }

    private static InitProducerIdResponseData refusal(Errors error) {
        return answer(error, new ProducerIdentity(-1, (short) -1));
    }
}
