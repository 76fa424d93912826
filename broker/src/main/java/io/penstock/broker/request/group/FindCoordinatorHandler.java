package io.penstock.broker.request.group;

import io.penstock.broker.group.CoordinatorAddress;
import io.penstock.broker.group.GroupCoordinator;
import io.penstock.broker.group.GroupError;
import io.penstock.broker.request.KafkaHandler;
import io.penstock.broker.transaction.kafka.TransactionCoordinator;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import org.apache.kafka.common.message.FindCoordinatorRequestData;
import org.apache.kafka.common.message.FindCoordinatorResponseData;
import org.apache.kafka.common.message.FindCoordinatorResponseData.Coordinator;
import org.apache.kafka.common.protocol.ApiKeys;
import org.apache.kafka.common.protocol.Errors;
import org.apache.kafka.common.requests.FindCoordinatorRequest;
import org.apache.kafka.common.requests.FindCoordinatorRequest.CoordinatorType;

/**
 * FindCoordinator: groups and transactional ids are looked up. Coordinators of share state are refused by name, with an
 * error that clients do not retry.
 */
final class FindCoordinatorHandler implements KafkaHandler<FindCoordinatorRequest> {
    private static final int BATCHED = 4;

    private final GroupCoordinator coordinator;
    private final TransactionCoordinator transactions;

    FindCoordinatorHandler(GroupCoordinator coordinator, TransactionCoordinator transactions) {
        this.coordinator = coordinator;
        this.transactions = transactions;
    }

    @Override
    public ApiKeys key() {
        return ApiKeys.FIND_COORDINATOR;
    }

    @Override
    public void handle(Call call, FindCoordinatorRequest request) {
        FindCoordinatorRequestData data = request.data();
        List<String> keys = call.version() >= BATCHED ? data.coordinatorKeys() : List.of(data.key());
        List<CompletableFuture<Coordinator>> found = new ArrayList<>(keys.size());
        for (String key : keys) {
            found.add(find(data.keyType(), key));
        }
        CompletableFuture.allOf(found.toArray(CompletableFuture[]::new)).thenRun(() -> {
            List<Coordinator> all = found.stream().map(CompletableFuture::join).toList();
            call.reply(call.version() >= BATCHED ? batched(all) : single(all.get(0)));
        });
    }

    private CompletableFuture<Coordinator> find(byte type, String key) {
        if (type == CoordinatorType.TRANSACTION.id()) {
            return transactions
                    .find(key)
                    .thenApply(broker ->
                            new CoordinatorAddress(GroupError.NONE, broker.id(), broker.host(), broker.port()))
                    .thenApply(address -> answer(key, address))
                    .exceptionally(failure ->
                            refused(key, Errors.COORDINATOR_NOT_AVAILABLE, Errors.COORDINATOR_NOT_AVAILABLE.message()));
        }
        if (type != CoordinatorType.GROUP.id()) {
            return CompletableFuture.completedFuture(
                    refused(key, Errors.INVALID_REQUEST, "This broker has no coordinator of key type " + type));
        }
        return coordinator.find(key).thenApply(address -> answer(key, address));
    }

    private static Coordinator refused(String key, Errors error, String message) {
        return new Coordinator()
                .setKey(key)
                .setErrorCode(error.code())
                .setErrorMessage(message)
                .setNodeId(-1)
                .setHost("")
                .setPort(-1);
    }

    private static Coordinator answer(String key, CoordinatorAddress address) {
        Errors error = GroupErrors.of(address.error());
        return new Coordinator()
                .setKey(key)
                .setErrorCode(error.code())
                .setErrorMessage(error.message())
                .setNodeId(address.brokerId())
                .setHost(address.host())
                .setPort(address.port());
    }

    private static FindCoordinatorResponseData batched(List<Coordinator> all) {
        return new FindCoordinatorResponseData().setCoordinators(all);
    }

    private static FindCoordinatorResponseData single(Coordinator one) {
        return new FindCoordinatorResponseData()
                .setErrorCode(one.errorCode())
                .setErrorMessage(one.errorMessage())
                .setNodeId(one.nodeId())
                .setHost(one.host())
                .setPort(one.port());
    }
}
