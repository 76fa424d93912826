package io.penstock.broker.zookeeper;

import io.penstock.broker.metadata.ClusterImage;
import io.penstock.broker.metadata.Election;
import io.penstock.broker.metadata.PartitionImage;
import io.penstock.broker.metadata.TopicImage;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import org.apache.zookeeper.OpResult.GetDataResult;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * What only the elected controller does: elects leaders when brokers come and go, completes topics that other brokers
 * named, and fulfils wishes for deletion. On the store's thread; every multi checks the controller epoch (invariant 7).
 */
final class Controller {
    private static final Logger LOG = LoggerFactory.getLogger(Controller.class);
    private static final int PARTITIONS_IN_ONE_PASS = 400;

    private final ZooKeeperMetadataStore store;
    private boolean inFlight;

    Controller(ZooKeeperMetadataStore store) {
        this.store = store;
    }

    /** One partition whose state is to be written. */
    private record Decision(TopicImage topic, PartitionImage before, PartitionImage after) {
        String path() {
            return ZNodes.state(topic.name(), before.index());
        }
    }

    /** Looks for what is to be done, and does a part of it; is called again after each new image. */
    void pass(Map<String, UUID> wishes) {
        if (inFlight || store.controllerEpoch() < 0) {
            return;
        }
        for (Map.Entry<String, UUID> wish : wishes.entrySet()) {
            store.fulfil(wish.getKey(), wish.getValue());
        }
        List<Decision> decisions = decide(store.image());
        if (!decisions.isEmpty()) {
            inFlight = true;
            carryOut(decisions, store.session(), store.controllerEpoch(), store.controllerEpochVersion());
        }
    }

    private List<Decision> decide(ClusterImage image) {
        List<Decision> decisions = new ArrayList<>();
        for (TopicImage topic : image.topics()) {
            for (PartitionImage partition : topic.partitions()) {
                PartitionImage elected = Election.settle(image, partition, store.minIsr(topic), false);
                if (elected != partition) {
                    decisions.add(new Decision(topic, partition, elected));
                    if (decisions.size() == PARTITIONS_IN_ONE_PASS) {
                        return decisions;
                    }
                }
            }
        }
        return decisions;
    }

    /** Reads the states' versions first: what a leader wrote meanwhile must not be overwritten (invariant 4). */
    private void carryOut(List<Decision> decisions, ZooKeeperSession session, int epoch, int epochVersion) {
        List<String> paths = new ArrayList<>();
        decisions.forEach(decision -> {
            paths.add(decision.path());
            paths.add(ZNodes.partition(decision.topic.name(), decision.before.index()));
        });
        ClusterLoader.read(session, paths)
                .thenCompose(found -> {
                    Writes writes = new Writes().check(ZNodes.CONTROLLER_EPOCH, epochVersion);
                    decisions.forEach(decision -> write(writes, decision, epoch, found));
                    return session.change(writes.operations(), () -> {});
                })
                .whenComplete((results, failure) -> {
                    inFlight = false;
                    if (failure != null) {
                        LOG.debug("a pass of the controller goes round again: {}", failure.getMessage());
                    }
                    decisions.forEach(decision -> store.reread(decision.topic.name()));
                });
    }

    private static void write(Writes writes, Decision decision, int epoch, Map<String, GetDataResult> found) {
        GetDataResult present = found.get(decision.path());
        byte[] value = ZNodeJson.state(decision.after, epoch);
        if (present == null) {
            String partition = ZNodes.partition(decision.topic.name(), decision.before.index());
            if (!found.containsKey(partition)) {
                writes.create(partition, null);
            }
            writes.create(decision.path(), value);
            return;
        }
        PartitionImage now = ZNodeJson.state(
                decision.path(),
                decision.before.index(),
                decision.before.replicas(),
                present.getData(),
                present.getStat().getVersion());
        if (now.version() == decision.before.version()) {
            writes.set(decision.path(), value, present.getStat().getVersion());
        }
    }
}
