package io.penstock.broker.transaction.peers;

import io.penstock.broker.metadata.BrokerImage;
import io.penstock.broker.replication.PeerChannel;
import io.penstock.broker.replication.PeerException;
import io.penstock.broker.transaction.kafka.Enrolment;
import io.penstock.broker.transaction.kafka.ProducerIdentity;
import io.penstock.broker.transaction.kafka.TransactionError;
import io.penstock.broker.transaction.kafka.TransactionPartition;
import io.penstock.protocol.message.EnrolRequest;
import io.penstock.protocol.message.EnrolResponse;
import io.penstock.protocol.message.MalformedMessageException;
import io.penstock.protocol.message.PenstockApi;
import io.penstock.storage.time.Owner;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.function.Function;
import java.util.function.Supplier;

/**
 * Asks the coordinator of a transactional id, on whichever broker it is. When it cannot be asked the answer is
 * COORDINATOR_NOT_AVAILABLE, which clients try again. Any thread may call.
 */
public final class ClusterEnrolment implements Enrolment {
    private static final long TIMEOUT_NANOS = TimeUnit.SECONDS.toNanos(5);

    private final int brokerId;
    private final Function<String, CompletableFuture<BrokerImage>> coordinators;
    private final Enrolment here;
    private final PeerChannel peers;
    private final Owner owner;

    /**
     * @param coordinators finds who coordinates an id
     * @param here for ids that this broker coordinates
     * @param owner on which answers of other brokers come
     */
    public ClusterEnrolment(
            int brokerId,
            Function<String, CompletableFuture<BrokerImage>> coordinators,
            Enrolment here,
            PeerChannel peers,
            Owner owner) {
        this.brokerId = brokerId;
        this.coordinators = coordinators;
        this.here = here;
        this.peers = peers;
        this.owner = owner;
    }

    @Override
    public CompletableFuture<TransactionError> add(
            String id, ProducerIdentity client, Set<TransactionPartition> partitions, int version) {
        return ask(
                id,
                () -> here.add(id, client, partitions, version),
                () -> request(id, client, false, version, partitions));
    }

    @Override
    public CompletableFuture<TransactionError> verify(
            String id, ProducerIdentity client, TransactionPartition partition) {
        return ask(id, () -> here.verify(id, client, partition), () -> request(id, client, true, 1, Set.of(partition)));
    }

    private CompletableFuture<TransactionError> ask(
            String id, Supplier<CompletableFuture<TransactionError>> local, Supplier<EnrolRequest> remote) {
        return coordinators
                .apply(id)
                .thenCompose(broker -> broker.id() == brokerId ? local.get() : send(broker.id(), remote.get()))
                .exceptionally(failure -> TransactionError.COORDINATOR_NOT_AVAILABLE);
    }

    private CompletableFuture<TransactionError> send(int broker, EnrolRequest request) {
        CompletableFuture<TransactionError> answer = new CompletableFuture<>();
        peers.send(broker, PenstockApi.ENROL, request, owner, TIMEOUT_NANOS, new PeerChannel.PeerCallback() {
            @Override
            public void replied(PeerChannel.PeerReply reply) {
                try {
                    answer.complete(TransactionError.valueOf(
                            EnrolResponse.read(reply.body(), (short) 0).error()));
                } catch (MalformedMessageException | IllegalArgumentException e) {
                    answer.complete(TransactionError.UNKNOWN_SERVER_ERROR);
                }
            }

            @Override
            public void failed(PeerException failure) {
                answer.complete(TransactionError.COORDINATOR_NOT_AVAILABLE);
            }
        });
        return answer;
    }

    private static EnrolRequest request(
            String id, ProducerIdentity client, boolean verifyOnly, int version, Set<TransactionPartition> partitions) {
        return new EnrolRequest(
                id,
                client.producerId(),
                client.epoch(),
                verifyOnly,
                (byte) version,
                partitions.stream()
                        .map(each -> new EnrolRequest.Place(each.topicId(), each.topic(), each.index()))
                        .toList());
    }
}
