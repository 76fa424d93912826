package io.penstock.broker.wire;

import io.penstock.broker.request.ApiVersionsHandler;
import io.penstock.broker.request.HandlerRegistry;
import java.nio.ByteBuffer;
import org.apache.kafka.common.protocol.ApiKeys;
import org.apache.kafka.common.protocol.Errors;
import org.apache.kafka.common.requests.RequestHeader;

/**
 * KIP-511: a client that begins with a newer ApiVersions than we have gets an answer of version 0 that names ours, and
 * begins again. Stateless.
 */
final class UnsupportedApiVersions {
    private UnsupportedApiVersions() {}

    static void answer(Connection connection, KafkaCall.Frame frame, ByteBuffer bytes, HandlerRegistry handlers) {
        int correlationId = bytes.getInt(bytes.position() + 2 * Short.BYTES);
        RequestHeader header = new RequestHeader(ApiKeys.API_VERSIONS, (short) 0, "", correlationId);
        KafkaCall call = new KafkaCall(connection, header, null, frame);
        connection.enqueue(call);
        call.reply(ApiVersionsHandler.describe(handlers).setErrorCode(Errors.UNSUPPORTED_VERSION.code()));
    }
}
