package io.penstock.broker.zookeeper;

import io.penstock.broker.metadata.BrokerImage;
import io.penstock.broker.metadata.MetadataException;
import io.penstock.broker.metadata.MetadataException.Reason;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import org.apache.zookeeper.OpResult.GetDataResult;

/**
 * Which connection uses a client id, in the whole cluster (JMS-RULES 13): an ephemeral node of its broker for each. One that a
 * broker which is gone, or an earlier life of it, has left is taken over, and so is one of the same connection, which comes
 * by another broker now. On the store's thread.
 */
final class ClientIds {
    private static final long RETRY_MILLIS = 20;

    private final ZooKeeperMetadataStore store;
    private final int brokerId;

    ClientIds(ZooKeeperMetadataStore store, int brokerId) {
        this.store = store;
        this.brokerId = brokerId;
    }

    /** Tells whether the connection has the id now; false when another one has it. */
    void claim(String clientId, long connection, long deadlineNanos, CompletableFuture<Boolean> future) {
        BrokerImage self = store.image().broker(brokerId).orElse(null);
        if (store.nowNanos() - deadlineNanos > 0) {
            future.completeExceptionally(new MetadataException(
                    Reason.UNAVAILABLE, "ZooKeeper did not tell in time whether client id " + clientId + " is in use"));
            return;
        }
        if (!store.ready() || self == null) {
            again(clientId, connection, deadlineNanos, future);
            return;
        }
        String path = ZNodes.clientId(clientId);
        ZooKeeperSession session = store.session();
        ClusterLoader.read(session, List.of(path))
                .thenCompose(found -> {
                    GetDataResult node = found.get(path);
                    if (node == null) {
                        return create(session, Writes.none(), path, self, connection);
                    }
                    ZNodeJson.ClientNode holder = ZNodeJson.client(path, node.getData());
                    boolean same = holder.connection() == connection;
                    if (same && node.getStat().getEphemeralOwner() == session.id()) {
                        return CompletableFuture.completedFuture(true);
                    }
                    return same || !lives(holder)
                            ? create(
                                    session,
                                    Writes.none().delete(path, node.getStat().getVersion()),
                                    path,
                                    self,
                                    connection)
                            : CompletableFuture.completedFuture(false);
                })
                .whenComplete((claimed, failure) -> {
                    if (failure == null) {
                        future.complete(claimed);
                    } else {
                        // Another was faster, or it is the first client id of all.
                        session.change(Writes.none().create(ZNodes.CLIENTS, new byte[0]))
                                .whenComplete((made, there) -> again(clientId, connection, deadlineNanos, future));
                    }
                });
    }

    private static CompletableFuture<Boolean> create(
            ZooKeeperSession session, Writes before, String path, BrokerImage self, long connection) {
        return session.change(before.createEphemeral(path, ZNodeJson.client(self.id(), self.startEpoch(), connection)))
                .thenApply(done -> true);
    }

    private boolean lives(ZNodeJson.ClientNode holder) {
        return store.image()
                .broker(holder.broker())
                .filter(broker -> broker.startEpoch() == holder.startEpoch())
                .isPresent();
    }

    /** The connection is over. Another's claim is left alone. */
    void release(String clientId, long connection, long deadlineNanos) {
        if (store.nowNanos() - deadlineNanos > 0) {
            return; // The node goes with the session, or has gone.
        }
        Runnable again = () -> store.after(RETRY_MILLIS, () -> release(clientId, connection, deadlineNanos));
        if (!store.connected()) {
            again.run(); // The session may outlive the interruption, and the node with it.
            return;
        }
        String path = ZNodes.clientId(clientId);
        ZooKeeperSession session = store.session();
        ClusterLoader.read(session, List.of(path))
                .thenCompose(found -> {
                    GetDataResult node = found.get(path);
                    return node != null
                                    && node.getStat().getEphemeralOwner() == session.id()
                                    && ZNodeJson.client(path, node.getData()).connection() == connection
                            ? session.change(Writes.none()
                                            .delete(path, node.getStat().getVersion()))
                                    .thenApply(done -> true)
                            : CompletableFuture.completedFuture(true);
                })
                .whenComplete((done, failure) -> {
                    if (failure != null) {
                        again.run();
                    }
                });
    }

    private void again(String clientId, long connection, long deadlineNanos, CompletableFuture<Boolean> future) {
        store.after(RETRY_MILLIS, () -> claim(clientId, connection, deadlineNanos, future));
    }
}
