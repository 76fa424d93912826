package io.penstock.broker.request.group;

import io.penstock.broker.group.GroupCoordinator;
import io.penstock.broker.group.GroupError;
import io.penstock.broker.request.KafkaHandler;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import org.apache.kafka.common.message.DeleteGroupsResponseData;
import org.apache.kafka.common.message.DeleteGroupsResponseData.DeletableGroupResult;
import org.apache.kafka.common.protocol.ApiKeys;
import org.apache.kafka.common.requests.DeleteGroupsRequest;

/** DeleteGroups: empty groups go, with their offsets. */
final class DeleteGroupsHandler implements KafkaHandler<DeleteGroupsRequest> {
    private final GroupCoordinator coordinator;

    DeleteGroupsHandler(GroupCoordinator coordinator) {
        this.coordinator = coordinator;
    }

    @Override
    public ApiKeys key() {
        return ApiKeys.DELETE_GROUPS;
    }

    @Override
    public void handle(Call call, DeleteGroupsRequest request) {
        Map<String, CompletableFuture<GroupError>> results = new LinkedHashMap<>();
        request.data().groupsNames().forEach(name -> results.computeIfAbsent(name, coordinator::delete));
        CompletableFuture.allOf(results.values().toArray(CompletableFuture[]::new))
                .thenRun(() -> {
                    DeleteGroupsResponseData response = new DeleteGroupsResponseData();
                    results.forEach((name, result) -> response.results()
                            .add(new DeletableGroupResult()
                                    .setGroupId(name)
                                    .setErrorCode(GroupErrors.code(result.join()))));
                    call.reply(response);
                });
    }
}
