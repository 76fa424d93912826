package io.penstock.broker.zookeeper;

import io.penstock.broker.metadata.BrokerImage;
import io.penstock.broker.metadata.ClusterImage;
import io.penstock.broker.metadata.PartitionImage;
import io.penstock.broker.replication.PeerChannel;
import io.penstock.broker.replication.PeerChannel.PeerCallback;
import io.penstock.broker.replication.PeerChannel.PeerReply;
import io.penstock.broker.replication.PeerException;
import io.penstock.protocol.message.PartitionState;
import io.penstock.protocol.message.PenstockApi;
import io.penstock.protocol.message.UpdatePartitionsRequest;
import io.penstock.storage.time.Owner;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * What the controller tells the other brokers, so that they need not read it from ZooKeeper. A lost call costs them the
 * reading, and nothing else. On the store's thread.
 */
final class ControllerCalls {
    private static final Logger LOG = LoggerFactory.getLogger(ControllerCalls.class);
    private static final int STATES_IN_ONE_CALL = 1_000;
    private static final long TIMEOUT_NANOS = TimeUnit.SECONDS.toNanos(5);

    private final int brokerId;
    private final PeerChannel channel;
    private final Owner thread;

    ControllerCalls(int brokerId, PeerChannel channel, Owner thread) {
        this.brokerId = brokerId;
        this.channel = channel;
        this.thread = thread;
    }

    void tell(ClusterImage image, List<StateUpdate> updates, int controllerEpoch) {
        List<PartitionState> states = new ArrayList<>(updates.size());
        updates.forEach(update -> states.add(message(update)));
        for (BrokerImage broker : image.brokers()) {
            if (broker.id() == brokerId) {
                continue;
            }
            for (int from = 0; from < states.size(); from += STATES_IN_ONE_CALL) {
                List<PartitionState> some = states.subList(from, Math.min(states.size(), from + STATES_IN_ONE_CALL));
                channel.send(
                        broker.id(),
                        PenstockApi.UPDATE_PARTITIONS,
                        new UpdatePartitionsRequest(brokerId, controllerEpoch, broker.epoch(), some),
                        thread,
                        TIMEOUT_NANOS,
                        new Outcome(broker.id()));
            }
        }
    }

    private record Outcome(int broker) implements PeerCallback {
        @Override
        public void replied(PeerReply reply) {
            // Nothing is in it.
        }

        @Override
        public void failed(PeerException failure) {
            LOG.debug("broker {} was not told, and reads it from ZooKeeper: {}", broker, failure.getMessage());
        }
    }

    private static PartitionState message(StateUpdate update) {
        PartitionImage state = update.state();
        List<PartitionState.Stamp> stamps = new ArrayList<>();
        state.stamps().forEach((id, epoch) -> stamps.add(new PartitionState.Stamp(id, epoch)));
        return new PartitionState(
                update.key().topic(),
                update.key().topicId(),
                update.key().index(),
                state.leader(),
                state.leaderEpoch(),
                state.replicas(),
                state.isr(),
                state.eligible(),
                state.version(),
                update.zxid(),
                stamps,
                state.adding(),
                state.removing());
    }

    /** What a controller's call holds. */
    static List<StateUpdate> updates(UpdatePartitionsRequest request) {
        List<StateUpdate> updates = new ArrayList<>(request.partitions().size());
        for (PartitionState state : request.partitions()) {
            Map<Integer, Long> stamps = new HashMap<>();
            state.stamps().forEach(stamp -> stamps.put(stamp.broker(), stamp.epoch()));
            updates.add(new StateUpdate(
                    new PartitionKey(state.topic(), state.topicId(), state.index()),
                    new PartitionImage(
                            state.index(),
                            state.leader(),
                            state.leaderEpoch(),
                            state.replicas(),
                            state.isr(),
                            state.eligible(),
                            state.version(),
                            stamps,
                            state.adding(),
                            state.removing()),
                    state.zxid()));
        }
        return updates;
    }
}
