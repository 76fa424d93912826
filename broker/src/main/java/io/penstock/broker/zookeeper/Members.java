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
 * @param ownEpochVersion version of that znode, -1 when there is none
 */
record Members(
        Map<Integer, Broker> brokers,
        Controller controller,
        int controllerEpoch,
        int controllerEpochVersion,
        long ownEpoch,
        int ownEpochVersion) {

    /** A live broker, and whose session keeps its znode. */
    record Broker(BrokerNode node, long session, int version) {}

    /** The elected one, and whose session keeps its znode. */
    record Controller(ControllerNode node, long session, int version) {}

    Collection<BrokerImage> images() {
        return brokers.values().stream().map(broker -> broker.node().image()).toList();
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
