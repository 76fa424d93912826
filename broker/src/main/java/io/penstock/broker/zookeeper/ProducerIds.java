package io.penstock.broker.zookeeper;

import io.penstock.broker.metadata.MetadataException;
import io.penstock.broker.metadata.MetadataException.Reason;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import org.apache.zookeeper.OpResult.GetDataResult;

/** Blocks of producer ids, by compare-and-set on one znode. A block that is lost with its broker is never given again. */
final class ProducerIds {
    private static final long RETRY_MILLIS = 50;

    private final ZooKeeperMetadataStore store;

    ProducerIds(ZooKeeperMetadataStore store) {
        this.store = store;
    }

    void allocate(int count, long deadlineNanos, CompletableFuture<Long> future) {
        if (store.nowNanos() - deadlineNanos > 0) {
            future.completeExceptionally(
                    new MetadataException(Reason.UNAVAILABLE, "ZooKeeper gave no block of producer ids in time"));
            return;
        }
        if (!store.connected()) {
            again(count, deadlineNanos, future);
            return;
        }
        ZooKeeperSession session = store.session();
        ClusterLoader.read(session, List.of(ZNodes.PRODUCER_ID_BLOCK))
                .thenCompose(found -> {
                    GetDataResult node = found.get(ZNodes.PRODUCER_ID_BLOCK);
                    if (node == null) {
                        throw new MalformedZNodeException(ZNodes.PRODUCER_ID_BLOCK, "is missing", null);
                    }
                    long first = ZNodeJson.number(ZNodes.PRODUCER_ID_BLOCK, "next", node.getData());
                    byte[] next = ZNodeJson.number("next", Math.addExact(first, count));
                    return session.change(new Writes()
                                    .set(
                                            ZNodes.PRODUCER_ID_BLOCK,
                                            next,
                                            node.getStat().getVersion()))
                            .thenApply(done -> first);
                })
                .whenComplete((first, failure) -> {
                    if (failure == null) {
                        future.complete(first);
                    } else {
                        again(count, deadlineNanos, future);
                    }
                });
    }

    private void again(int count, long deadlineNanos, CompletableFuture<Long> future) {
        store.after(RETRY_MILLIS, () -> allocate(count, deadlineNanos, future));
    }
}
