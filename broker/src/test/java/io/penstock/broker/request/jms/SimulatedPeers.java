package io.penstock.broker.request.jms;

import io.penstock.broker.replication.PeerChannel;
import io.penstock.broker.replication.PeerException;
import io.penstock.protocol.message.PenstockApi;
import io.penstock.protocol.message.PrivateMessage;
import io.penstock.storage.time.Owner;
import java.nio.ByteBuffer;
import java.util.Map;

/** Requests to other brokers of a simulated cluster: each is handed to a {@link Line}. */
final class SimulatedPeers implements PeerChannel {
    private final Map<Integer, Line> lines;

    /** The way to one broker. */
    interface Line {
        void send(PenstockApi api, ByteBuffer body, Owner owner, long timeoutNanos, PeerCallback callback);
    }

    SimulatedPeers(Map<Integer, Line> lines) {
        this.lines = lines;
    }

    @Override
    public void send(
            int brokerId, PenstockApi api, PrivateMessage body, Owner owner, long timeoutNanos, PeerCallback callback) {
        Line line = lines.get(brokerId);
        if (line == null) {
            owner.execute(() -> callback.failed(
                    new PeerException(PeerException.Reason.UNREACHABLE, "there is no broker " + brokerId)));
            return;
        }
        ByteBuffer bytes = ByteBuffer.allocate(body.sizeBytes());
        body.writeTo(bytes);
        line.send(api, bytes.flip(), owner, timeoutNanos, callback);
    }

    @Override
    public void hold(int brokerId, boolean hold) {
        // The simulation makes no connections.
    }

    @Override
    public void watch(PeerWatcher watcher) {
        // Nothing is noticed of connections that are not there.
    }

    @Override
    public void close() {
        // Nothing is held.
    }
}
