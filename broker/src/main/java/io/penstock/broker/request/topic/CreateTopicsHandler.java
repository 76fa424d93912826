package io.penstock.broker.request.topic;

import io.penstock.broker.config.BrokerSettings;
import io.penstock.broker.config.ConfigKey;
import io.penstock.broker.config.ConfigValue;
import io.penstock.broker.config.TopicConfigs;
import io.penstock.broker.config.TopicKeys;
import io.penstock.broker.metadata.MetadataException;
import io.penstock.broker.metadata.MetadataStore.NewTopic;
import io.penstock.broker.metadata.TopicCreation;
import io.penstock.broker.metadata.TopicImage;
import io.penstock.broker.request.KafkaHandler;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.CompletableFuture;
import org.apache.kafka.common.message.CreateTopicsRequestData.CreatableReplicaAssignment;
import org.apache.kafka.common.message.CreateTopicsRequestData.CreatableTopic;
import org.apache.kafka.common.message.CreateTopicsRequestData.CreatableTopicConfig;
import org.apache.kafka.common.message.CreateTopicsResponseData;
import org.apache.kafka.common.message.CreateTopicsResponseData.CreatableTopicConfigs;
import org.apache.kafka.common.message.CreateTopicsResponseData.CreatableTopicResult;
import org.apache.kafka.common.protocol.ApiKeys;
import org.apache.kafka.common.protocol.Errors;
import org.apache.kafka.common.requests.ApiError;
import org.apache.kafka.common.requests.CreateTopicsRequest;

/** CreateTopics: each topic by itself; the answer comes when the authority has them all. */
final class CreateTopicsHandler implements KafkaHandler<CreateTopicsRequest> {
    private final TopicCreation creation;

    CreateTopicsHandler(TopicCreation creation) {
        this.creation = creation;
    }

    @Override
    public ApiKeys key() {
        return ApiKeys.CREATE_TOPICS;
    }

    @Override
    public void handle(Call call, CreateTopicsRequest request) {
        List<CompletableFuture<CreatableTopicResult>> results = new ArrayList<>();
        Map<String, Integer> times = new HashMap<>();
        request.data().topics().forEach(topic -> times.merge(topic.name(), 1, Integer::sum));
        for (CreatableTopic topic : request.data().topics()) {
            Integer count = times.remove(topic.name());
            if (count == null) {
                continue;
            }
            if (count > 1) {
                results.add(CompletableFuture.completedFuture(refused(
                        topic.name(), new ApiError(Errors.INVALID_REQUEST, "The request names the topic twice"))));
            } else {
                results.add(create(topic, request.data().validateOnly()));
            }
        }
        CompletableFuture.allOf(results.toArray(CompletableFuture[]::new))
                .thenRun(() -> {
                    CreateTopicsResponseData response = new CreateTopicsResponseData();
                    results.forEach(result -> response.topics().add(result.join()));
                    call.reply(response);
                })
                .whenComplete((done, failure) -> {
                    if (failure != null) {
                        call.fail(failure);
                    }
                });
    }

    private CompletableFuture<CreatableTopicResult> create(CreatableTopic asked, boolean validateOnly) {
        try {
            NewTopic topic = prepared(asked);
            if (validateOnly) {
                return CompletableFuture.completedFuture(made(creation.validate(topic)));
            }
            return creation.create(topic)
                    .handle((made, failure) ->
                            failure == null ? made(made) : refused(asked.name(), Failures.of(failure)))
                    .toCompletableFuture();
        } catch (MetadataException e) {
            return CompletableFuture.completedFuture(refused(asked.name(), Failures.of(e)));
        }
    }

    private NewTopic prepared(CreatableTopic asked) {
        Map<String, String> config = new HashMap<>();
        for (CreatableTopicConfig entry : asked.configs()) {
            if (entry.value() == null) {
                throw new MetadataException(
                        MetadataException.Reason.INVALID_CONFIG, "Configuration " + entry.name() + " has no value");
            }
            config.put(entry.name(), entry.value());
        }
        if (asked.assignments().isEmpty()) {
            return creation.prepare(asked.name(), asked.numPartitions(), asked.replicationFactor(), null, config);
        }
        if (asked.numPartitions() != -1 || asked.replicationFactor() != -1) {
            throw new MetadataException(
                    MetadataException.Reason.INVALID_ASSIGNMENT,
                    "Either numbers of partitions and replicas or an assignment can be given, not both");
        }
        TreeMap<Integer, List<Integer>> replicas = new TreeMap<>();
        for (CreatableReplicaAssignment assignment : asked.assignments()) {
            if (replicas.put(assignment.partitionIndex(), assignment.brokerIds()) != null) {
                throw new MetadataException(
                        MetadataException.Reason.INVALID_ASSIGNMENT,
                        "Partition " + assignment.partitionIndex() + " is assigned twice");
            }
        }
        if (replicas.firstKey() != 0 || replicas.lastKey() != replicas.size() - 1) {
            throw new MetadataException(
                    MetadataException.Reason.INVALID_ASSIGNMENT, "Partitions must be numbered from 0 without gaps");
        }
        return creation.prepare(asked.name(), -1, (short) -1, List.copyOf(replicas.values()), config);
    }

    private CreatableTopicResult made(TopicImage topic) {
        BrokerSettings settings = creation.settings();
        List<CreatableTopicConfigs> configs = new ArrayList<>();
        for (ConfigKey key : TopicKeys.keys()) {
            ConfigValue inForce =
                    TopicConfigs.values(key.name(), topic.config(), settings).get(0);
            configs.add(new CreatableTopicConfigs()
                    .setName(key.name())
                    .setValue(TopicConfigs.value(key.name(), topic.config(), settings))
                    .setReadOnly(false)
                    .setIsSensitive(key.sensitive())
                    .setConfigSource(ConfigEntries.source(inForce.source())));
        }
        return new CreatableTopicResult()
                .setName(topic.name())
                .setTopicId(KafkaView.id(topic.id()))
                .setNumPartitions(topic.partitions().size())
                .setReplicationFactor(
                        (short) topic.partitions().get(0).replicas().size())
                .setConfigs(configs);
    }

    private static CreatableTopicResult refused(String name, ApiError error) {
        return new CreatableTopicResult()
                .setName(name)
                .setErrorCode(error.error().code())
                .setErrorMessage(error.messageWithFallback())
                .setConfigs(null);
    }
}
