package io.penstock.broker.group;

import io.penstock.broker.partition.Partition;
import java.util.function.Consumer;

/** The port that asks a transaction's coordinator before offsets go into the transaction. */
public interface OffsetsGate {

    /**
     * Lets an append pass, or refuses it; one of the two runs once, on the partition's owner.
     *
     * @param add whether the client leaves it to the broker to add the partition to its transaction
     * @param append must append before it returns
     */
    void pass(
            Partition partition, TransactionMember client, boolean add, Runnable append, Consumer<GroupError> refused);

    /** Whose transaction it is. */
    record TransactionMember(String transactionalId, long producerId, short producerEpoch) {}
}
