package io.penstock.broker.request.log;

import io.penstock.broker.request.ClientConnection;
import io.penstock.broker.request.KafkaHandler;
import java.util.function.BooleanSupplier;
import org.apache.kafka.common.protocol.ApiMessage;
import org.apache.kafka.common.requests.RequestHeader;

/**
 * A Produce with acks 0: nothing is sent back. When it failed the connection is closed, as at Kafka, since that is the
 * only way to make the producer look for what is wrong.
 */
record Unanswered(KafkaHandler.Call call, BooleanSupplier failed) implements KafkaHandler.Call {

    @Override
    public ClientConnection connection() {
        return call.connection();
    }

    @Override
    public RequestHeader header() {
        return call.header();
    }

    @Override
    public void retain() {
        call.retain();
    }

    @Override
    public void reply(ApiMessage response) {
        call.replyNothing();
        if (failed.getAsBoolean()) {
            call.connection().close("a produce request with acks=0 failed: " + response);
        }
    }

    @Override
    public void fail(Throwable error) {
        call.replyNothing();
        call.connection().close("a produce request with acks=0 failed: " + error);
    }

    @Override
    public void replyNothing() {
        call.replyNothing();
    }
}
