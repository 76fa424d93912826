package io.penstock.broker.request.topic;

import io.penstock.broker.metadata.MetadataStore;
import io.penstock.broker.metadata.PartitionImage;
import io.penstock.broker.metadata.TopicImage;
import io.penstock.broker.request.KafkaHandler;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import org.apache.kafka.common.message.AlterPartitionReassignmentsRequestData.ReassignablePartition;
import org.apache.kafka.common.message.AlterPartitionReassignmentsRequestData.ReassignableTopic;
import org.apache.kafka.common.message.AlterPartitionReassignmentsResponseData;
import org.apache.kafka.common.message.AlterPartitionReassignmentsResponseData.ReassignablePartitionResponse;
import org.apache.kafka.common.message.AlterPartitionReassignmentsResponseData.ReassignableTopicResponse;
import org.apache.kafka.common.protocol.ApiKeys;
import org.apache.kafka.common.protocol.Errors;
import org.apache.kafka.common.requests.AlterPartitionReassignmentsRequest;
import org.apache.kafka.common.requests.ApiError;

/** AlterPartitionReassignments: begins moves of partitions to other replicas, and cancels them (KIP-455, KIP-860). */
final class AlterReassignmentsHandler implements KafkaHandler<AlterPartitionReassignmentsRequest> {
    private final MetadataStore store;

    AlterReassignmentsHandler(MetadataStore store) {
        this.store = store;
    }

    @Override
    public ApiKeys key() {
        return ApiKeys.ALTER_PARTITION_REASSIGNMENTS;
    }

    @Override
    public void handle(Call call, AlterPartitionReassignmentsRequest request) {
        boolean otherFactor = request.data().allowReplicationFactorChange();
        AlterPartitionReassignmentsResponseData response =
                new AlterPartitionReassignmentsResponseData().setAllowReplicationFactorChange(otherFactor);
        List<CompletableFuture<?>> outcomes = new ArrayList<>();
        for (ReassignableTopic topic : request.data().topics()) {
            ReassignableTopicResponse results = new ReassignableTopicResponse().setName(topic.name());
            response.responses().add(results);
            for (ReassignablePartition partition : topic.partitions()) {
                ReassignablePartitionResponse result =
                        new ReassignablePartitionResponse().setPartitionIndex(partition.partitionIndex());
                results.partitions().add(result);
                outcomes.add(alter(topic.name(), partition, otherFactor)
                        .thenAccept(error -> result.setErrorCode(error.error().code())
                                .setErrorMessage(error.isSuccess() ? null : error.messageWithFallback())));
            }
        }
        CompletableFuture.allOf(outcomes.toArray(CompletableFuture[]::new))
                .thenRun(() -> call.reply(response))
                .whenComplete((done, failure) -> {
                    if (failure != null) {
                        call.fail(failure);
                    }
                });
    }

    private CompletableFuture<ApiError> alter(String name, ReassignablePartition asked, boolean otherFactor) {
        TopicImage topic = PartitionLookup.topicOf(store.image(), name, asked.partitionIndex());
        if (topic == null) {
            return CompletableFuture.completedFuture(PartitionLookup.unknown(name, asked.partitionIndex()));
        }
        PartitionImage now = topic.partitions().get(asked.partitionIndex());
        int before = now.target().size();
        if (!otherFactor && asked.replicas() != null && asked.replicas().size() != before) {
            return CompletableFuture.completedFuture(new ApiError(
                    Errors.INVALID_REPLICATION_FACTOR,
                    "The replication factor is changed from " + before + " to "
                            + asked.replicas().size()));
        }
        return PartitionLookup.outcome(store.reassign(topic.id(), asked.partitionIndex(), asked.replicas()))
                .toCompletableFuture();
    }
}
