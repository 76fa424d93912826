package io.penstock.broker.request.log;

import io.penstock.broker.metadata.MetadataStore;
import io.penstock.broker.request.KafkaHandler;
import java.util.ArrayDeque;
import java.util.Queue;
import org.apache.kafka.common.message.InitProducerIdResponseData;
import org.apache.kafka.common.protocol.ApiKeys;
import org.apache.kafka.common.protocol.Errors;
import org.apache.kafka.common.requests.InitProducerIdRequest;

/**
 * InitProducerId for idempotent producers: ids come from blocks that the authority gives to nobody else. A
 * transactional id is refused with the one error that every client, Java's and librdkafka's, takes as final at once.
 */
final class InitProducerIdHandler implements KafkaHandler<InitProducerIdRequest> {
    private static final int BLOCK_IDS = 1000;
    /** Requests that wait for a block; more are told to come again. */
    private static final int WAITING_MAX = 10_000;

    private final MetadataStore store;
    private final Object lock = new Object();
    /** Guarded by {@link #lock}, for connections of all loops come here. */
    private final Queue<Call> waiting = new ArrayDeque<>();

    private long next;
    private long end;
    private boolean asked;

    InitProducerIdHandler(MetadataStore store) {
        this.store = store;
    }

    @Override
    public ApiKeys key() {
        return ApiKeys.INIT_PRODUCER_ID;
    }

    @Override
    public void handle(Call call, InitProducerIdRequest request) {
        if (request.data().transactionalId() != null) {
            call.reply(refusal(Errors.TRANSACTIONAL_ID_AUTHORIZATION_FAILED));
            return;
        }
        long id;
        boolean ask = false;
        synchronized (lock) {
            if (next < end) {
                id = next++;
            } else if (waiting.size() >= WAITING_MAX) {
                id = -2;
            } else {
                id = -1;
                waiting.add(call);
                ask = !asked;
                asked = true;
            }
        }
        if (id >= 0) {
            call.reply(given(id));
        } else if (id == -2) {
            call.reply(refusal(Errors.COORDINATOR_LOAD_IN_PROGRESS));
        } else if (ask) {
            ask();
        }
    }

    private void ask() {
        store.allocateProducerIds(BLOCK_IDS).whenComplete((first, failure) -> {
            if (failure != null) {
                refuseWaiting();
            } else {
                serve(first);
            }
        });
    }

    private void serve(long first) {
        boolean more;
        Queue<Runnable> replies = new ArrayDeque<>();
        synchronized (lock) {
            next = first;
            end = first + BLOCK_IDS;
            while (next < end && !waiting.isEmpty()) {
                Call call = waiting.poll();
                long id = next++;
                replies.add(() -> call.reply(given(id)));
            }
            more = !waiting.isEmpty();
            asked = more;
        }
        replies.forEach(Runnable::run);
        if (more) {
            ask();
        }
    }

    private void refuseWaiting() {
        Queue<Call> refused;
        synchronized (lock) {
            refused = new ArrayDeque<>(waiting);
            waiting.clear();
            asked = false;
        }
        // Retriable: the client asks again.
        refused.forEach(call -> call.reply(refusal(Errors.COORDINATOR_LOAD_IN_PROGRESS)));
    }

    private static InitProducerIdResponseData given(long id) {
        return new InitProducerIdResponseData().setProducerId(id).setProducerEpoch((short) 0);
    }

    private static InitProducerIdResponseData refusal(Errors error) {
        return new InitProducerIdResponseData()
                .setErrorCode(error.code())
                .setProducerId(-1)
                .setProducerEpoch((short) -1);
    }
}
