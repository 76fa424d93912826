package io.penstock.broker.request.topic;

import io.penstock.broker.metadata.ClusterImage;
import io.penstock.broker.metadata.MetadataException;
import io.penstock.broker.metadata.MetadataStore;
import io.penstock.broker.metadata.TopicImage;
import io.penstock.broker.metadata.TopicPlan;
import io.penstock.broker.request.KafkaHandler;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import org.apache.kafka.common.message.CreatePartitionsRequestData.CreatePartitionsAssignment;
import org.apache.kafka.common.message.CreatePartitionsRequestData.CreatePartitionsTopic;
import org.apache.kafka.common.message.CreatePartitionsResponseData;
import org.apache.kafka.common.message.CreatePartitionsResponseData.CreatePartitionsTopicResult;
import org.apache.kafka.common.protocol.ApiKeys;
import org.apache.kafka.common.protocol.Errors;
import org.apache.kafka.common.requests.ApiError;
import org.apache.kafka.common.requests.CreatePartitionsRequest;

/** CreatePartitions: more partitions for topics; fewer is refused. */
final class CreatePartitionsHandler implements KafkaHandler<CreatePartitionsRequest> {
    private final MetadataStore store;

    CreatePartitionsHandler(MetadataStore store) {
        this.store = store;
    }

    @Override
    public ApiKeys key() {
        return ApiKeys.CREATE_PARTITIONS;
    }

    @Override
    public void handle(Call call, CreatePartitionsRequest request) {
        Map<String, Integer> times = new HashMap<>();
        request.data().topics().forEach(topic -> times.merge(topic.name(), 1, Integer::sum));
        List<CompletableFuture<CreatePartitionsTopicResult>> results = new ArrayList<>();
        for (CreatePartitionsTopic topic : request.data().topics()) {
            Integer count = times.remove(topic.name());
            if (count != null) {
                results.add(
                        count > 1
                                ? CompletableFuture.completedFuture(result(
                                        topic.name(),
                                        new ApiError(Errors.INVALID_REQUEST, "The request names the topic twice")))
                                : grow(topic, request.data().validateOnly()));
            }
        }
        CompletableFuture.allOf(results.toArray(CompletableFuture[]::new))
                .thenRun(() -> {
                    CreatePartitionsResponseData response = new CreatePartitionsResponseData();
                    results.forEach(result -> response.results().add(result.join()));
                    call.reply(response);
                })
                .whenComplete((done, failure) -> {
                    if (failure != null) {
                        call.fail(failure);
                    }
                });
    }

    private CompletableFuture<CreatePartitionsTopicResult> grow(CreatePartitionsTopic asked, boolean validateOnly) {
        ClusterImage image = store.image();
        TopicImage topic = image.topic(asked.name()).orElse(null);
        if (topic == null) {
            return CompletableFuture.completedFuture(
                    result(asked.name(), new ApiError(Errors.UNKNOWN_TOPIC_OR_PARTITION, null)));
        }
        List<List<Integer>> assignments = asked.assignments() == null
                ? null
                : asked.assignments().stream()
                        .map(CreatePartitionsAssignment::brokerIds)
                        .toList();
        try {
            TopicPlan.grow(image, topic, asked.count(), assignments);
        } catch (MetadataException e) {
            return CompletableFuture.completedFuture(result(asked.name(), Failures.of(e)));
        }
        if (validateOnly) {
            return CompletableFuture.completedFuture(result(asked.name(), ApiError.NONE));
        }
        return store.createPartitions(topic.id(), asked.count(), assignments)
                .handle((grown, failure) ->
                        result(asked.name(), failure == null ? ApiError.NONE : Failures.of(failure)))
                .toCompletableFuture();
    }

    private static CreatePartitionsTopicResult result(String name, ApiError error) {
        return new CreatePartitionsTopicResult()
                .setName(name)
                .setErrorCode(error.error().code())
                .setErrorMessage(error.isSuccess() ? null : error.messageWithFallback());
    }
}
