package io.penstock.broker.request.transaction;

import io.penstock.broker.metadata.ClusterImage;
import io.penstock.broker.metadata.MetadataStore;
import io.penstock.broker.metadata.TopicImage;
import io.penstock.broker.request.KafkaHandler;
import io.penstock.broker.request.PeerRight;
import io.penstock.broker.transaction.kafka.ProducerIdentity;
import io.penstock.broker.transaction.kafka.TransactionCoordinator;
import io.penstock.broker.transaction.kafka.TransactionPartition;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import org.apache.kafka.common.message.AddPartitionsToTxnRequestData.AddPartitionsToTxnTopic;
import org.apache.kafka.common.message.AddPartitionsToTxnRequestData.AddPartitionsToTxnTopicCollection;
import org.apache.kafka.common.message.AddPartitionsToTxnRequestData.AddPartitionsToTxnTransaction;
import org.apache.kafka.common.message.AddPartitionsToTxnResponseData;
import org.apache.kafka.common.message.AddPartitionsToTxnResponseData.AddPartitionsToTxnPartitionResult;
import org.apache.kafka.common.message.AddPartitionsToTxnResponseData.AddPartitionsToTxnResult;
import org.apache.kafka.common.message.AddPartitionsToTxnResponseData.AddPartitionsToTxnTopicResult;
import org.apache.kafka.common.message.AddPartitionsToTxnResponseData.AddPartitionsToTxnTopicResultCollection;
import org.apache.kafka.common.protocol.ApiKeys;
import org.apache.kafka.common.protocol.Errors;
import org.apache.kafka.common.requests.AddPartitionsToTxnRequest;

/**
 * AddPartitionsToTxn: one transaction of a client up to version 3; after that any number, asked by brokers, which add or
 * only verify. When one partition of a transaction does not exist none is added.
 */
final class AddPartitionsToTxnHandler implements KafkaHandler<AddPartitionsToTxnRequest> {
    private static final int BY_BROKERS = 4;
    private static final int ABORTABLE = 5;
    private static final int KNOWS_FENCED = 2;

    private final TransactionCoordinator coordinator;
    private final MetadataStore metadata;
    private final PeerRight right;

    AddPartitionsToTxnHandler(TransactionCoordinator coordinator, MetadataStore metadata, PeerRight right) {
        this.coordinator = coordinator;
        this.metadata = metadata;
        this.right = right;
    }

    /** A transaction with the topics that are asked for. */
    private record Asked(
            String id, ProducerIdentity client, boolean verifyOnly, AddPartitionsToTxnTopicCollection topics) {}

    @Override
    public ApiKeys key() {
        return ApiKeys.ADD_PARTITIONS_TO_TXN;
    }

    @Override
    public void handle(Call call, AddPartitionsToTxnRequest request) {
        AddPartitionsToTxnResponseData response = new AddPartitionsToTxnResponseData();
        if (call.version() < BY_BROKERS) {
            Asked asked = new Asked(
                    request.data().v3AndBelowTransactionalId(),
                    new ProducerIdentity(
                            request.data().v3AndBelowProducerId(),
                            request.data().v3AndBelowProducerEpoch()),
                    false,
                    request.data().v3AndBelowTopics());
            ask(asked, call.version()).thenAccept(results -> call.reply(response.setResultsByTopicV3AndBelow(results)));
            return;
        }
        if (!right.allows(call.connection().principal())) {
            call.reply(response.setErrorCode(Errors.CLUSTER_AUTHORIZATION_FAILED.code()));
            return;
        }
        List<CompletableFuture<?>> all = new ArrayList<>();
        for (AddPartitionsToTxnTransaction each : request.data().transactions()) {
            AddPartitionsToTxnResult result = new AddPartitionsToTxnResult().setTransactionalId(each.transactionalId());
            response.resultsByTransaction().add(result);
            Asked asked = new Asked(
                    each.transactionalId(),
                    new ProducerIdentity(each.producerId(), each.producerEpoch()),
                    each.verifyOnly(),
                    each.topics());
            all.add(ask(asked, call.version()).thenAccept(result::setTopicResults));
        }
        CompletableFuture.allOf(all.toArray(CompletableFuture[]::new)).thenRun(() -> call.reply(response));
    }

    private CompletableFuture<AddPartitionsToTxnTopicResultCollection> ask(Asked asked, short version) {
        ClusterImage image = metadata.image();
        Set<TransactionPartition> known = new LinkedHashSet<>();
        Set<String> unknown = new LinkedHashSet<>();
        for (AddPartitionsToTxnTopic topic : asked.topics()) {
            TopicImage found = image.topic(topic.name()).orElse(null);
            for (int index : topic.partitions()) {
                if (found != null && index >= 0 && index < found.partitions().size()) {
                    known.add(new TransactionPartition(found.id(), found.name(), index));
                } else {
                    unknown.add(topic.name() + "-" + index);
                }
            }
        }
        if (asked.id() == null || asked.id().isEmpty()) {
            return CompletableFuture.completedFuture(results(asked, unknown, Map.of(), Errors.INVALID_REQUEST));
        }
        if (!unknown.isEmpty()) {
            return CompletableFuture.completedFuture(results(asked, unknown, Map.of(), Errors.OPERATION_NOT_ATTEMPTED));
        }
        if (asked.verifyOnly()) {
            return verify(asked, known, version);
        }
        return coordinator
                .add(asked.id(), asked.client(), known, version < BY_BROKERS ? 1 : 2)
                .thenApply(error ->
                        results(asked, unknown, Map.of(), TransactionErrors.of(error, version >= KNOWS_FENCED)));
    }

    private CompletableFuture<AddPartitionsToTxnTopicResultCollection> verify(
            Asked asked, Set<TransactionPartition> partitions, short version) {
        Map<String, Errors> errors = new LinkedHashMap<>();
        CompletableFuture<?> all = CompletableFuture.completedFuture(null);
        for (TransactionPartition partition : partitions) {
            all = all.thenCompose(before -> coordinator
                    .verify(asked.id(), asked.client(), partition)
                    .thenAccept(error -> {
                        Errors kafkas = TransactionErrors.of(error);
                        errors.put(
                                partition.topic() + "-" + partition.index(),
                                kafkas == Errors.INVALID_TXN_STATE && version >= ABORTABLE
                                        ? Errors.TRANSACTION_ABORTABLE
                                        : kafkas);
                    }));
        }
        return all.thenApply(done -> results(asked, Set.of(), errors, Errors.NONE));
    }

    private static AddPartitionsToTxnTopicResultCollection results(
            Asked asked, Set<String> unknown, Map<String, Errors> errors, Errors others) {
        AddPartitionsToTxnTopicResultCollection topics = new AddPartitionsToTxnTopicResultCollection();
        for (AddPartitionsToTxnTopic topic : asked.topics()) {
            AddPartitionsToTxnTopicResult result = new AddPartitionsToTxnTopicResult().setName(topic.name());
            for (int index : topic.partitions()) {
                String name = topic.name() + "-" + index;
                Errors error =
                        unknown.contains(name) ? Errors.UNKNOWN_TOPIC_OR_PARTITION : errors.getOrDefault(name, others);
                result.resultsByPartition()
                        .add(new AddPartitionsToTxnPartitionResult()
                                .setPartitionIndex(index)
                                .setPartitionErrorCode(error.code()));
            }
            topics.add(result);
        }
        return topics;
    }
}
