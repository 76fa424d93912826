package io.penstock.broker.zookeeper;

import io.penstock.broker.metadata.MetadataException;
import io.penstock.broker.metadata.MetadataException.Reason;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import org.apache.zookeeper.OpResult.GetDataResult;

/** The secret that the brokers of a cluster share: that of the broker that came first. */
final class ClusterSecret {
    private static final long RETRY_MILLIS = 50;

    private final ZooKeeperMetadataStore store;

    ClusterSecret(ZooKeeperMetadataStore store) {
        this.store = store;
    }

    void share(byte[] proposed, long deadlineNanos, CompletableFuture<byte[]> future) {
        if (store.nowNanos() - deadlineNanos > 0) {
            future.completeExceptionally(
                    new MetadataException(Reason.UNAVAILABLE, "ZooKeeper did not give the cluster's secret in time"));
            return;
        }
        if (!store.connected()) {
            again(proposed, deadlineNanos, future);
            return;
        }
        ZooKeeperSession session = store.session();
        ClusterLoader.read(session, List.of(ZNodes.RESUME_KEY))
                .thenCompose(found -> {
                    GetDataResult node = found.get(ZNodes.RESUME_KEY);
                    return node != null
                            ? CompletableFuture.completedFuture(node.getData())
                            : session.change(Writes.none().create(ZNodes.RESUME_KEY, proposed))
                                    .thenApply(done -> proposed);
                })
                .whenComplete((secret, failure) -> {
                    if (failure == null) {
                        future.complete(secret);
                    } else {
                        again(proposed, deadlineNanos, future); // Another may have made it meanwhile.
                    }
                });
    }

    private void again(byte[] proposed, long deadlineNanos, CompletableFuture<byte[]> future) {
        store.after(RETRY_MILLIS, () -> share(proposed, deadlineNanos, future));
    }
}
