package io.penstock.broker.request.transaction;

import io.penstock.broker.request.KafkaHandler;
import io.penstock.broker.transaction.kafka.TransactionCoordinator;
import io.penstock.broker.transaction.kafka.TransactionDescription;
import io.penstock.broker.transaction.kafka.TransactionPhase;
import io.penstock.storage.time.Clock;
import java.util.Arrays;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.stream.Collectors;
import org.apache.kafka.common.message.ListTransactionsRequestData;
import org.apache.kafka.common.message.ListTransactionsResponseData;
import org.apache.kafka.common.message.ListTransactionsResponseData.TransactionState;
import org.apache.kafka.common.protocol.ApiKeys;
import org.apache.kafka.common.protocol.Errors;
import org.apache.kafka.common.requests.ListTransactionsRequest;

/**
 * ListTransactions: those that this broker coordinates, by state, producer and age if asked. Version 2, which adds a
 * regular expression, is not listed: a client's expression must not keep an event loop busy.
 */
final class ListTransactionsHandler implements KafkaHandler<ListTransactionsRequest> {
    private static final Set<String> STATES = Arrays.stream(TransactionPhase.values())
            .map(TransactionPhase::displayName)
            .collect(Collectors.toUnmodifiableSet());

    private final TransactionCoordinator coordinator;
    private final Clock clock;

    ListTransactionsHandler(TransactionCoordinator coordinator, Clock clock) {
        this.coordinator = coordinator;
        this.clock = clock;
    }

    @Override
    public ApiKeys key() {
        return ApiKeys.LIST_TRANSACTIONS;
    }

    @Override
    public short highestVersion() {
        return 1;
    }

    @Override
    public void handle(Call call, ListTransactionsRequest request) {
        coordinator.list().thenAccept(listed -> {
            if (listed.isPresent()) {
                call.reply(answer(request.data(), listed.get()));
            } else {
                call.reply(new ListTransactionsResponseData().setErrorCode(Errors.COORDINATOR_LOAD_IN_PROGRESS.code()));
            }
        });
    }

    private ListTransactionsResponseData answer(ListTransactionsRequestData asked, List<TransactionDescription> all) {
        ListTransactionsResponseData response = new ListTransactionsResponseData();
        Set<String> states = new HashSet<>(asked.stateFilters());
        Set<Long> producers = new HashSet<>(asked.producerIdFilters());
        states.stream().filter(state -> !STATES.contains(state)).forEach(response.unknownStateFilters()::add);
        states.retainAll(STATES);
        boolean anyState = asked.stateFilters().isEmpty();
        long now = clock.millis();
        for (TransactionDescription each : all) {
            boolean wanted = (anyState || states.contains(each.phase().displayName()))
                    && (producers.isEmpty()
                            || producers.contains(each.producer().producerId()))
                    && (asked.durationFilter() < 0
                            || each.startMillis() >= 0 && now - each.startMillis() > asked.durationFilter());
            if (wanted) {
                response.transactionStates()
                        .add(new TransactionState()
                                .setTransactionalId(each.id())
                                .setProducerId(each.producer().producerId())
                                .setTransactionState(each.phase().displayName()));
            }
        }
        return response;
    }
}
