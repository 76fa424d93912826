package io.penstock.broker.transaction.peers;

import io.penstock.broker.metadata.ClusterImage;
import io.penstock.broker.metadata.TopicImage;
import io.penstock.broker.replication.PeerChannel;
import io.penstock.broker.replication.PeerException;
import io.penstock.broker.transaction.kafka.MarkerPort;
import io.penstock.broker.transaction.kafka.TransactionPartition;
import io.penstock.protocol.message.MalformedMessageException;
import io.penstock.protocol.message.PenstockApi;
import io.penstock.protocol.message.WriteMarkersRequest;
import io.penstock.protocol.message.WriteMarkersResponse;
import io.penstock.storage.time.Owner;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;
import java.util.function.Supplier;

/**
 * Sends markers to the brokers that lead their partitions, as the newest image has it. What is not known to be written is
 * a failure, after which the coordinator tries again: a marker that is there twice changes nothing. Any thread may call.
 */
public final class ClusterMarkers implements MarkerPort {
    private static final long TIMEOUT_NANOS = TimeUnit.SECONDS.toNanos(10);

    private final int brokerId;
    private final Supplier<ClusterImage> image;
    private final MarkerPort here;
    private final PeerChannel peers;
    private final Owner owner;

    /**
     * @param here for partitions that this broker leads
     * @param owner on which answers come
     */
    public ClusterMarkers(int brokerId, Supplier<ClusterImage> image, MarkerPort here, PeerChannel peers, Owner owner) {
        this.brokerId = brokerId;
        this.image = image;
        this.here = here;
        this.peers = peers;
        this.owner = owner;
    }

    @Override
    public void write(TransactionPartition partition, Marker marker, Consumer<Outcome> done) {
        int leader = image.get()
                .topic(partition.topicId())
                .map(topic -> leader(topic, partition.index()))
                .orElse(brokerId);
        if (leader == brokerId) {
            here.write(partition, marker, done);
        } else if (leader < 0) {
            done.accept(Outcome.FAILED);
        } else {
            peers.send(
                    leader,
                    PenstockApi.WRITE_MARKERS,
                    new WriteMarkersRequest(List.of(message(partition, marker))),
                    owner,
                    TIMEOUT_NANOS,
                    new Answer(done));
        }
    }

    private static int leader(TopicImage topic, int index) {
        return index < topic.partitions().size() ? topic.partitions().get(index).leader() : -1;
    }

    private static WriteMarkersRequest.Marker message(TransactionPartition partition, Marker marker) {
        return new WriteMarkersRequest.Marker(
                partition.topicId(),
                partition.index(),
                marker.producer().producerId(),
                marker.producer().epoch(),
                marker.coordinatorEpoch(),
                marker.commit(),
                (byte) marker.version());
    }

    private record Answer(Consumer<Outcome> done) implements PeerChannel.PeerCallback {
        @Override
        public void replied(PeerChannel.PeerReply reply) {
            Outcome outcome;
            try {
                List<Integer> outcomes =
                        WriteMarkersResponse.read(reply.body(), (short) 0).outcomes();
                outcome = outcomes.size() == 1 ? MarkerOutcomes.of(outcomes.get(0)) : Outcome.FAILED;
            } catch (MalformedMessageException e) {
                outcome = Outcome.FAILED;
            }
            done.accept(outcome);
        }

        @Override
        public void failed(PeerException failure) {
            done.accept(Outcome.FAILED);
        }
    }
}
