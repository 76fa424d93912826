package io.penstock.broker.simulation;

import io.penstock.broker.request.ClientConnection.OutgoingFrame;
import io.penstock.protocol.message.PenstockApi;
import io.penstock.protocol.message.PenstockError;
import io.penstock.protocol.message.PrivateMessage;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import org.apache.kafka.common.protocol.ApiKeys;
import org.apache.kafka.common.protocol.ApiMessage;
import org.apache.kafka.common.protocol.ByteBufferAccessor;
import org.apache.kafka.common.protocol.ObjectSerializationCache;

/** What travels over simulated connections: the bodies are bytes as on a real wire, the headers are left out. */
final class Frames {

    record PrivateAsk(int correlation, PenstockApi api, ByteBuffer body) {}

    /** @param body null unless the error is NONE */
    record PrivateAnswer(int correlation, PenstockError error, String message, ByteBuffer body) {}

    record Push(ByteBuffer frame) {}

    record KafkaAsk(int correlation, ApiKeys key, short version, ByteBuffer body) {}

    record KafkaAnswer(int correlation, ApiMessage response) {}

    private Frames() {}

    static ByteBuffer bytes(PrivateMessage message) {
        ByteBuffer bytes = ByteBuffer.allocate(message.sizeBytes());
        message.writeTo(bytes);
        return bytes.flip();
    }

    static ByteBuffer bytes(ApiMessage message, short version) {
        ObjectSerializationCache cache = new ObjectSerializationCache();
        ByteBuffer bytes = ByteBuffer.allocate(message.size(cache, version));
        message.write(new ByteBufferAccessor(bytes), cache, version);
        return bytes.flip();
    }

    static ByteBuffer bytes(OutgoingFrame frame) {
        ByteBuffer bytes = ByteBuffer.allocate(frame.sizeBytes());
        try {
            frame.writeTo(bytes);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        if (bytes.hasRemaining()) {
            throw new AssertionError(bytes.remaining() + " bytes less than the frame said");
        }
        return bytes.flip();
    }
}
