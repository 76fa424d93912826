package io.penstock.broker.request.topic;

import io.penstock.broker.config.BrokerKeys;
import io.penstock.broker.config.ConfigKey;
import io.penstock.broker.config.TopicConfigs;
import io.penstock.broker.config.TopicKeys;
import io.penstock.broker.metadata.ClusterImage;
import io.penstock.broker.metadata.MetadataStore;
import io.penstock.broker.metadata.TopicCreation;
import io.penstock.broker.metadata.TopicImage;
import io.penstock.broker.metadata.TopicPlan;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import org.apache.kafka.clients.admin.AlterConfigOp.OpType;
import org.apache.kafka.common.config.ConfigResource;
import org.apache.kafka.common.protocol.Errors;
import org.apache.kafka.common.requests.ApiError;

/** Checks and makes changes of one resource's configuration, for both of Kafka's requests. Stateless. */
final class ConfigChanges {
    private final MetadataStore store;
    private final TopicCreation creation;

    ConfigChanges(MetadataStore store, TopicCreation creation) {
        this.store = store;
        this.creation = creation;
    }

    /** One change; {@code value} is not looked at when it is a deletion. */
    record Change(String key, OpType operation, String value) {}

    /** Makes all changes of a resource or none. */
    CompletionStage<ApiError> apply(ConfigResource.Type type, String name, List<Change> changes, boolean validateOnly) {
        ClusterImage image = store.image();
        Map<String, String> result = new HashMap<>();
        switch (type) {
            case TOPIC -> {
                TopicImage topic = image.topic(name).orElse(null);
                if (topic == null) {
                    return done(Errors.UNKNOWN_TOPIC_OR_PARTITION, null);
                }
                ApiError fault = topicChanges(topic, changes, result);
                return fault != null || validateOnly
                        ? done(fault)
                        : outcome(store.alterTopicConfig(topic.id(), result));
            }
            case BROKER -> {
                int id;
                try {
                    id = name.isEmpty() ? -1 : Integer.parseInt(name);
                } catch (NumberFormatException e) {
                    return done(Errors.INVALID_REQUEST, "Broker id must be a number, but it is: " + name);
                }
                if (id != -1 && image.broker(id).isEmpty()) {
                    return done(Errors.INVALID_REQUEST, "There is no broker " + id);
                }
                ApiError fault = brokerChanges(image.brokerConfig(id), changes, result);
                return fault != null || validateOnly ? done(fault) : outcome(store.alterBrokerConfig(id, result));
            }
            default -> {
                return done(Errors.INVALID_REQUEST, "Configuration of " + type + " is not implemented");
            }
        }
    }

    private ApiError topicChanges(TopicImage topic, List<Change> changes, Map<String, String> result) {
        for (Change change : changes) {
            ConfigKey key = TopicKeys.key(change.key());
            if (key == null) {
                return invalid("Unknown topic configuration '" + change.key() + "'");
            }
            ApiError fault =
                    collect(key, change, TopicConfigs.value(key.name(), topic.config(), creation.settings()), result);
            if (fault != null) {
                return fault;
            }
        }
        Map<String, String> after = TopicPlan.changed(topic.config(), result);
        String kind = topic.config().getOrDefault(TopicImage.KIND, "");
        if (!kind.isEmpty() && !kind.equals(after.get(TopicImage.KIND))) {
            return invalid("'" + topic.name() + "' is a " + kind + " and stays one: " + TopicImage.KIND
                    + " cannot be changed");
        }
        int replicas = topic.partitions().isEmpty()
                ? 1
                : topic.partitions().get(0).target().size();
        String fault = TopicConfigs.fault(after, replicas);
        return fault == null ? null : invalid(fault);
    }

    private ApiError brokerChanges(Map<String, String> present, List<Change> changes, Map<String, String> result) {
        for (Change change : changes) {
            ConfigKey key = BrokerKeys.key(change.key());
            if (key == null) {
                return invalid("Unknown broker configuration '" + change.key() + "'");
            }
            if (!key.dynamic()) {
                return invalid("Cannot update " + change.key() + " while the broker runs; set it in its file");
            }
            ApiError fault = collect(key, change, present.get(key.name()), result);
            if (fault != null) {
                return fault;
            }
            String value = result.get(key.name());
            String wrong = value == null ? null : key.fault(value);
            if (wrong != null) {
                return invalid("Invalid value '" + value + "' for configuration " + key.name() + ": " + wrong);
            }
        }
        return null;
    }

    private static ApiError collect(ConfigKey key, Change change, String present, Map<String, String> result) {
        if (result.containsKey(key.name())) {
            return new ApiError(Errors.INVALID_REQUEST, "Configuration " + key.name() + " is named twice");
        }
        if (change.operation() == null) {
            return new ApiError(Errors.INVALID_REQUEST, "Unknown operation for configuration " + key.name());
        }
        if (change.operation() != OpType.DELETE && change.value() == null) {
            return invalid("Null value not supported for : " + change.key());
        }
        switch (change.operation()) {
            case SET -> result.put(key.name(), change.value());
            case DELETE -> result.put(key.name(), null);
            case APPEND, SUBTRACT -> {
                if (key.type() != ConfigKey.Type.LIST) {
                    return invalid(
                            "Can't " + change.operation() + " to key " + key.name() + " because its type is not LIST.");
                }
                List<String> items = new ArrayList<>(items(present));
                if (change.operation() == OpType.SUBTRACT) {
                    items.removeAll(items(change.value()));
                } else {
                    items(change.value()).stream()
                            .filter(item -> !items.contains(item))
                            .forEach(items::add);
                }
                result.put(key.name(), String.join(",", items));
            }
            default -> {
                return invalid("Unknown operation " + change.operation());
            }
        }
        return null;
    }

    private static List<String> items(String list) {
        return list == null || list.isBlank()
                ? List.of()
                : Arrays.stream(list.split(",", -1)).map(String::trim).toList();
    }

    private static CompletionStage<ApiError> outcome(CompletionStage<Void> change) {
        return change.handle((done, failure) -> failure == null ? ApiError.NONE : Failures.of(failure));
    }

    private static CompletionStage<ApiError> done(Errors error, String message) {
        return done(new ApiError(error, message));
    }

    private static CompletionStage<ApiError> done(ApiError fault) {
        return CompletableFuture.completedFuture(fault == null ? ApiError.NONE : fault);
    }

    private static ApiError invalid(String message) {
        return new ApiError(Errors.INVALID_CONFIG, message);
    }
}
