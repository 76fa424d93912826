package io.penstock.broker.request.log;

import io.penstock.broker.request.KafkaHandler;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Supplier;
import org.apache.kafka.common.protocol.ApiMessage;

/**
 * Counts the partitions of a request whose rows are still open, and replies with the whole when there are none. Rows
 * are filled in by the owners of the partitions, the counter makes them visible to the one who replies.
 */
final class Gathering {
    private final KafkaHandler.Call call;
    private final Supplier<ApiMessage> response;
    /** One more than there are rows, for the caller that makes them. */
    private final AtomicInteger open = new AtomicInteger(1);

    Gathering(KafkaHandler.Call call, Supplier<ApiMessage> response) {
        this.call = call;
        this.response = response;
    }

    /** A row is begun. */
    void begin() {
        open.incrementAndGet();
    }

    /** A row, or the making of rows, is done. */
    void done() {
        if (open.decrementAndGet() == 0) {
            call.reply(response.get());
        }
    }
}
