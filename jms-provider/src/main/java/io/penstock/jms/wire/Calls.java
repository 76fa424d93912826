package io.penstock.jms.wire;

import io.penstock.jms.transport.FrameBody;
import io.penstock.jms.transport.Transport;
import io.penstock.protocol.message.MalformedMessageException;
import io.penstock.protocol.message.PenstockApi;
import io.penstock.protocol.message.PrivateMessage;
import java.nio.ByteBuffer;
import java.util.concurrent.CompletableFuture;

/** Requests of the private protocol over a transport. */
final class Calls {

    /** Reads a reply. */
    interface Reader<T> {
        T read(ByteBuffer body, short version);
    }

    private static final short VERSION = 0;

    private Calls() {}

    /** @param what for the text of the exception that the future fails with */
    static <T> CompletableFuture<T> call(
            Transport transport, PenstockApi api, PrivateMessage request, Reader<T> reader, String what) {
        return reply(transport.request(api.key(), VERSION, body(request)), reader, what);
    }

    static <T> CompletableFuture<T> reply(CompletableFuture<ByteBuffer> raw, Reader<T> reader, String what) {
        CompletableFuture<T> result = new CompletableFuture<>();
        raw.whenComplete((body, failure) -> {
            if (failure != null) {
                result.completeExceptionally(ErrorTable.translate(failure, what));
                return;
            }
            try {
                result.complete(reader.read(body, VERSION));
            } catch (MalformedMessageException e) {
                result.completeExceptionally(ErrorTable.translate(e, what));
            }
        });
        return result;
    }

    static <T> T nothing(ByteBuffer body, short version) {
        return null;
    }

    static FrameBody body(PrivateMessage message) {
        return new MessageBody(message);
    }

    private record MessageBody(PrivateMessage message) implements FrameBody {
        @Override
        public int sizeBytes() {
            return message.sizeBytes();
        }

        @Override
        public void writeTo(ByteBuffer dst) {
            message.writeTo(dst);
        }
    }
}
