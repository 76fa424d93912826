package io.penstock.broker.wire;

import io.netty.channel.EventLoop;
import io.penstock.broker.metadata.BrokerImage;
import io.penstock.broker.metadata.ClusterImage;
import io.penstock.broker.replication.PeerChannel;
import io.penstock.broker.replication.PeerException;
import io.penstock.broker.security.ClusterKeys;
import io.penstock.protocol.message.PenstockApi;
import io.penstock.protocol.message.PrivateMessage;
import io.penstock.storage.time.Owner;
import java.nio.ByteBuffer;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.function.IntFunction;

/**
 * The connections to other brokers, one for each of them ({@link PeerConnection}). Any thread may call; made and closed
 * by the composition root, before the loops end.
 */
public final class Peers implements PeerChannel {
    private final EventLoops loops;
    private final String clientId;
    private final int frameBytesMax;
    private final ClusterKeys keys;
    private final IntFunction<Optional<BrokerImage>> addresses;
    private final Map<Integer, PeerConnection> connections = new ConcurrentHashMap<>();
    private final List<PeerWatcher> watchers = new CopyOnWriteArrayList<>();
    private volatile boolean closed;
    /** As last told; only who tells of images uses it. */
    private Map<Integer, Long> members = Map.of();

    /**
     * @param frameBytesMax of an answer
     * @param keys by which the brokers of the cluster know each other
     * @param addresses where a broker is now; empty while it is not registered
     */
    public Peers(
            EventLoops loops,
            int brokerId,
            int frameBytesMax,
            ClusterKeys keys,
            IntFunction<Optional<BrokerImage>> addresses) {
        this.loops = loops;
        this.keys = keys;
        this.clientId = "broker-" + brokerId;
        this.frameBytesMax = frameBytesMax;
        this.addresses = addresses;
    }

    @Override
    public void send(
            int brokerId, PenstockApi api, PrivateMessage body, Owner owner, long timeoutNanos, PeerCallback callback) {
        ByteBuffer bytes = ByteBuffer.allocate(body.sizeBytes());
        body.writeTo(bytes);
        PeerConnection connection = closed ? null : connection(brokerId);
        if (connection == null) {
            owner.execute(() -> callback.failed(
                    new PeerException(PeerException.Reason.UNREACHABLE, "this broker is about to stop")));
            return;
        }
        connection.send(new PeerConnection.Outgoing(api, bytes.flip(), owner, timeoutNanos, callback));
    }

    @Override
    public void hold(int brokerId, boolean hold) {
        PeerConnection connection = closed ? null : connection(brokerId);
        if (connection != null) {
            connection.hold(hold);
        }
    }

    private PeerConnection connection(int brokerId) {
        return connections.computeIfAbsent(brokerId, id -> {
            EventLoop loop = ((EventLoopOwner) loops.next()).loop();
            return new PeerConnection(
                    id,
                    loop,
                    loops.owner(loop),
                    loops.clientChannel(),
                    clientId,
                    frameBytesMax,
                    () -> new PeerLogin(keys),
                    addresses,
                    watchers);
        });
    }

    /** To be told of each new image, one after another: connections to brokers that are not registered any more are given up. */
    public void follow(ClusterImage image) {
        Map<Integer, Long> now = new HashMap<>();
        image.brokers().forEach(broker -> now.put(broker.id(), broker.epoch()));
        if (!now.equals(members)) {
            members = now;
            connections.values().forEach(PeerConnection::membersChanged);
        }
    }

    @Override
    public void watch(PeerWatcher watcher) {
        watchers.add(watcher);
    }

    /** What waits for an answer is told that none will come. */
    @Override
    public void close() {
        closed = true;
        connections.values().forEach(PeerConnection::close);
    }
}
