package io.penstock.broker.zookeeper;

import io.penstock.broker.metadata.BrokerImage;
import io.penstock.broker.replication.PeerChannel;
import java.util.HashMap;
import java.util.HashSet;
import java.util.Map;
import java.util.Set;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Notices the death of another broker's process long before its session expires: a connection to it stood and is gone,
 * and where it listened nobody listens any more. Then its registration, and its office if it was the controller, are
 * deleted by a multi that checks the persistent node of its broker epoch, so that a life that began meanwhile is not
 * touched. The controller does that for every broker, the others for the controller. Who is wrong does no harm beyond
 * a needless election: the broker sees that it is not registered any more, and registers again. On the store's thread.
 */
final class Deaths implements PeerChannel.PeerWatcher {
    private static final Logger LOG = LoggerFactory.getLogger(Deaths.class);

    private final ZooKeeperMetadataStore store;
    private final int brokerId;
    private final PeerChannel channel;
    private final Set<Integer> held = new HashSet<>();
    /** Broker epochs with which a connection stood: without one, nobody listening says nothing of a death. */
    private final Map<Integer, Long> stood = new HashMap<>();
    /** Broker epochs whose death was shown. */
    private final Map<Integer, Long> dead = new HashMap<>();

    Deaths(ZooKeeperMetadataStore store, int brokerId, PeerChannel channel) {
        this.store = store;
        this.brokerId = brokerId;
        this.channel = channel;
    }

    @Override
    public void connected(BrokerImage peer) {
        store.execute(() -> stood.put(peer.id(), peer.epoch()));
    }

    @Override
    public void refused(BrokerImage peer) {
        store.execute(() -> {
            if (stood.getOrDefault(peer.id(), -1L) == peer.epoch()) {
                dead.put(peer.id(), peer.epoch());
                bury();
            }
        });
    }

    /** After each reading of the members: connections stand to whom this broker has to watch. */
    void follow(Members members) {
        Set<Integer> watched = new HashSet<>();
        boolean controls = store.controllerEpoch() >= 0;
        for (int id : members.brokers().keySet()) {
            if (id != brokerId && (controls || id == members.controllerId())) {
                watched.add(id);
            }
        }
        for (int id : watched) {
            if (held.add(id)) {
                channel.hold(id, true);
            }
        }
        held.removeIf(id -> {
            if (!watched.contains(id)) {
                channel.hold(id, false);
                return true;
            }
            return false;
        });
        stood.keySet().retainAll(members.brokers().keySet());
        dead.keySet().retainAll(members.brokers().keySet());
        bury();
    }

    private void bury() {
        Members members = store.members();
        if (dead.isEmpty() || members == null || !store.connected()) {
            return;
        }
        dead.forEach((id, epoch) -> {
            int proof = members.epochVersion(id, epoch);
            boolean controller = members.controllerId() == id;
            if (proof < 0 || !controller && store.controllerEpoch() < 0) {
                return;
            }
            Writes writes = new Writes()
                    .check(ZNodes.brokerEpoch(id), proof)
                    .check(ZNodes.CONTROLLER_EPOCH, members.controllerEpochVersion())
                    .delete(ZNodes.broker(id), -1);
            if (controller) {
                writes.delete(ZNodes.CONTROLLER, -1);
            }
            LOG.warn("the process of broker {} is dead: nobody listens where it did; its registration is removed", id);
            store.session().change(writes).whenComplete((results, failure) -> {
                if (failure != null) {
                    LOG.debug("the registration of broker {} was not removed: {}", id, failure.getMessage());
                }
                store.rereadMembers();
            });
        });
        dead.clear();
    }
}
