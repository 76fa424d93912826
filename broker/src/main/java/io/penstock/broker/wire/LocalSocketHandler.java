package io.penstock.broker.wire;

import io.penstock.broker.request.ClientConnection.OutgoingFrame;
import io.penstock.broker.request.PrivateHandler;
import io.penstock.protocol.message.LocalSocketRequest;
import io.penstock.protocol.message.LocalSocketResponse;
import io.penstock.protocol.message.PenstockApi;
import io.penstock.protocol.message.PenstockError;
import java.net.InetSocketAddress;
import java.net.SocketAddress;
import java.nio.ByteBuffer;
import java.nio.file.Path;

/**
 * Tells clients of this host where the broker's socket file is. Not listed, and not there, where the broker has none.
 * Needs no right: who may not enter the file's directory cannot connect. Stateless; event loops.
 */
final class LocalSocketHandler implements PrivateHandler {
    private final Path file;

    LocalSocketHandler(Path file) {
        this.file = file;
    }

    @Override
    public PenstockApi api() {
        return PenstockApi.LOCAL_SOCKET;
    }

    @Override
    public void handle(Call call, ByteBuffer body) {
        LocalSocketRequest.read(body, call.version());
        Connection connection = (Connection) call.connection();
        SocketAddress client = connection.remoteAddress();
        SocketAddress broker = connection.localAddress();
        if (client instanceof InetSocketAddress from && broker instanceof InetSocketAddress to) {
            boolean sameHost = from.getAddress().isLoopbackAddress();
            call.reply(
                    new Body(new LocalSocketResponse(sameHost ? file.toString() : null, to.getPort(), from.getPort())));
        } else {
            call.fail(PenstockError.INVALID_REQUEST, "this connection is of the local socket already");
        }
    }

    private record Body(LocalSocketResponse message) implements OutgoingFrame {
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
