package io.penstock.broker.request.topic;

import io.penstock.broker.metadata.ClusterImage;
import io.penstock.broker.metadata.MetadataStore;
import io.penstock.broker.metadata.TopicImage;
import io.penstock.broker.request.KafkaHandler;
import io.penstock.broker.request.topic.ConfigChanges.Change;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import org.apache.kafka.clients.admin.AlterConfigOp.OpType;
import org.apache.kafka.common.config.ConfigResource;
import org.apache.kafka.common.message.AlterConfigsRequestData.AlterConfigsResource;
import org.apache.kafka.common.message.AlterConfigsRequestData.AlterableConfig;
import org.apache.kafka.common.message.AlterConfigsResponseData;
import org.apache.kafka.common.message.AlterConfigsResponseData.AlterConfigsResourceResponse;
import org.apache.kafka.common.protocol.ApiKeys;
import org.apache.kafka.common.requests.AlterConfigsRequest;

/** AlterConfigs, the older request that replaces all settings of a resource; kept for older clients. */
final class AlterConfigsHandler implements KafkaHandler<AlterConfigsRequest> {
    private final MetadataStore store;
    private final ConfigChanges changes;

    AlterConfigsHandler(MetadataStore store, ConfigChanges changes) {
        this.store = store;
        this.changes = changes;
    }

    @Override
    public ApiKeys key() {
        return ApiKeys.ALTER_CONFIGS;
    }

    @Override
    public void handle(Call call, AlterConfigsRequest request) {
        ClusterImage image = store.image();
        List<CompletableFuture<AlterConfigsResourceResponse>> results = new ArrayList<>();
        for (AlterConfigsResource resource : request.data().resources()) {
            ConfigResource.Type type = ConfigResource.Type.forId(resource.resourceType());
            results.add(changes.apply(
                            type,
                            resource.resourceName(),
                            replacing(present(image, type, resource.resourceName()), resource),
                            request.data().validateOnly())
                    .thenApply(error -> new AlterConfigsResourceResponse()
                            .setResourceType(resource.resourceType())
                            .setResourceName(resource.resourceName())
                            .setErrorCode(error.error().code())
                            .setErrorMessage(error.isSuccess() ? null : error.messageWithFallback()))
                    .toCompletableFuture());
        }
        CompletableFuture.allOf(results.toArray(CompletableFuture[]::new))
                .thenRun(() -> {
                    AlterConfigsResponseData response = new AlterConfigsResponseData();
                    results.forEach(result -> response.responses().add(result.join()));
                    call.reply(response);
                })
                .whenComplete((done, failure) -> {
                    if (failure != null) {
                        call.fail(failure);
                    }
                });
    }

    /** What is set and not named goes. A destination's kind stays: older clients do not know of it. */
    private static List<Change> replacing(Map<String, String> present, AlterConfigsResource resource) {
        List<Change> wanted = new ArrayList<>();
        Set<String> named = new HashSet<>();
        for (AlterableConfig config : resource.configs()) {
            wanted.add(new Change(config.name(), OpType.SET, config.value()));
            named.add(config.name());
        }
        for (String key : present.keySet()) {
            if (!named.contains(key) && !key.equals(TopicImage.KIND)) {
                wanted.add(new Change(key, OpType.DELETE, null));
            }
        }
        return wanted;
    }

    private static Map<String, String> present(ClusterImage image, ConfigResource.Type type, String name) {
        return switch (type) {
            case TOPIC -> image.topic(name).map(TopicImage::config).orElse(Map.of());
            case BROKER -> brokerConfig(image, name);
            default -> Map.of();
        };
    }

    private static Map<String, String> brokerConfig(ClusterImage image, String name) {
        try {
            return image.brokerConfig(name.isEmpty() ? -1 : Integer.parseInt(name));
        } catch (NumberFormatException e) {
            // Refused with the right words by the change itself.
            return Map.of();
        }
    }
}
