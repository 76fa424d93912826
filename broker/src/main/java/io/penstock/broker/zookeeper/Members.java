package io.penstock.broker.zookeeper;

import io.penstock.broker.metadata.BrokerImage;
import io.penstock.broker.zookeeper.ZNodeJson.BrokerNode;
import io.penstock.broker.zookeeper.ZNodeJson.ControllerNode;
import java.util.Collection;
import java.util.Map;

/**
 * Who is there, as read from ZooKeeper at one moment.
 *
 * @param controller null while there is none
 * @param ownEpoch of this broker's latest registration, 0 before the first
 * @param ownUncleanEpoch the last of them that may have followed a loss, -1 without one
 * @param ownEpochVersion version of that znode, -1 when there is none
 */
record Members(
        Map<Integer, Broker> brokers,
        Controller controller,
        int controllerEpoch,
        int controllerEpochVersion,
        long ownEpoch,
        long ownUncleanEpoch,
        int ownEpochVersion) {

    /**
     * A live broker, and whose session keeps its znode.
     *
     * @param epochVersion of the persistent node with its epoch, which proves that this life goes on; -1 when the two
     *     were read with a registration between them
     */
    record Broker(BrokerNode node, long session, int version, int epochVersion) {}

    /** The elected one, and whose session keeps its znode. */
    record Controller(ControllerNode node, long session, int version) {}

    Collection<BrokerImage> images() {
        return brokers.values().stream().map(broker -> broker.node().image()).toList();
    }

    /** Version of the node that proves the life with this epoch; -1 when it is not known to go on. */
    int epochVersion(int broker, long epoch) {
        Broker present = brokers.get(broker);
        return present == null || present.node().image().epoch() != epoch ? -1 : present.epochVersion();
    }

    boolean registered(int broker, long session) {
        Broker present = brokers.get(broker);
        return present != null && present.session() == session;
    }

    int controllerId() {
        return controller == null ? -1 : controller.node().broker();
    }

    /** True when the session holds the controller's znode, written with the newest controller epoch. */
    boolean controlledBy(long session) {
        return controller != null
                && controller.session() == session
                && controller.node().epoch() == controllerEpoch;
    }
}
