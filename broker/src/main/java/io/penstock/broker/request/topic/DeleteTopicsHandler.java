package io.penstock.broker.request.topic;

import io.penstock.broker.metadata.ClusterImage;
import io.penstock.broker.metadata.MetadataStore;
import io.penstock.broker.metadata.TopicCreation;
import io.penstock.broker.metadata.TopicImage;
import io.penstock.broker.request.KafkaHandler;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.UUID;
import java.util.concurrent.CompletableFuture;
import org.apache.kafka.common.Uuid;
import org.apache.kafka.common.message.DeleteTopicsRequestData.DeleteTopicState;
import org.apache.kafka.common.message.DeleteTopicsResponseData;
import org.apache.kafka.common.message.DeleteTopicsResponseData.DeletableTopicResult;
import org.apache.kafka.common.protocol.ApiKeys;
import org.apache.kafka.common.protocol.Errors;
import org.apache.kafka.common.requests.ApiError;
import org.apache.kafka.common.requests.DeleteTopicsRequest;

/** DeleteTopics, by name or id; refused as a whole when {@code delete.topic.enable} is false. */
final class DeleteTopicsHandler implements KafkaHandler<DeleteTopicsRequest> {
    private final MetadataStore store;
    private final TopicCreation creation;

    DeleteTopicsHandler(MetadataStore store, TopicCreation creation) {
        this.store = store;
        this.creation = creation;
    }

    @Override
    public ApiKeys key() {
        return ApiKeys.DELETE_TOPICS;
    }

    @Override
    public void handle(Call call, DeleteTopicsRequest request) {
        ClusterImage image = store.image();
        boolean enabled = creation.settings().flag("delete.topic.enable");
        List<CompletableFuture<DeletableTopicResult>> results = new ArrayList<>();
        Set<UUID> named = new HashSet<>();
        for (DeleteTopicState asked : request.topics()) {
            TopicImage topic = (asked.name() != null
                            ? image.topic(asked.name())
                            : image.topic(KafkaView.id(asked.topicId())))
                    .orElse(null);
            ApiError refusal = refusal(asked, topic, enabled, request.version());
            if (refusal == null && !named.add(topic.id())) {
                refusal = new ApiError(Errors.INVALID_REQUEST, "The request names the topic twice");
            }
            results.add(
                    refusal != null
                            ? CompletableFuture.completedFuture(result(asked, topic, refusal))
                            : store.deleteTopic(topic.id())
                                    .handle((done, failure) -> result(
                                            asked, topic, failure == null ? ApiError.NONE : Failures.of(failure)))
                                    .toCompletableFuture());
        }
        CompletableFuture.allOf(results.toArray(CompletableFuture[]::new))
                .thenRun(() -> {
                    DeleteTopicsResponseData response = new DeleteTopicsResponseData();
                    results.forEach(result -> response.responses().mustAdd(result.join()));
                    call.reply(response);
                })
                .whenComplete((done, failure) -> {
                    if (failure != null) {
                        call.fail(failure);
                    }
                });
    }

    private static ApiError refusal(DeleteTopicState asked, TopicImage topic, boolean enabled, short version) {
        if (asked.name() != null && !asked.topicId().equals(Uuid.ZERO_UUID)) {
            return new ApiError(Errors.INVALID_REQUEST, "Either a name or an id can be given, not both");
        }
        if (!enabled) {
            return new ApiError(
                    version < 3 ? Errors.INVALID_REQUEST : Errors.TOPIC_DELETION_DISABLED,
                    "Topic deletion is disabled: delete.topic.enable=false");
        }
        if (topic == null) {
            return new ApiError(
                    asked.name() == null ? Errors.UNKNOWN_TOPIC_ID : Errors.UNKNOWN_TOPIC_OR_PARTITION, null);
        }
        if (topic.internal()) {
            return new ApiError(Errors.INVALID_TOPIC_EXCEPTION, "Topic '" + topic.name() + "' is internal and stays");
        }
        return null;
    }

    private static DeletableTopicResult result(DeleteTopicState asked, TopicImage topic, ApiError error) {
        return new DeletableTopicResult()
                .setName(topic != null ? topic.name() : asked.name())
                .setTopicId(topic != null ? KafkaView.id(topic.id()) : asked.topicId())
                .setErrorCode(error.error().code())
                .setErrorMessage(error.isSuccess() ? null : error.messageWithFallback());
    }
}
