package io.penstock.broker.request.replica;

import io.penstock.broker.replication.FetchAnswer;
import io.penstock.broker.replication.FetchReply;
import io.penstock.broker.replication.ReplicaKeeper;
import io.penstock.broker.request.ClientConnection;
import io.penstock.broker.request.PeerHandler;
import io.penstock.broker.request.PeerRight;
import io.penstock.protocol.message.PenstockApi;
import io.penstock.protocol.message.PenstockError;
import io.penstock.protocol.message.ReplicaFetchRequest;
import java.io.IOException;
import java.nio.ByteBuffer;

/** A follower's fetch: its session lives as long as the connection by which it began. Event loops call. */
public final class ReplicaFetchHandler extends PeerHandler {
    private final ReplicaKeeper keeper;

    public ReplicaFetchHandler(ReplicaKeeper keeper, PeerRight right) {
        super(PenstockApi.REPLICA_FETCH, right);
        this.keeper = keeper;
    }

    @Override
    protected void serve(Call call, ByteBuffer body) {
        ReplicaFetchRequest request = ReplicaFetchRequest.read(body, call.version());
        ClientConnection connection = call.connection();
        keeper.fetch(request, connection, connection.loop(), new FetchReply() {
            @Override
            public void answer(FetchAnswer answer) {
                call.reply(new Frame(answer));
            }

            @Override
            public void fail(PenstockError error, String message) {
                call.fail(error, message);
            }
        });
        if (request.sessionId() == 0) {
            connection.onClose(() -> keeper.disconnected(request.brokerId(), connection));
        }
    }

    private record Frame(FetchAnswer answer) implements ClientConnection.OutgoingFrame {
        @Override
        public int sizeBytes() {
            return answer.sizeBytes();
        }

        @Override
        public void writeTo(ByteBuffer dst) throws IOException {
            answer.writeTo(dst);
        }

        @Override
        public void release() {
            answer.release();
        }
    }
}
