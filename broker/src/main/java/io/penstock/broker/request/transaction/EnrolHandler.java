package io.penstock.broker.request.transaction;

import io.penstock.broker.request.PeerHandler;
import io.penstock.broker.request.PeerRight;
import io.penstock.broker.request.jms.MessageFrame;
import io.penstock.broker.transaction.kafka.Enrolment;
import io.penstock.broker.transaction.kafka.ProducerIdentity;
import io.penstock.broker.transaction.kafka.TransactionError;
import io.penstock.broker.transaction.kafka.TransactionPartition;
import io.penstock.protocol.message.EnrolRequest;
import io.penstock.protocol.message.EnrolResponse;
import io.penstock.protocol.message.PenstockApi;
import io.penstock.protocol.message.PenstockError;
import java.nio.ByteBuffer;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.stream.Collectors;

/** Enrol: another broker asks this one, which coordinates a transaction, about its partitions. Event loops call. */
final class EnrolHandler extends PeerHandler {
    private final Enrolment coordinator;

    /** @param coordinator of this broker */
    EnrolHandler(Enrolment coordinator, PeerRight right) {
        super(PenstockApi.ENROL, right);
        this.coordinator = coordinator;
    }

    @Override
    protected void serve(Call call, ByteBuffer body) {
        EnrolRequest asked = EnrolRequest.read(body, call.version());
        ProducerIdentity client = new ProducerIdentity(asked.producerId(), asked.producerEpoch());
        Set<TransactionPartition> partitions = asked.partitions().stream()
                .map(each -> new TransactionPartition(each.topicId(), each.topic(), each.partition()))
                .collect(Collectors.toSet());
        if (partitions.isEmpty() || asked.verifyOnly() && partitions.size() > 1) {
            call.fail(PenstockError.INVALID_REQUEST, "Enrol of " + partitions.size() + " partitions");
            return;
        }
        CompletableFuture<TransactionError> answer = asked.verifyOnly()
                ? coordinator.verify(
                        asked.transactionalId(), client, partitions.iterator().next())
                : coordinator.add(asked.transactionalId(), client, partitions, asked.transactionVersion());
        answer.thenAccept(error -> call.reply(new MessageFrame(new EnrolResponse(error.name()))));
    }
}
