package io.penstock.broker.request.topic;

import io.penstock.broker.metadata.ClusterImage;
import io.penstock.broker.metadata.MetadataStore;
import io.penstock.broker.metadata.PartitionImage;
import io.penstock.broker.metadata.TopicImage;
import io.penstock.broker.request.KafkaHandler;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import org.apache.kafka.common.ElectionType;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.message.ElectLeadersResponseData;
import org.apache.kafka.common.message.ElectLeadersResponseData.PartitionResult;
import org.apache.kafka.common.message.ElectLeadersResponseData.ReplicaElectionResult;
import org.apache.kafka.common.protocol.ApiKeys;
import org.apache.kafka.common.protocol.Errors;
import org.apache.kafka.common.requests.ApiError;
import org.apache.kafka.common.requests.ElectLeadersRequest;

/**
 * ElectLeaders: gives partitions to their first replicas, or, where nobody leads, to any replica that lives. Without
 * named partitions it is about all of them, and tells only of those for which there was something to do.
 */
final class ElectLeadersHandler implements KafkaHandler<ElectLeadersRequest> {
    private final MetadataStore store;

    ElectLeadersHandler(MetadataStore store) {
        this.store = store;
    }

    @Override
    public ApiKeys key() {
        return ApiKeys.ELECT_LEADERS;
    }

    @Override
    public void handle(Call call, ElectLeadersRequest request) {
        byte type = call.version() == 0
                ? ElectionType.PREFERRED.value
                : request.data().electionType();
        if (type != ElectionType.PREFERRED.value && type != ElectionType.UNCLEAN.value) {
            call.fail(Errors.INVALID_REQUEST.exception("There is no type " + type + " of elections"));
            return;
        }
        boolean unclean = type == ElectionType.UNCLEAN.value;
        boolean all = request.data().topicPartitions() == null;
        Set<TopicPartition> wanted = all ? everything(store.image()) : request.topicPartitions();
        Map<TopicPartition, CompletableFuture<ApiError>> outcomes = new LinkedHashMap<>();
        wanted.forEach(partition -> outcomes.put(partition, elect(partition, unclean)));
        CompletableFuture.allOf(outcomes.values().toArray(CompletableFuture[]::new))
                .thenRun(() -> call.reply(response(outcomes, all)))
                .whenComplete((done, failure) -> {
                    if (failure != null) {
                        call.fail(failure);
                    }
                });
    }

    private static Set<TopicPartition> everything(ClusterImage image) {
        Map<TopicPartition, Boolean> all = new LinkedHashMap<>();
        for (TopicImage topic : image.topics()) {
            for (PartitionImage partition : topic.partitions()) {
                all.put(new TopicPartition(topic.name(), partition.index()), true);
            }
        }
        return all.keySet();
    }

    private CompletableFuture<ApiError> elect(TopicPartition partition, boolean unclean) {
        TopicImage topic = PartitionLookup.topicOf(store.image(), partition.topic(), partition.partition());
        if (topic == null) {
            return CompletableFuture.completedFuture(PartitionLookup.unknown(partition.topic(), partition.partition()));
        }
        return PartitionLookup.outcome(store.electLeader(topic.id(), partition.partition(), unclean))
                .toCompletableFuture();
    }

    private static ElectLeadersResponseData response(
            Map<TopicPartition, CompletableFuture<ApiError>> outcomes, boolean all) {
        Map<String, List<PartitionResult>> byTopic = new LinkedHashMap<>();
        outcomes.forEach((partition, outcome) -> {
            ApiError error = outcome.join();
            if (!all || error.error() != Errors.ELECTION_NOT_NEEDED) {
                byTopic.computeIfAbsent(partition.topic(), topic -> new ArrayList<>())
                        .add(new PartitionResult()
                                .setPartitionId(partition.partition())
                                .setErrorCode(error.error().code())
                                .setErrorMessage(error.isSuccess() ? null : error.messageWithFallback()));
            }
        });
        ElectLeadersResponseData response = new ElectLeadersResponseData();
        byTopic.forEach((topic, results) -> response.replicaElectionResults()
                .add(new ReplicaElectionResult().setTopic(topic).setPartitionResult(results)));
        return response;
    }
}
