package io.penstock.broker.transaction.kafka;

import io.penstock.broker.partition.Partition;
import io.penstock.broker.partition.PartitionTransactions.Verification;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.function.Consumer;

/**
 * Where transactional batches enter a partition: those of a transaction that is there already pass at once, others after
 * their coordinator has confirmed, or noted, that the partition is in the transaction (KIP-890, invariant 15). Called on
 * partitions' owners; no state of its own.
 */
public final class TransactionGate {
    private static final int VERIFICATIONS_MAX = 4;

    private final Enrolment coordinator;

    public TransactionGate(Enrolment coordinator) {
        this.coordinator = coordinator;
    }

    /**
     * Lets an append pass, or refuses it; one of the two runs once, on the partition's owner.
     *
     * @param add whether the client leaves it to the broker to add the partition (version 2 of the protocol)
     * @param append must append before it returns
     */
    public void pass(
            Partition partition,
            String transactionalId,
            ProducerIdentity client,
            boolean add,
            Runnable append,
            Consumer<TransactionError> refused) {
        pass(partition, transactionalId, client, add, append, refused, VERIFICATIONS_MAX);
    }

    private void pass(
            Partition partition,
            String transactionalId,
            ProducerIdentity client,
            boolean add,
            Runnable append,
            Consumer<TransactionError> refused,
            int verificationsLeft) {
        if (partition.transactions().includes(client.producerId(), client.epoch())) {
            append.run();
            return;
        }
        Verification verification = partition.transactions().verify(client.producerId());
        TransactionPartition which =
                new TransactionPartition(partition.topicId(), partition.topicName(), partition.index());
        CompletableFuture<TransactionError> answer = add
                ? coordinator.add(transactionalId, client, Set.of(which), Transaction.WITH_EPOCH_BUMP)
                : coordinator.verify(transactionalId, client, which);
        answer.thenAccept(error -> partition.owner().run(() -> {
            if (verification.finish(error == TransactionError.NONE ? append : null)) {
                return;
            }
            if (error != TransactionError.NONE) {
                refused.accept(error);
            } else if (verificationsLeft > 1) {
                // A marker came meanwhile: of the producer's transaction before this one, whose end is told before its
                // markers are written, or of this one, and then the coordinator refuses now.
                pass(partition, transactionalId, client, add, append, refused, verificationsLeft - 1);
            } else {
                refused.accept(TransactionError.INVALID_TXN_STATE);
            }
        }));
    }
}
