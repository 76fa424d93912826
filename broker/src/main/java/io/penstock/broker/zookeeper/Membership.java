package io.penstock.broker.zookeeper;

import io.penstock.broker.metadata.BrokerImage;
import io.penstock.broker.metadata.MetadataException;
import io.penstock.broker.metadata.MetadataException.Reason;
import io.penstock.broker.metadata.PartitionImage;
import java.util.concurrent.CompletableFuture;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * This broker's registration, and its part in the controller's election. On the store's thread. Called after each
 * reading of {@link Members}, it writes what is missing, in one multi, and has them read again; so it converges
 * whatever happens between, and a new session registers as the first one did.
 *
 * <p>A broker that was killed finds its own ephemeral nodes still there, kept by a session that nobody uses any more:
 * they carry the instance id of the log directories, which only one process can use, so that it may delete them and
 * needs not wait for their session to expire.
 */
final class Membership {
    private static final Logger LOG = LoggerFactory.getLogger(Membership.class);

    private final ZooKeeperMetadataStore store;
    private final int brokerId;
    private final String instance;
    private final CompletableFuture<Void> registered = new CompletableFuture<>();
    private BrokerImage broker;
    /** Broker epoch of this process's first registration; -1 before it. */
    private long startEpoch = -1;

    private boolean inFlight;

    Membership(ZooKeeperMetadataStore store, int brokerId, String instance) {
        this.store = store;
        this.brokerId = brokerId;
        this.instance = instance;
    }

    CompletableFuture<Void> register(BrokerImage wanted) {
        if (wanted.id() != brokerId) {
            throw new IllegalArgumentException("this store is broker " + brokerId + "'s, not " + wanted.id() + "'s");
        }
        broker = wanted;
        return registered;
    }

    /** From now on the registration says that this broker is about to stop. */
    void leave() {
        if (broker != null) {
            broker = broker.withLeaving(true);
        }
    }

    /** What a state says of this broker's leadership holds only if it was elected in this life of its process. */
    PartitionImage seenFromHere(PartitionImage partition) {
        boolean earlier = partition.leader() == brokerId
                && partition.replicated()
                && (startEpoch < 0 || partition.stamps().getOrDefault(brokerId, Long.MAX_VALUE) < startEpoch);
        return earlier ? partition.withoutLeader() : partition;
    }

    /** False while a registration that was asked for is missing. */
    boolean present(Members members, ZooKeeperSession session) {
        return broker == null || members.registered(brokerId, session.id());
    }

    /** Writes what {@code members} lacks of us. */
    void ensure(Members members, ZooKeeperSession session) {
        if (broker == null || inFlight) {
            return;
        }
        Members.Broker present = members.brokers().get(brokerId);
        boolean here = members.registered(brokerId, session.id());
        if (here) {
            boolean begins = startEpoch < 0;
            startEpoch = present.node().image().startEpoch();
            if (begins) {
                store.showLeaderships(startEpoch);
            }
        }
        boolean tellLeaving =
                here && broker.leaving() && !present.node().image().leaving();
        if (here && !tellLeaving && members.controller() != null && !staleController(members, session)) {
            registered.complete(null);
            return;
        }
        Writes writes = new Writes();
        if (!here) {
            if (present != null && !present.node().instance().equals(instance)) {
                refuse(present, session);
                return;
            }
            registration(writes, members, present);
        }
        boolean vacant = members.controller() == null || staleController(members, session);
        // Who is about to stop takes no office, unless nobody else is there.
        if (vacant && (!broker.leaving() || members.brokers().size() <= 1)) {
            election(writes, members);
        }
        if (tellLeaving) {
            writes.check(ZNodes.brokerEpoch(brokerId), members.ownEpochVersion());
            writes.set(
                    ZNodes.broker(brokerId),
                    ZNodeJson.broker(present.node().image().withLeaving(true), instance),
                    present.version());
        }
        if (writes.isEmpty()) {
            return;
        }
        inFlight = true;
        session.change(writes).whenComplete((results, failure) -> {
            inFlight = false;
            if (failure == null) {
                LOG.info(
                        "broker {} is {} with ZooKeeper, session 0x{}",
                        brokerId,
                        here ? "the controller" : "registered",
                        Long.toHexString(session.id()));
            } else {
                LOG.debug("registration of broker {} goes round again: {}", brokerId, failure.getMessage());
            }
            store.rereadMembers();
        });
    }

    private void registration(Writes writes, Members members, Members.Broker present) {
        if (present != null) {
            writes.delete(ZNodes.broker(brokerId), present.version());
        }
        long epoch = members.ownEpoch() + 1;
        BrokerImage image = broker.registered(epoch, startEpoch < 0, startEpoch, members.ownUncleanEpoch());
        byte[] epochNode = ZNodeJson.brokerEpoch(epoch, image.uncleanEpoch(), instance);
        if (members.ownEpochVersion() < 0) {
            writes.create(ZNodes.brokerEpoch(brokerId), epochNode);
        } else {
            writes.set(ZNodes.brokerEpoch(brokerId), epochNode, members.ownEpochVersion());
        }
        writes.createEphemeral(ZNodes.broker(brokerId), ZNodeJson.broker(image, instance));
    }

    private void election(Writes writes, Members members) {
        if (members.controller() != null) {
            writes.delete(ZNodes.CONTROLLER, members.controller().version());
        }
        int epoch = members.controllerEpoch() + 1;
        writes.createEphemeral(ZNodes.CONTROLLER, ZNodeJson.controller(brokerId, epoch, instance));
        writes.set(ZNodes.CONTROLLER_EPOCH, ZNodeJson.number("epoch", epoch), members.controllerEpochVersion());
    }

    /** Elected in an earlier life or session of ours. */
    private boolean staleController(Members members, ZooKeeperSession session) {
        return members.controller().node().instance().equals(instance)
                && members.controller().session() != session.id();
    }

    private void refuse(Members.Broker present, ZooKeeperSession session) {
        BrokerImage other = present.node().image();
        String text = "broker.id=" + brokerId + " is registered by another broker, at " + other.host() + ":"
                + other.port() + ", with other log directories. Give each broker an id of its own; if that one is"
                + " dead, its registration ends within " + session.timeoutMillis() + " ms.";
        if (!registered.completeExceptionally(new MetadataException(Reason.DUPLICATE_BROKER, text))) {
            LOG.error("lost the registration: {}", text);
        }
    }
}
