package io.penstock.broker.request.topic;

import io.penstock.broker.request.KafkaHandler;
import io.penstock.broker.request.topic.ConfigChanges.Change;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import org.apache.kafka.clients.admin.AlterConfigOp.OpType;
import org.apache.kafka.common.config.ConfigResource;
import org.apache.kafka.common.message.IncrementalAlterConfigsRequestData.AlterConfigsResource;
import org.apache.kafka.common.message.IncrementalAlterConfigsResponseData;
import org.apache.kafka.common.message.IncrementalAlterConfigsResponseData.AlterConfigsResourceResponse;
import org.apache.kafka.common.protocol.ApiKeys;
import org.apache.kafka.common.requests.IncrementalAlterConfigsRequest;

/** IncrementalAlterConfigs of topics and brokers: set, delete, append, subtract. */
final class IncrementalAlterConfigsHandler implements KafkaHandler<IncrementalAlterConfigsRequest> {
    private final ConfigChanges changes;

    IncrementalAlterConfigsHandler(ConfigChanges changes) {
        this.changes = changes;
    }

    @Override
    public ApiKeys key() {
        return ApiKeys.INCREMENTAL_ALTER_CONFIGS;
    }

    @Override
    public void handle(Call call, IncrementalAlterConfigsRequest request) {
        List<CompletableFuture<AlterConfigsResourceResponse>> results = new ArrayList<>();
        for (AlterConfigsResource resource : request.data().resources()) {
            List<Change> wanted = resource.configs().stream()
                    .map(config -> new Change(config.name(), OpType.forId(config.configOperation()), config.value()))
                    .toList();
            results.add(changes.apply(
                            ConfigResource.Type.forId(resource.resourceType()),
                            resource.resourceName(),
                            wanted,
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
                    IncrementalAlterConfigsResponseData response = new IncrementalAlterConfigsResponseData();
                    results.forEach(result -> response.responses().add(result.join()));
                    call.reply(response);
                })
                .whenComplete((done, failure) -> {
                    if (failure != null) {
                        call.fail(failure);
                    }
                });
    }
}
