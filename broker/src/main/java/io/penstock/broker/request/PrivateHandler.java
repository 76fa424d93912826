package io.penstock.broker.request;

import io.penstock.protocol.message.PenstockApi;
import io.penstock.protocol.message.PenstockError;
import java.nio.ByteBuffer;

/** Serves private api keys (docs/private-protocol.md). Called on the connection's event loop; must not block. */
public interface PrivateHandler {

    PenstockApi api();

    /** Whether ApiVersions lists it now. */
    default boolean listed() {
        return true;
    }

    /** @param body slice of the frame, valid until this returns unless {@link Call#retain} is called */
    void handle(Call call, ByteBuffer body) throws Exception;

    /** One private request in progress; replies may come in any order and from any thread. */
    interface Call {
        ClientConnection connection();

        short version();

        int correlationId();

        void retain();

        /** Nobody waits for what this request does; said by its handler before it returns. */
        default void unhurried() {}

        /** Success; {@code body} may be null for an empty one. */
        void reply(ClientConnection.OutgoingFrame body);

        void fail(PenstockError error, String message);

        /** Ends a one-way request: nothing is sent. */
        void done();
    }
}
