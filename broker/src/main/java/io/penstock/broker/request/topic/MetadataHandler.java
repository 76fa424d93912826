package io.penstock.broker.request.topic;

import io.penstock.broker.metadata.BrokerImage;
import io.penstock.broker.metadata.ClusterImage;
import io.penstock.broker.metadata.MetadataStore;
import io.penstock.broker.metadata.PartitionImage;
import io.penstock.broker.metadata.TopicCreation;
import io.penstock.broker.metadata.TopicImage;
import io.penstock.broker.metadata.TopicNames;
import io.penstock.broker.request.KafkaHandler;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import org.apache.kafka.common.Uuid;
import org.apache.kafka.common.message.MetadataRequestData.MetadataRequestTopic;
import org.apache.kafka.common.message.MetadataResponseData;
import org.apache.kafka.common.message.MetadataResponseData.MetadataResponseBroker;
import org.apache.kafka.common.message.MetadataResponseData.MetadataResponsePartition;
import org.apache.kafka.common.message.MetadataResponseData.MetadataResponseTopic;
import org.apache.kafka.common.protocol.ApiKeys;
import org.apache.kafka.common.protocol.Errors;
import org.apache.kafka.common.requests.MetadataRequest;

/**
 * Metadata: brokers, topics, leaders. A topic that is asked for by name and does not exist is made first when the
 * broker ({@code auto.create.topics.enable}) and the client allow it, and the answer waits for it, so that a first
 * send needs no second round.
 */
final class MetadataHandler implements KafkaHandler<MetadataRequest> {
    private final MetadataStore store;
    private final TopicCreation creation;

    MetadataHandler(MetadataStore store, TopicCreation creation) {
        this.store = store;
        this.creation = creation;
    }

    @Override
    public ApiKeys key() {
        return ApiKeys.METADATA;
    }

    @Override
    public void handle(Call call, MetadataRequest request) {
        ClusterImage image = store.image();
        if (request.isAllTopics()) {
            call.reply(everything(image, request));
            return;
        }
        Set<String> missing = new LinkedHashSet<>();
        for (MetadataRequestTopic topic : request.data().topics()) {
            if (topic.name() != null && image.topic(topic.name()).isEmpty()) {
                missing.add(topic.name());
            }
        }
        if (missing.isEmpty()
                || !request.allowAutoTopicCreation()
                || !creation.settings().flag("auto.create.topics.enable")) {
            call.reply(chosen(image, request, Map.of()));
            return;
        }
        create(call, request, missing);
    }

    private void create(Call call, MetadataRequest request, Set<String> missing) {
        Map<String, Errors> failures = new LinkedHashMap<>();
        List<CompletableFuture<Void>> creations = new ArrayList<>();
        for (String name : missing) {
            creations.add(creation.createIfMissing(name)
                    .handle((topic, failure) -> {
                        if (failure != null) {
                            synchronized (failures) {
                                failures.put(
                                        name, creationError(Failures.of(failure).error()));
                            }
                        }
                        return (Void) null;
                    })
                    .toCompletableFuture());
        }
        CompletableFuture.allOf(creations.toArray(CompletableFuture[]::new))
                .thenRun(() -> call.reply(chosen(store.image(), request, failures)))
                .whenComplete((done, failure) -> {
                    if (failure != null) {
                        call.fail(failure);
                    }
                });
    }

    /** Only errors that clients know from Metadata: a busy authority is a leader that is not there yet. */
    private static Errors creationError(Errors error) {
        return error == Errors.REQUEST_TIMED_OUT ? Errors.LEADER_NOT_AVAILABLE : error;
    }

    private MetadataResponseData everything(ClusterImage image, MetadataRequest request) {
        MetadataResponseData response = response(image, request);
        for (TopicImage topic : image.topics()) {
            response.topics().add(describe(image, topic, request));
        }
        return response;
    }

    private MetadataResponseData chosen(ClusterImage image, MetadataRequest request, Map<String, Errors> failures) {
        MetadataResponseData response = response(image, request);
        Set<Object> answered = new LinkedHashSet<>();
        for (MetadataRequestTopic asked : request.data().topics()) {
            boolean byName = asked.name() != null;
            if (!answered.add(byName ? asked.name() : asked.topicId())) {
                continue;
            }
            TopicImage topic =
                    (byName ? image.topic(asked.name()) : image.topic(KafkaView.id(asked.topicId()))).orElse(null);
            if (topic != null) {
                response.topics().add(describe(image, topic, request));
            } else if (byName) {
                response.topics().add(absent(asked.name(), failures.get(asked.name())));
            } else {
                response.topics()
                        .add(new MetadataResponseTopic()
                                .setErrorCode(Errors.UNKNOWN_TOPIC_ID.code())
                                .setName(null)
                                .setTopicId(asked.topicId()));
            }
        }
        return response;
    }

    private static MetadataResponseTopic absent(String name, Errors failure) {
        Errors error = failure != null
                ? failure
                : TopicNames.fault(name) != null ? Errors.INVALID_TOPIC_EXCEPTION : Errors.UNKNOWN_TOPIC_OR_PARTITION;
        return new MetadataResponseTopic()
                .setErrorCode(error.code())
                .setName(name)
                .setTopicId(Uuid.ZERO_UUID)
                .setIsInternal(TopicNames.internal(name));
    }

    private static MetadataResponseData response(ClusterImage image, MetadataRequest request) {
        MetadataResponseData response =
                new MetadataResponseData().setClusterId(image.clusterId()).setControllerId(KafkaView.controller(image));
        for (BrokerImage broker : image.brokers()) {
            response.brokers()
                    .add(new MetadataResponseBroker()
                            .setNodeId(broker.id())
                            .setHost(broker.host())
                            .setPort(broker.port())
                            .setRack(broker.rack()));
        }
        if (request.data().includeClusterAuthorizedOperations() && request.version() >= 8 && request.version() <= 10) {
            response.setClusterAuthorizedOperations(KafkaView.CLUSTER_OPERATIONS);
        }
        return response;
    }

    private static MetadataResponseTopic describe(ClusterImage image, TopicImage topic, MetadataRequest request) {
        List<MetadataResponsePartition> partitions =
                new ArrayList<>(topic.partitions().size());
        for (PartitionImage partition : topic.partitions()) {
            partitions.add(new MetadataResponsePartition()
                    .setErrorCode(KafkaView.error(image, partition).code())
                    .setPartitionIndex(partition.index())
                    .setLeaderId(KafkaView.leader(image, partition))
                    .setLeaderEpoch(partition.leaderEpoch())
                    .setReplicaNodes(partition.replicas())
                    .setIsrNodes(partition.isr())
                    .setOfflineReplicas(KafkaView.offline(image, partition)));
        }
        MetadataResponseTopic described = new MetadataResponseTopic()
                .setName(topic.name())
                .setTopicId(KafkaView.id(topic.id()))
                .setIsInternal(topic.internal())
                .setPartitions(partitions);
        if (request.data().includeTopicAuthorizedOperations()) {
            described.setTopicAuthorizedOperations(KafkaView.TOPIC_OPERATIONS);
        }
        return described;
    }
}
